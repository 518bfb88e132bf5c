/** What is owed about a thing, and the procedures that are about it: on the page of that thing. */

import { PlusOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Person } from "../../api/client";
import type { OwedDuty } from "../../api/duties";
import { mayOpen, subjectIn, useKinds, useRecordsAbout, type Subjects } from "../../api/procedures";
import { LawLink } from "../LawLink";
import { useSaid, useTitled } from "../tongue";
import { StateTag } from "./states";
import { DueAt, TimeLeft, useNow } from "./TimeLeft";

/** The most urgent first; with none, `nothing` says so, or nothing is shown. Where they are of several things, each says which. */
export function OwedCard({ duties, nothing }: { duties: readonly OwedDuty[]; nothing?: string }): JSX.Element | null {
  const { t } = useTranslation();
  const said = useSaid();
  const now = useNow();
  const areOfSeveral = new Set(duties.map(({ title }) => title)).size > 1;
  if (duties.length === 0 && nothing === undefined) return null;
  return (
    <section className="card-plain" aria-labelledby="owed-here">
      <h2 id="owed-here">{t("procedures.duties")}</h2>
      {duties.length === 0 && <p className="fine">{nothing}</p>}
      <ul className="owed">
        {duties.map((duty) => (
          <li key={duty.id} data-duty={duty.code}>
            <div className="owed-when">
              <TimeLeft duty={duty} now={now} />
              <DueAt due={duty.due_at} />
            </div>
            <div>
              {said(duty.words)}{" "}
              <span className="fine">
                <LawLink article={duty.article} code={duty.code} short /> {duty.owner_name !== null && `· ${duty.owner_name}`}
                {areOfSeveral && ` · ${duty.title}`}
                {duty.is_provisional && ` · ${t("office.duty.provisional")}`}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The procedures about these things, and those that this person may begin about them. */
export function RecordsAbout({ person, subjects }: { person: Person; subjects: Subjects }): JSX.Element | null {
  const { t } = useTranslation();
  const titled = useTitled();
  const kinds = useKinds().data ?? [];
  const found = useRecordsAbout(kinds, subjects, person);
  const begins = kinds.filter((kind) => mayOpen(person, kind) && subjectIn(kind, subjects) !== null);
  if (found.length + begins.length === 0) return null;
  return (
    <section className="card-plain" aria-labelledby="records-about" data-testid="records-about">
      <h2 id="records-about">{t("procedures.about")}</h2>
      {found.length > 0 && (
        <ul className="about-list">
          {found.map(({ kind, record }) => (
            <li key={record.id}>
              <StateTag kind={kind} state={record.state} /> <Link to={`/procedures/${kind.path}/${record.id}`}>{record.title}</Link>{" "}
              <span className="fine">
                {titled(kind.words)} · {record.number}
              </span>
            </li>
          ))}
        </ul>
      )}
      {begins.length > 0 && (
        <p className="about-begin">
          <span className="fine">{t("procedures.begin")}</span>
          {begins.map((kind) => (
            <Link key={kind.name} to={`/procedures/${kind.path}?subject=${subjectIn(kind, subjects)}&open=1`}>
              <PlusOutlined /> {titled(kind.words)}
            </Link>
          ))}
        </p>
      )}
    </section>
  );
}
