import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { Alert, Button, Input, Radio } from "antd";
import { useId, useRef, useState, type FormEvent, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useGrantsFor, type Grant } from "../../api/access";
import { takeCopy, type CopyForm as Form, type CopyWish, type Taken } from "../../api/copies";
import { CopyFault } from "../../shared/copies/CopyFault";
import { CopyFiles } from "../../shared/copies/CopyFiles";
import { Making } from "../../shared/copies/Making";
import { Interval } from "../../shared/Interval";
import { Failed } from "../../shared/States";
import { useSaid } from "../../shared/tongue";
import { durationText } from "../../shared/time";
import { CopyGaps } from "./CopyGaps";
import type { CopyAsked } from "./copying";
import { faultOf, FORMS, parseTyped, suggested, typedText } from "./copyInterval";

/** Interval, form and purpose; below them what is missing there, and the files once they are made. */
export function CopyForm({ asked, camera }: { asked: CopyAsked; camera: string }): JSX.Element {
  const { t } = useTranslation();
  const [first] = useState(() => suggested(asked.range, asked.momentMs, Date.now()));
  const [start, setStart] = useState(() => typedText(first.startMs));
  const [end, setEnd] = useState(() => typedText(first.endMs));
  const [form, setForm] = useState<Form>("download");
  const grants = useGrantsFor(camera);
  const [chosen, choose] = useState<string | null>(null);
  const { made, make, fail, forget } = useMade(camera);
  const [startMs, endMs] = [parseTyped(start), parseTyped(end)];
  const interval = startMs === null || endMs === null ? null : { startMs, endMs };
  const fault = interval === null ? null : faultOf(interval, form, Date.now());
  const grant = grants.data?.find(({ id }) => id === chosen) ?? coveringOf(grants.data ?? [], interval);
  const ranged = asked.range.startMs !== null || asked.range.endMs !== null;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (interval === null || fault !== null || grant === null) return;
    make({ ...interval, grant, form });
  };
  /** What was made is of the interval and the form as they were. */
  const changing = <T,>(set: (value: T) => void) => (value: T): void => {
    set(value);
    forget();
  };
  return (
    <form className="copy-form" noValidate onSubmit={submit} data-testid="copy-form">
      <div className="pair">
        <Edge label={t("copies.start")} text={start} ms={startMs} focused={!ranged} onText={changing(setStart)} />
        <Edge label={t("copies.end")} text={end} ms={endMs} focused={false} onText={changing(setEnd)} />
      </div>
      {interval !== null && fault !== "order" && (
        <p className="fine digits">{t("copies.length", { duration: durationText(interval.endMs - interval.startMs) })}</p>
      )}
      <Forms value={form} onChange={changing(setForm)} />
      {fault !== null && <Wrong text={t(`copies.faults.${fault}`)} />}
      <Grants found={grants} chosen={grant} focused={ranged} choose={changing(choose)} />
      {interval !== null && fault === null && <CopyGaps camera={camera} interval={interval} />}
      <div className="copy-ask">
        <Button type={made.kind === "files" ? "default" : "primary"} htmlType="submit" disabled={grant === null} loading={made.kind === "busy"}>
          {t("copies.ask")}
        </Button>
        <span className="fine">{t("copies.journalled")}</span>
      </div>
      {made.kind === "busy" && made.share !== null && <Making share={made.share} />}
      {made.kind === "failed" && <CopyFault error={made.error} />}
      {made.kind === "files" && <CopyFiles {...made.taken} onFault={fail} />}
    </form>
  );
}

/** `share`: how much of a masked copy is made; null while that is not known. */
type Made = { kind: "nothing" } | { kind: "busy"; share: number | null } | { kind: "failed"; error: unknown } | { kind: "files"; taken: Taken };
const NOTHING: Made = { kind: "nothing" };

