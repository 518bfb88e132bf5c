import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Conflict } from "../../api/regulation";
import { Codes } from "./DutyText";
import { conflictAnchor, Found, Said, useReader } from "./reader";

/** Two bodies of law disagree, and how we choose; beneath the articles it concerns. */
export function ConflictNote({ conflict }: { conflict: Conflict }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div role="note" className="law-conflict" aria-label={`${t("regulation.conflicts")} ${conflict.code}`}>
      <ConflictBody conflict={conflict} />
    </div>
  );
}

/** All of them, so that none is overlooked. */
export function ConflictList({ conflicts }: { conflicts: readonly Conflict[] }): JSX.Element | null {
  const { t } = useTranslation();
  const { marked } = useReader();
  if (conflicts.length === 0) return null;
  return (
    <section className="law-conflicts" aria-labelledby="law-conflicts">
      <h2 id="law-conflicts" className="law-part">
        {t("regulation.conflicts")}
      </h2>
      <p className="fine">{t("regulation.conflictsHint")}</p>
      <ul>
        {conflicts.map((conflict) => (
          <li
            key={conflict.code}
            id={conflictAnchor(conflict.code)}
            data-conflict={conflict.code}
            tabIndex={-1}
            className={conflict.code === marked ? "law-conflict law-marked" : "law-conflict"}
            aria-current={conflict.code === marked ? "location" : undefined}
          >
            <ConflictBody conflict={conflict} />
            {conflict.duties.length > 0 && (
              <p className="fine">
                {t("regulation.carriedBy")} <Codes codes={conflict.duties} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function ConflictBody({ conflict: { code, conflict, choice } }: { conflict: Conflict }): JSX.Element {
  const { t } = useTranslation();
  return (
    <>
      <p>
        <Link className="law-code" to={`/regulation#${code}`}>
          <Found>{code}</Found>
        </Link>{" "}
        <Said words={conflict} />
      </p>
      <p>
        <b>{t("regulation.choice")}</b> <Said words={choice} />
      </p>
    </>
  );
}
