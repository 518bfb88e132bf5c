import { useState, type JSX } from "react";
import { Select } from "antd";
import { useTranslation } from "react-i18next";

import type { Person } from "../../api/client";
import { useInspections, type Inspection } from "../../api/inspection";
import { deskEn } from "../../shared/dictionaries/desk.en";
import { deskZhCN } from "../../shared/dictionaries/desk.zh-CN";
import { journalEn } from "../../shared/dictionaries/journal.en";
import { journalZhCN } from "../../shared/dictionaries/journal.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import { Interval } from "../../shared/Interval";
import { useDivisionName } from "../../shared/office/divisions";
import "../../shared/office/office.css";
import { Empty, Failed, Loading } from "../../shared/States";
import { Breaches } from "./Breaches";
import { HeldGrants } from "./HeldGrants";
import "./inspection.css";
import { Proofs } from "./Proofs";
import { Questions } from "./Questions";
import { Systems } from "./Systems";

addWords({ "zh-CN": { ...officeZhCN, ...journalZhCN, ...deskZhCN }, en: { ...officeEn, ...journalEn, ...deskEn } });

/** An inspector's desk: what the inspection covers, what was found, what was asked, and what proves it. It only reads. */
export default function InspectionPage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const inspections = useInspections(person.id);
  const [chosen, setChosen] = useState<string | null>(null);
  if (inspections.data === undefined) return inspections.isError ? <Failed error={inspections.error} retry={() => void inspections.refetch()} /> : <Loading />;
  const inspection = inspections.data.find(({ id }) => id === chosen) ?? inspections.data[0];
  if (inspection === undefined) return <Empty title={t("inspection.none")} hint={t("inspection.noneHint")} />;
  return (
    <div className="page inspection" data-testid="inspection">
      <header className="page-head">
        <h1>{t("inspection.title")}</h1>
        {inspections.data.length > 1 && (
          <Select
            aria-label={t("inspection.which")}
            className="inspection-choice"
            value={inspection.id}
            options={inspections.data.map(({ id, number, title }) => ({ value: id, label: `${number} ${title}` }))}
            onChange={setChosen}
          />
        )}
      </header>
      <Scope inspection={inspection} />
      <Breaches key={inspection.id} inspection={inspection} />
      <Questions />
      <Systems />
      <HeldGrants />
      <Proofs />
    </div>
  );
}

function Scope({ inspection: { number, title, division, begin, until } }: { inspection: Inspection }): JSX.Element {
  const { t } = useTranslation();
  const divisionName = useDivisionName();
  return (
    <section className="audit" aria-label={t("inspection.scope")}>
      <dl className="facts">
        <div>
          <dt>{t("inspection.number")}</dt>
          <dd>
            <span className="digits">{number}</span> {title}
          </dd>
        </div>
        <div>
          <dt>{t("inspection.area")}</dt>
          <dd>{divisionName(division)}</dd>
        </div>
        <div>
          <dt>{t("inspection.period")}</dt>
          <dd>
            <Interval start={begin} end={until} />
          </dd>
        </div>
      </dl>
      <p className="fine">{t("inspection.readOnly")}</p>
    </section>
  );
}
