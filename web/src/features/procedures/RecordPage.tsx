import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { lazy, Suspense, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { useRecord, type Kind, type Subjects, type WholeRecord } from "../../api/procedures";
import { RefLink, RefName } from "../../shared/form/RefLink";
import { Moment } from "../../shared/Interval";
import { LawLink } from "../../shared/LawLink";
import { OwedCard, RecordsAbout } from "../../shared/office/About";
import { useDivisionName } from "../../shared/office/divisions";
import { RecordHeader } from "../../shared/office/RecordHeader";
import { StateTag } from "../../shared/office/states";
import { Failed, Loading } from "../../shared/States";
import { useTitled } from "../../shared/tongue";
import { DataView } from "./DataView";
import { HistoryView } from "./HistoryView";
import { LifeCycle } from "./LifeCycle";
import type { PageProps } from "./ProcedurePages";
import { Steps } from "./Steps";

const StepForm = lazy(() => import("./StepForm"));

/** One record: where it stands, what comes next and what is missing, what is owed, what it holds, what happened. */
export function RecordPage({ kind, person }: PageProps): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useParams()["record"] ?? "";
  const record = useRecord(kind, id);
  const [taken, setTaken] = useState<string | null>(null);
  if (record.data === undefined) return record.isError ? <Failed error={record.error} retry={() => void record.refetch()} /> : <Loading />;
  const whole = record.data;
  const move = kind.moves.find(({ name }) => name === taken);

  const done = async (): Promise<void> => {
    setTaken(null);
    void message.success(t("procedures.done"));
    await Promise.all([
      record.refetch(),
      client.invalidateQueries({ queryKey: ["records", kind.path] }),
      client.invalidateQueries({ queryKey: ["duties"] }),
      client.invalidateQueries({ queryKey: ["reference", `record:${kind.name}`, id] }),
    ]);
  };

  return (
    <div className="page record" data-testid="record" data-version={whole.version}>
      <Head kind={kind} whole={whole} />
      <LifeCycle kind={kind} whole={whole} />
      <div className="record-columns">
        <div className="record-main">
          <Steps kind={kind} whole={whole} take={setTaken} />
          <OwedCard duties={whole.duties} />
          <RecordsAbout person={person} subjects={subjectsOf(kind, whole)} />
          <section className="card-plain" aria-labelledby="record-data">
            <h2 id="record-data">{t("procedures.data")}</h2>
            <DataView schema={kind.data} data={whole.data} />
          </section>
        </div>
        <HistoryView kind={kind} history={whole.history} />
      </div>
      <Suspense>
        {move !== undefined && (
          <StepForm key={move.name} kind={kind} move={move} whole={whole} person={person} close={() => setTaken(null)} done={() => void done()} reload={() => record.refetch().then(({ data }) => data)} />
        )}
      </Suspense>
    </div>
  );
}

function Head({ kind, whole }: { kind: Kind; whole: WholeRecord }): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const divisionName = useDivisionName();
  const facts: [string, JSX.Element | string][] = [
    [t("procedures.division"), divisionName(whole.division)],
    [t("procedures.owner"), whole.organisation === null ? t("procedures.nobody") : <RefName to="organisation" id={whole.organisation} />],
    [t("procedures.opened"), <Moment at={whole.opened_at} />],
    [t("procedures.changed"), <Moment at={whole.changed_at} />],
    [t("procedures.ground"), <LawLink article={kind.article} />],
  ];
  if (whole.subject !== null) facts.unshift([t("procedures.subject"), <RefLink to={kind.subject} id={whole.subject} />]);
  return (
    <RecordHeader
      back={{ to: `/procedures/${kind.path}`, label: said(kind.words) }}
      number={whole.number}
      title={whole.title}
      state={<StateTag kind={kind} state={whole.state} />}
      facts={facts}
    />
  );
}

const subjectsOf = (kind: Kind, whole: WholeRecord): Subjects => ({ [`record:${kind.name}`]: whole.id });
