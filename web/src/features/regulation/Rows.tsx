import { memo, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Edition, Regulation } from "../../api/regulation";
import { ArticleText } from "./ArticleText";
import { ConflictNote } from "./Conflicts";
import type { Beside, Matched, Row } from "./match";
import { Said, useTongue } from "./reader";
import type { Found, Hit } from "./search";

interface Props {
  regulation: Regulation;
  matched: Matched;
  /** Of a search; null shows everything. */
  found: Found | null;
}

/** The document: the city's articles on the left, what answers to them in higher law on the right. */
export const Rows = memo(function Rows({ regulation, matched, found }: Props): JSX.Element {
  const [first] = regulation.editions;
  if (first === undefined) return <></>;
  const rows = found === null ? matched.rows : exactFirst(matched.rows, found);
  return (
    <>
      {rows.map((row) => (
        <RowText key={row.article.id} row={row} edition={first} found={found} />
      ))}
      {matched.alone.map(({ edition, articles }) => {
        const shown = articles.filter(({ id }) => found === null || found.articles.has(id));
        return shown.length > 0 && <Alone key={edition.code} edition={edition} articles={shown} city={first} found={found} />;
      })}
    </>
  );
});

/** Rows that hold a hit, those asked for by their number in front. */
export function exactFirst(rows: readonly Row[], { articles, conflicts }: Found): Row[] {
  const hits = (row: Row): Hit[] =>
    [row.article, ...row.beside.filter(({ whole }) => whole).map(({ article }) => article)].flatMap(({ id }) => articles.get(id) ?? []);
  const shown = rows.filter((row) => hits(row).length > 0 || row.conflicts.some(({ code }) => conflicts.has(code)));
  const rank = (row: Row): number => (hits(row).some(({ exact }) => exact) ? 0 : 1);
  return shown.toSorted((a, b) => rank(a) - rank(b));
}

function RowText({ row, edition, found }: { row: Row; edition: Edition; found: Found | null }): JSX.Element {
  const { t } = useTranslation();
  const { article, beside, conflicts } = row;
  return (
    <div className="law-row" data-row={article.id}>
      <div className="law-side-by-side">
        <ArticleText article={article} edition={edition} level={2} hit={found?.articles.get(article.id)} />
        <div className="law-counterparts">
          {beside.length === 0 && <p className="fine law-none">{t("regulation.noCounterpart")}</p>}
          {[...beside.filter(({ whole }) => whole), ...beside.filter(({ whole }) => !whole)].map((one) =>
            one.whole ? (
              <ArticleText key={one.article.id} article={one.article} edition={one.edition} level={3} hit={found?.articles.get(one.article.id)} />
            ) : (
              <SeeAlso key={one.article.id} beside={one} />
            ),
          )}
        </div>
      </div>
      {conflicts.map((conflict) => (
        <ConflictNote key={conflict.code} conflict={conflict} />
      ))}
    </div>
  );
}

/** It stands in full beside another article. */
function SeeAlso({ beside: { article } }: { beside: Beside }): JSX.Element {
  const tongue = useTongue();
  return (
    <p className="law-see">
      <Link className="law-link" to={`/regulation/${article.id}`}>
        {article.place[tongue]}
      </Link>{" "}
      <Said words={article.heading} />
    </p>
  );
}

interface AloneProps {
  edition: Edition;
  articles: Edition["articles"];
  city: Edition;
  found: Found | null;
}

function Alone({ edition, articles, city, found }: AloneProps): JSX.Element {
  const { t } = useTranslation();
  const tongue = useTongue();
  return (
    <section aria-labelledby={`alone-${edition.code}`}>
      <h2 className="law-part" id={`alone-${edition.code}`}>
        {t("regulation.alone", { title: edition.title[tongue] })}
      </h2>
      <p className="fine">{t("regulation.aloneHint", { city: city.title[tongue] })}</p>
      <div className="law-alone">
        {articles.map((article) => (
          <ArticleText key={article.id} article={article} edition={edition} level={3} hit={found?.articles.get(article.id)} />
        ))}
      </div>
    </section>
  );
}
