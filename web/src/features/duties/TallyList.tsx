import { CloseOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Tally } from "../../api/duties";
import { articleText } from "../../shared/law";
import { useSaid } from "../../shared/tongue";

interface Props {
  tally: readonly Tally[];
  chosen: string | null;
  choose: (code: string | null) => void;
}

/** How many of each duty are open and overdue; each a filter. */
export function TallyList({ tally, chosen, choose }: Props): JSX.Element | null {
  const { t } = useTranslation();
  if (tally.length === 0) return null;
  const isThere = chosen === null || tally.some(({ code }) => code === chosen);
  const list = (
    <ul className="tally">
      {[...tally].sort(byCode).map((one) => (
        <Row key={one.code} tally={one} chosen={chosen === one.code} choose={choose} />
      ))}
      {!isThere && (
        <li>
          <button type="button" className="plain" aria-pressed onClick={() => choose(null)}>
            {chosen} <CloseOutlined />
          </button>
        </li>
      )}
    </ul>
  );
  return (
    <nav className="duties-side" aria-label={t("duties.byArticle")}>
      <h2>{t("duties.byArticle")}</h2>
      {list}
      <details className="duties-fold" {...(chosen === null ? {} : { open: true })}>
        <summary>{t("duties.showArticles")}</summary>
        {list}
      </details>
    </nav>
  );
}

/** R5.2 before R14.1, the city's measures before other law. */
const byCode = (a: Tally, b: Tally): number => b.code.charAt(0).localeCompare(a.code.charAt(0)) || a.code.localeCompare(b.code, "en", { numeric: true });

function Row({ tally: { code, article, words, open, overdue }, chosen, choose }: { tally: Tally; chosen: boolean; choose: (code: string | null) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const text = said(words);
  return (
    <li>
      <button type="button" className="plain tally-row" aria-pressed={chosen} title={text} data-code={code} onClick={() => choose(chosen ? null : code)}>
        <span className="tally-words">
          <b className="nowrap">{articleText(t, article, true)}</b>
          <span className="fine tally-text">{text}</span>
        </span>
        <span className="tally-counts digits">
          {overdue > 0 && (
            <b className="tone-bad">
              {overdue}
              <span className="unseen"> {t("duties.groups.overdue")}</span>
            </b>
          )}
          <span>
            {open}
            <span className="unseen"> {t("duties.open")}</span>
          </span>
        </span>
      </button>
    </li>
  );
}
