import { memo, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { OwedDuty } from "../../api/duties";
import { Moment } from "../../shared/Interval";
import { LawLink } from "../../shared/LawLink";
import { useDivisionName } from "../../shared/office/divisions";
import { EvidenceLink, SubjectLink } from "../../shared/office/subjects";
import { DueAt, TimeLeft } from "../../shared/office/TimeLeft";
import { useSaid } from "../../shared/tongue";

/** One duty: until when, about what, what is owed, by which article, by whom. */
export const DutyRow = memo(function DutyRow({ duty, now }: { duty: OwedDuty; now: number }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const divisionName = useDivisionName();
  const words = said(duty.words);
  return (
    <li className="duty-row" data-duty={duty.code} data-state={duty.state}>
      <div className="duty-when">
        <TimeLeft duty={duty} now={now} />
        <span className="fine">
          {duty.closed_at === null ? (
            <DueAt due={duty.due_at} />
          ) : (
            <>
              {t("duties.closed")} <Moment at={duty.closed_at} />
            </>
          )}
        </span>
      </div>
      <div className="duty-what">
        <p className="duty-subject">
          <SubjectLink kind={duty.subject_kind} id={duty.subject} title={duty.title} />
          <span className="fine">
            {divisionName(duty.division)} · {duty.owner_name ?? t("duties.nobody")}
            {duty.is_provisional && ` · ${t("office.duty.provisional")}`}
          </span>
        </p>
        <p className="duty-words" title={words}>
          {words}
        </p>
        {duty.evidence !== null && (
          <p className="fine">
            {t("duties.evidence")}: <EvidenceLink kind={duty.evidence_kind} id={duty.evidence} />
          </p>
        )}
      </div>
      <div className="duty-law fine">
        <LawLink article={duty.article} code={duty.code} short />
      </div>
    </li>
  );
});
