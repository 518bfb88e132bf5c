import { Alert, Button, Checkbox, Input, Select } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import type { Person } from "../../api/client";
import { openRecord, takeStep, type Kind, type RecordRow } from "../../api/procedures";
import { useReferenceSearch } from "../../api/references";
import type { Nameable } from "../../api/requests";
import { Problem } from "../../api/client";
import { RefName } from "../../shared/form/RefLink";
import { useProblemText } from "../../shared/States";
import { CameraChoice } from "./CameraChoice";
import { optionsIn, useChoices } from "./codes";
import { OfficerChoice, type Named } from "./OfficerChoice";
import { PresenceStrip } from "./PresenceStrip";
import { fromSecond } from "./seconds";

interface Draft {
  title: string;
  keeper: string | null;
  number: string;
  purpose: string | null;
  reason: string;
  power: string;
  destination: string;
  verbs: string[];
  begin: string;
  end: string;
  is_urgent: boolean;
}

const EMPTY: Draft = { title: "", keeper: null, number: "", purpose: null, reason: "", power: "", destination: "", verbs: ["view"], begin: "", end: "", is_urgent: false };

/** A new request: what for, by which power, which cameras, exactly which seconds, who comes. */
export function NewRequestPage({ kind, person }: { kind: Kind; person: Person }): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const explain = useProblemText();
  const [draft, setDraft] = useState(EMPTY);
  const [cameras, setCameras] = useState<Nameable[]>([]);
  const [officers, setOfficers] = useState<Named[]>([{ person: person.id, name: person.name, card: null }]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (change: Partial<Draft>): void => setDraft((old) => ({ ...old, ...change }));
  const [begin, end] = [fromSecond(draft.begin), fromSecond(draft.end)];
  const isInterval = begin !== null && end !== null && Date.parse(begin) < Date.parse(end);
  const isWhole = draft.title.trim() !== "" && draft.keeper !== null && isInterval;

  const send = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const record = await openRecord(kind, { ...draft, begin, end, cameras: cameras.map(({ id }) => id) });
      await named(kind, record, officers);
      void navigate(`/procedures/${kind.path}/${record.id}`);
    } catch (why) {
      setError(why);
      setBusy(false);
    }
  };

  const { title, hint } = explain(error);
  const fields = error instanceof Problem ? error.fields : [];
  return (
    <form
      className="page requests"
      data-testid="new-request"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <header className="page-head">
        <h1>{t("requests.new")}</h1>
      </header>
      <p className="fine">{t("requests.newHint")}</p>
      <section className="card-plain request-form" aria-labelledby="what-for">
        <h2 id="what-for">{t("requests.whatFor")}</h2>
        <Words draft={draft} set={set} kind={kind} />
      </section>
      <section className="card-plain" aria-labelledby="scope">
        <h2 id="scope">{t("requests.scope")}</h2>
        <CameraChoice chosen={cameras} choose={setCameras} />
        <PresenceStrip cameras={cameras} begin={draft.begin} end={draft.end} choose={(change) => set(change)} />
      </section>
      <section className="card-plain" aria-labelledby="who">
        <h2 id="who">{t("requests.whoComes")}</h2>
        <OfficerChoice kind={kind} officers={officers} choose={setOfficers} />
      </section>
      {error !== null && <Alert type="error" showIcon title={title} description={fields.length > 0 ? fields.map(({ field, detail }) => `${field}: ${detail}`).join("; ") : hint} />}
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={busy} disabled={!isWhole}>
          {t("requests.draft")}
        </Button>
      </div>
    </form>
  );
}

/** Each officer is named with their certificate; the record's version grows by one each time. */
async function named(kind: Kind, record: RecordRow, officers: readonly Named[]): Promise<void> {
  let version = record.version;
  for (const { person, card } of officers) version = (await takeStep(kind, record.id, "name_officer", version, { person, card })).version;
}

function Words({ draft, set, kind }: { draft: Draft; set: (change: Partial<Draft>) => void; kind: Kind }): JSX.Element {
  const { t } = useTranslation();
  const purposes = useChoices(optionsIn(kind.data, "purpose"));
  const verbs = useChoices(optionsIn(kind.data, "verbs"));
  const line = (name: "title" | "number" | "power" | "destination" | "reason", label: string) => (
    <label className="request-field">
      <span className="form-label">{label}</span>
      <Input maxLength={200} value={draft[name]} onChange={(event) => set({ [name]: event.target.value })} />
    </label>
  );
  return (
    <>
      {line("title", t("requests.subject"))}
      {line("number", t("requests.case"))}
      <div className="request-field">
        <span className="form-label" id="keeper">
          {t("requests.keeper")}
        </span>
        <Keeper value={draft.keeper} choose={(keeper) => set({ keeper })} />
      </div>
      <div className="request-field">
        <span className="form-label">{t("requests.purpose")}</span>
        <Select aria-label={t("requests.purpose")} value={draft.purpose} options={purposes} onChange={(purpose: string) => set({ purpose })} />
      </div>
      {line("power", t("requests.power"))}
      {line("destination", t("requests.destination"))}
      {line("reason", t("requests.reasonOf"))}
      <fieldset className="request-set">
        <legend>{t("requests.rights")}</legend>
        <Checkbox.Group value={draft.verbs} onChange={(to) => set({ verbs: to })} options={verbs} />
        <Checkbox checked={draft.is_urgent} onChange={(event) => set({ is_urgent: event.target.checked })}>
          {t("requests.urgentHint")}
        </Checkbox>
      </fieldset>
    </>
  );
}

function Keeper({ value, choose }: { value: string | null; choose: (id: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const found = useReferenceSearch("organisation", typed.trim(), true).data ?? [];
  return (
    <Select
      aria-label={t("requests.keeper")}
      value={value}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      options={found.map(({ id, name, note }) => ({ value: id, label: note === "" ? name : `${name} · ${note}` }))}
      labelRender={({ value: id }) => <RefName to="organisation" id={String(id)} />}
      onChange={choose}
    />
  );
}
