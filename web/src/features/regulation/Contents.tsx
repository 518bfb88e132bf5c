import { memo, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Edition } from "../../api/regulation";
import { useTongue } from "./reader";

interface Props {
  editions: readonly Edition[];
  /** The articles in view of a search; null is all of them. */
  only: ReadonlySet<string> | null;
  /** Keeps the search while one walks through what it found. */
  search: string;
  here: string | null;
  hasConflicts: boolean;
}

/** Every article by number and heading. */
export const Contents = memo(function Contents({ editions, only, search, here, hasConflicts }: Props): JSX.Element {
  const { t } = useTranslation();
  const tongue = useTongue();
  return (
    <nav className="law-contents" aria-label={t("regulation.contents")}>
      {editions.map(({ code, title, articles }) => {
        const shown = articles.filter(({ id }) => only === null || only.has(id));
        if (shown.length === 0) return null;
        return (
          <section key={code}>
            <h2>{title[tongue]}</h2>
            <ol>
              {shown.map(({ id, number, heading }) => (
                <li key={id}>
                  <Link to={{ pathname: `/regulation/${id}`, search }} aria-current={id === here ? "location" : undefined}>
                    <span className="digits">{number}</span> {heading[tongue]}
                  </Link>
                </li>
              ))}
            </ol>
          </section>
        );
      })}
      {hasConflicts && (
        <section>
          <h2>
            <Link to="/regulation#conflicts">{t("regulation.conflicts")}</Link>
          </h2>
        </section>
      )}
    </nav>
  );
});
