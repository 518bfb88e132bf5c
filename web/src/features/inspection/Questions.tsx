import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useQuestions } from "../../api/inspection";
import { DueAt, TimeLeft, useNow } from "../../shared/office/TimeLeft";
import { Failed, Loading } from "../../shared/States";

/** What was asked and is not answered yet, the most urgent first. */
export function Questions(): JSX.Element {
  const { t } = useTranslation();
  const questions = useQuestions();
  const ahead = questions.data === undefined ? 0 : Date.parse(questions.data.now) - questions.dataUpdatedAt;
  const now = useNow(ahead);
  return (
    <section className="card-plain" aria-labelledby="questions" data-testid="questions">
      <div className="inspection-head">
        <h2 id="questions">{t("inspection.questions")}</h2>
        <Link to="/procedures/inquiries">{t("inspection.allQuestions")}</Link>
      </div>
      {questions.data === undefined && (questions.isError ? <Failed error={questions.error} retry={() => void questions.refetch()} /> : <Loading />)}
      {questions.data?.items.length === 0 && <p className="fine">{t("inspection.noQuestion")}</p>}
      <ul className="questions">
        {questions.data?.items.map((duty) => (
          <li key={duty.id} data-state={duty.state}>
            <span>
              <TimeLeft duty={duty} now={now} />{" "}
              <span className="fine">
                <DueAt due={duty.due_at} />
              </span>
            </span>
            <span>
              <Link to={`/procedures/inquiries/${duty.subject}`}>{duty.title}</Link> <span className="fine">{duty.owner_name}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
