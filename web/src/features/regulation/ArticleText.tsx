import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Article, Edition, LawCode } from "../../api/regulation";
import { articleText, paragraphText } from "../../shared/law";
import { Codes, DutyText, ParameterRows } from "./DutyText";
import { articleAnchor, Found, Said, useTongue } from "./reader";
import { WHO, type Hit } from "./search";

interface Props {
  article: Article;
  edition: Edition;
  level: 2 | 3;
  hit?: Hit | undefined;
}

/** One article as a person reads it, with everything that stands under its number. */
export function ArticleText({ article, edition, level, hit }: Props): JSX.Element {
  const { t } = useTranslation();
  const tongue = useTongue();
  const Heading = `h${level}` as const;
  const own = new Set(article.duties.map(({ code }) => code));
  const others = article.parameters.filter(({ duty }) => !own.has(duty));
  return (
    <article className="law-article" id={articleAnchor(article.id)} data-article={article.id} tabIndex={-1} aria-label={`${article.place[tongue]} ${article.heading[tongue]}`}>
      {edition.mark !== "" && <p className="law-edition fine">{edition.title[tongue]}</p>}
      <Heading className="law-heading">
        <Link to={`/regulation/${article.id}`} className="law-number">
          <Found>{articleText(t, String(article.number))}</Found>
        </Link>{" "}
        <Said words={article.heading} />
      </Heading>
      <p className="law-text">
        <Said words={article.text} />
      </p>
      <p className="law-reference fine">
        {t("regulation.reference")} <span lang="zh-CN"><Found>{article.reference}</Found></span>
        {article.protective && <span className="law-tag">{t("regulation.protective")}</span>}
      </p>
      {hit !== undefined && hit.other.length > 0 && <OtherTongue texts={hit.other} />}
      {article.duties.length > 0 && (
        <ul className="law-duties">
          {article.duties.map((duty) => (
            <DutyText key={duty.code} duty={duty} parameters={article.parameters.filter((one) => one.duty === duty.code)} />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <section className="law-extra">
          <h4>{t("regulation.otherParameters")}</h4>
          <ParameterRows parameters={others} />
        </section>
      )}
      <Lists codes={article.codes} />
      <Penalties article={article} />
    </article>
  );
}

function OtherTongue({ texts }: { texts: readonly string[] }): JSX.Element {
  const { t } = useTranslation();
  const tongue = useTongue();
  return (
    <div className="law-other fine">
      <span>{t("regulation.otherLanguage")}</span>
      <ul lang={tongue === "zh" ? "en" : "zh-CN"}>
        {texts.map((text) => (
          <li key={text}>
            <Found>{text}</Found>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Lists({ codes }: { codes: readonly LawCode[] }): JSX.Element | null {
  const { t } = useTranslation();
  const shown = codes.filter(({ of }) => of !== WHO);
  const lists = [...new Set(shown.map(({ of }) => of))].map((of) => [of, shown.filter((one) => one.of === of)] as const);
  if (lists.length === 0) return null;
  return (
    <section className="law-extra">
      <h4>{t("regulation.lists")}</h4>
      {lists.map(([of, values]) => (
        <div key={of} className="law-list">
          <code>{of}</code>
          <ul>
            {values.map(({ code, words, number }) => (
              <li key={code} title={code}>
                {number > 0 && <span className="digits">{number} </span>}
                <Said words={words} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Penalties({ article: { penalties } }: { article: Article }): JSX.Element | null {
  const { t } = useTranslation();
  if (penalties.length === 0) return null;
  return (
    <section className="law-extra law-penalties">
      <h4>{t("regulation.penalties")}</h4>
      <p className="fine">{t("regulation.penaltiesHint")}</p>
      <ul>
        {penalties.map((penalty, n) => (
          <li key={n}>
            <b>
              <Said words={penalty.conduct} />
            </b>{" "}
            <span className="fine nowrap">{paragraphText(t, penalty.place.cite)}</span>
            <p>
              <Said words={penalty.measure} />
            </p>
            {penalty.duties.length > 0 && (
              <p className="fine">
                {t("regulation.breaks")} <Codes codes={penalty.duties} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
