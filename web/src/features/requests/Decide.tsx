import { Alert, Button, Checkbox, Input, Radio } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Kind, WholeRecord } from "../../api/procedures";
import { dataOf } from "../../api/requests";
import { RefName } from "../../shared/form/RefLink";
import { Refusals } from "../../shared/office/Refusals";
import { Problem } from "../../api/client";
import { useProblemText } from "../../shared/States";
import { DAY } from "../../shared/time";
import { moveForm, optionsIn, useChoices } from "./codes";
import type { Take } from "./DecisionPage";
import { fromSecond, toSecond } from "./seconds";

const WAYS = ["grant", "send_back", "refuse"] as const;
type Way = (typeof WAYS)[number];
interface Props {
  kind: Kind;
  whole: WholeRecord;
  take: Take;
}

/** The decision: grant it, or less of it; return it; refuse it by items of the article. */
export function Decide({ kind, whole, take }: Props): JSX.Element {
  const { t } = useTranslation();
  const step = (name: string) => whole.steps.find((one) => one.name === name);
  const isReady = step("grant")?.missing.length === 0;
  const [way, setWay] = useState<Way>(isReady ? "grant" : "send_back");
  const form = { grant: Grant, send_back: SendBack, refuse: Refuse }[way];
  const Form = form;
  return (
    <section className="card-plain request-decide" aria-labelledby="decide" data-testid="decide">
      <h2 id="decide">{t("requests.decide")}</h2>
      <Radio.Group aria-labelledby="decide" value={way} onChange={(event) => setWay(event.target.value as Way)} options={WAYS.map((value) => ({ value, label: t(`requests.ways.${value}`) }))} />
      <Form kind={kind} whole={whole} take={take} />
    </section>
  );
}

/** A form that takes one step, and says what refused it. */
function useTaking(take: Take, step: string): { busy: boolean; fault: JSX.Element | null; send: (wish: object) => void } {
  const explain = useProblemText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = (wish: object): void => {
    setBusy(true);
    setError(null);
    take(step, wish).catch((why: unknown) => {
      setError(why);
      setBusy(false);
    });
  };
  const { title, hint } = explain(error);
  const refusals = error instanceof Problem ? error.refusals : [];
  const fault = error === null ? null : <Alert type="error" showIcon title={title} description={refusals.length > 0 ? <Refusals refusals={[...refusals]} said /> : hint} />;
  return { busy, fault, send };
}

function Grant({ kind, whole, take }: Props): JSX.Element {
  const { t } = useTranslation();
  const data = dataOf(whole);
  const { busy, fault, send } = useTaking(take, "grant");
  const [given, setGiven] = useState({ expires: toSecond(new Date(Date.now() + 3 * DAY).toISOString()), cameras: data.cameras, begin: toSecond(data.begin), end: toSecond(data.end), verbs: data.verbs, has_whole_edges: false });
  const verbs = useChoices(optionsIn(kind.data, "verbs")).filter(({ value }) => data.verbs.includes(value));
  const [begin, end, expires] = [fromSecond(given.begin), fromSecond(given.end), fromSecond(given.expires)];
  const isWhole = begin !== null && end !== null && expires !== null && given.cameras.length > 0 && given.verbs.length > 0;
  const instant = (name: "expires" | "begin" | "end", label: string) => (
    <label className="request-field">
      <span className="form-label">{label}</span>
      <Input type="datetime-local" step={1} suffix="+08:00" value={given[name]} onChange={(event) => setGiven({ ...given, [name]: event.target.value })} />
    </label>
  );
  return (
    <>
      <p className="fine">{t("requests.narrowHint")}</p>
      {instant("expires", t("requests.expires"))}
      <fieldset className="request-set">
        <legend>{t("requests.footage")}</legend>
        {instant("begin", t("requests.from"))}
        {instant("end", t("requests.until"))}
      </fieldset>
      <fieldset className="request-set">
        <legend>{t("requests.cameras", { n: given.cameras.length })}</legend>
        <Checkbox.Group value={given.cameras} onChange={(to) => setGiven({ ...given, cameras: to })} options={data.cameras.map((id) => ({ value: id, label: <RefName to="camera" id={id} /> }))} />
      </fieldset>
      <fieldset className="request-set">
        <legend>{t("requests.rights")}</legend>
        <Checkbox.Group value={given.verbs} onChange={(to) => setGiven({ ...given, verbs: to })} options={verbs} />
      </fieldset>
      <Checkbox checked={given.has_whole_edges} onChange={(event) => setGiven({ ...given, has_whole_edges: event.target.checked })}>
        {t("requests.wholeEdges")}
      </Checkbox>
      {fault}
      <Button type="primary" loading={busy} disabled={!isWhole} onClick={() => send({ ...given, begin, end, expires })}>
        {t("requests.ways.grant")}
      </Button>
    </>
  );
}

function SendBack({ take }: Props): JSX.Element {
  const { t } = useTranslation();
  const { busy, fault, send } = useTaking(take, "send_back");
  const [missing, setMissing] = useState("");
  return (
    <>
      <label className="request-field">
        <span className="form-label">{t("requests.whatIsMissing")}</span>
        <Input.TextArea rows={4} maxLength={4000} value={missing} onChange={(event) => setMissing(event.target.value)} />
      </label>
      {fault}
      <Button type="primary" loading={busy} disabled={missing.trim() === ""} onClick={() => send({ missing: missing.trim() })}>
        {t("requests.ways.send_back")}
      </Button>
    </>
  );
}

/** By items that are chosen; with none, by everything that was found missing. */
function Refuse({ kind, whole, take }: Props): JSX.Element {
  const { t } = useTranslation();
  const { busy, fault, send } = useTaking(take, "refuse");
  const [items, setItems] = useState<string[]>([]);
  const [reason, setReason] = useState("");
  const choices = useChoices(optionsIn(moveForm(kind, "refuse"), "items"));
  const missing = whole.steps.find(({ name }) => name === "grant")?.missing ?? [];
  const isAutomatic = items.length === 0;
  return (
    <>
      <fieldset className="request-set request-items">
        <legend>{t("requests.items")}</legend>
        <Checkbox.Group value={items} onChange={setItems} options={choices} />
      </fieldset>
      {isAutomatic && <p className="fine">{missing.length > 0 ? t("requests.automatic", { n: missing.length }) : t("requests.nothingFound")}</p>}
      <label className="request-field">
        <span className="form-label">{t(isAutomatic ? "requests.reasonOptional" : "requests.reason")}</span>
        <Input.TextArea rows={3} maxLength={4000} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      {fault}
      <Button danger loading={busy} disabled={isAutomatic ? missing.length === 0 : reason.trim() === ""} onClick={() => send({ items, reason: reason.trim() })}>
        {t("requests.ways.refuse")}
      </Button>
    </>
  );
}