function useMade(camera: string): { made: Made; make: (wish: CopyWish) => void; fail: (error: unknown) => void; forget: () => void } {
  const [made, setMade] = useState<Made>(NOTHING);
  const queries = useQueryClient();
  const turn = useRef(0); // an answer to what is no longer asked is not shown
  const forget = (): void => {
    turn.current++;
    setMade(NOTHING);
  };
  const fail = (error: unknown): void => setMade({ kind: "failed", error });
  const make = (wish: CopyWish): void => {
    const mine = ++turn.current;
    const busy = (share: number | null): void => {
      if (mine === turn.current) setMade({ kind: "busy", share });
    };
    busy(null);
    const taking = takeCopy(camera, wish, busy).finally(() => queries.invalidateQueries({ queryKey: ["grants"] })); // it is used up
    taking.then(
      (taken) => mine === turn.current && setMade({ kind: "files", taken }),
      (error: unknown) => mine === turn.current && fail(error),
    );
  };
  return { made, make, fail, forget };
}

interface EdgeProps {
  label: string;
  text: string;
  /** What the text means; null if nothing. */
  ms: number | null;
  focused: boolean;
  onText: (text: string) => void;
}

/** One end of the interval, typed in civil time, with UTC below. */
function Edge({ label, text, ms, focused, onText }: EdgeProps): JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const bad = ms === null;
  return (
    <div className="copy-field">
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        className="digits"
        autoFocus={focused}
        value={text}
        maxLength={40}
        status={bad ? "error" : ""}
        aria-invalid={bad}
        aria-describedby={`${id}-said`}
        onChange={(event) => onText(event.target.value)}
      />
      <span id={`${id}-said`} className={bad ? "tone-bad" : "fine digits"} role={bad ? "alert" : undefined}>
        {bad ? t("copies.timeBad") : t("copies.utc", { time: new Date(ms).toISOString().slice(0, -1).replace("T", " ") })}
      </span>
    </div>
  );
}

function Forms({ value, onChange }: { value: Form; onChange: (form: Form) => void }): JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="copy-field">
      <span id={id}>{t("copies.form")}</span>
      <Radio.Group className="copy-forms" aria-labelledby={id} value={value} onChange={(event) => onChange(event.target.value as Form)}>
        {FORMS.map((form) => (
          <Radio key={form} value={form}>
            {t(`copies.forms.${form}.name`)}
            <span className="fine">{t(`copies.forms.${form}.text`)}</span>
          </Radio>
        ))}
      </Radio.Group>
    </div>
  );
}

/** The first that has the whole interval, else the first. */
function coveringOf(grants: Grant[], interval: { startMs: number; endMs: number } | null): Grant | null {
  const whole = grants.find(({ begin, end }) => interval !== null && Date.parse(begin) <= interval.startMs && interval.endMs <= Date.parse(end));
  return whole ?? grants[0] ?? null;
}

type GrantsProps = { found: UseQueryResult<Grant[]>; chosen: Grant | null; focused: boolean; choose: (id: string) => void };

/** By which grant (art. 22): it says the purpose, where the copy goes, and of which interval it may be. */
function Grants({ found, chosen, focused, choose }: GrantsProps): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const id = useId();
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (found.data?.length === 0) {
    const toRequests = <Link to="/procedures/access-requests">{t("copies.toRequests")}</Link>;
    return <Alert type="info" role="note" showIcon data-testid="copy-no-grant" title={t("copies.noGrant")} description={toRequests} />;
  }
  return (
    <div className="copy-field">
      <span id={id}>{t("copies.grant")}</span>
      <Radio.Group className="copy-forms" aria-labelledby={id} value={chosen?.id} onChange={(event) => choose(event.target.value as string)}>
        {found.data?.map((grant) => (
          <Radio key={grant.id} value={grant.id} autoFocus={focused && grant.id === chosen?.id}>
            {grant.number} · {said(grant.purpose.words)} · {grant.destination}
            <span className="fine"><Interval start={grant.begin} end={grant.end} /></span>
          </Radio>
        ))}
      </Radio.Group>
    </div>
  );
}

function Wrong({ text }: { text: string }): JSX.Element {
  return (
    <span className="tone-bad" role="alert">
      {text}
    </span>
  );
}
