import { CheckCircleOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { Problem } from "../../api/client";
import { takeStep, useRecord, type Kind, type WholeRecord } from "../../api/procedures";
import { dataOf } from "../../api/requests";
import { RefName } from "../../shared/form/RefLink";
import { Interval } from "../../shared/Interval";
import { useDivisionName } from "../../shared/office/divisions";
import { RecordHeader } from "../../shared/office/RecordHeader";
import { Refusals } from "../../shared/office/Refusals";
import { StateTag } from "../../shared/office/states";
import { DueAt, TimeLeft, useNow } from "../../shared/office/TimeLeft";
import { Failed, Loading } from "../../shared/States";
import { optionsIn, useWord } from "./codes";
import { Decide } from "./Decide";
import { Officers } from "./Officers";
import { Papers } from "./Papers";

/** Takes one step on the version that the person has read; throws Problem. */
export type Take = (step: string, wish: object) => Promise<void>;

/** One request, to be decided: what is missing, who comes with which certificate, the papers beside, and the decision. */
export function DecisionPage({ kind }: { kind: Kind }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useParams()["record"] ?? "";
  const record = useRecord(kind, id);
  const [beaten, setBeaten] = useState<WholeRecord | null>(null);
  if (record.data === undefined) return record.isError ? <Failed error={record.error} retry={() => void record.refetch()} /> : <Loading />;
  const whole = record.data;
  const take: Take = async (step, wish) => {
    try {
      await takeStep(kind, whole.id, step, whole.version, wish);
    } catch (error) {
      const isStale = error instanceof Problem && error.code === "stale";
      if (isStale) setBeaten((await record.refetch()).data ?? null);
      throw error;
    }
    setBeaten(null);
    void message.success(t("procedures.done"));
    await Promise.all([record.refetch(), client.invalidateQueries({ queryKey: ["request-inbox"] }), client.invalidateQueries({ queryKey: ["records", kind.path] })]);
  };
  const isOpen = whole.state === "submitted";
  return (
    <div className="page record request" data-testid="decision" data-state={whole.state} data-version={whole.version}>
      <Head kind={kind} whole={whole} />
      {beaten !== null && <Beaten kind={kind} newest={beaten} />}
      <div className="request-columns">
        <div className="record-main">
          <Missing whole={whole} />
          <Officers kind={kind} whole={whole} take={isOpen ? take : null} />
          <Papers kind={kind} whole={whole} />
        </div>
        {isOpen ? <Decide key={whole.version} kind={kind} whole={whole} take={take} /> : <Decided kind={kind} whole={whole} />}
      </div>
    </div>
  );
}

function Head({ kind, whole }: { kind: Kind; whole: WholeRecord }): JSX.Element {
  const { t } = useTranslation();
  const word = useWord();
  const now = useNow();
  const divisionName = useDivisionName();
  const data = dataOf(whole);
  const due = whole.duties.find(({ code }) => code === "R31.10");
  const facts: [string, JSX.Element | string][] = [
    [t("requests.organ"), whole.organisation === null ? "–" : <RefName to="organisation" id={whole.organisation} />],
    [t("requests.case"), data.number],
    [t("requests.purpose"), word(optionsIn(kind.data, "purpose"), data.purpose)],
    [t("requests.power"), data.power],
    [t("requests.footage"), <Interval start={data.begin} end={data.end} />],
    [t("requests.rights"), data.verbs.map((verb) => word(optionsIn(kind.data, "verbs"), verb)).join(" · ")],
    [t("requests.destination"), data.destination],
    [t("procedures.division"), divisionName(whole.division)],
  ];
  if (due !== undefined) {
    const left = (
      <>
        <TimeLeft duty={due} now={now} /> <DueAt due={due.due_at} />
      </>
    );
    facts.unshift([t("requests.due"), left]);
  }
  return <RecordHeader back={{ to: "/requests", label: t("requests.inbox") }} number={whole.number} title={whole.title} state={<StateTag kind={kind} state={whole.state} />} facts={facts} />;
}

/** Somebody else was faster: who, and what they did. */
function Beaten({ kind, newest }: { kind: Kind; newest: WholeRecord }): JSX.Element {
  const { t } = useTranslation();
  const word = useWord();
  const last = newest.history[0];
  const acts = Object.fromEntries(kind.moves.map(({ name, words }) => [name, words]));
  const text = t("requests.beatenBy", { who: last?.by_name ?? "", act: word(acts, last?.act ?? null) });
  return <Alert type="warning" showIcon title={t("requests.beaten")} description={text} data-testid="beaten" />;
}

/** Everything that stands in the way of granting it, each with its article. */
function Missing({ whole }: { whole: WholeRecord }): JSX.Element | null {
  const { t } = useTranslation();
  const step = whole.steps.find(({ name }) => name === "grant");
  if (step === undefined) return null;
  return (
    <section className="card-plain" aria-labelledby="missing" data-testid="missing">
      <h2 id="missing">{step.missing.length === 0 ? t("requests.complete") : t("procedures.missing", { n: step.missing.length })}</h2>
      {step.missing.length === 0 ? (
        <p className="tone-good">
          <CheckCircleOutlined /> {t("requests.completeHint")}
        </p>
      ) : (
        <Refusals refusals={step.missing} />
      )}
    </section>
  );
}

function Decided({ kind, whole }: { kind: Kind; whole: WholeRecord }): JSX.Element {
  const { t } = useTranslation();
  const word = useWord();
  const { refused } = dataOf(whole);
  return (
    <section className="card-plain" aria-labelledby="decided" data-testid="decided">
      <h2 id="decided">{t("requests.decided")}</h2>
      <p>
        <StateTag kind={kind} state={whole.state} />
      </p>
      {refused !== null && (
        <>
          <p>{refused.items.map((item) => word(optionsIn(kind.moves.find(({ name }) => name === "refuse")?.form, "items"), item)).join(" · ")}</p>
          <p className="data-text">{refused.reason}</p>
        </>
      )}
      <Link to={`/procedures/${kind.path}/${whole.id}`}>{t("requests.whole")}</Link>
    </section>
  );
}
