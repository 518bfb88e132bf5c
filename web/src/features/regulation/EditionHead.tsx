import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Edition } from "../../api/regulation";
import { useTongue } from "./reader";

/** What a body of law is, since when it holds, and how much there is of it. */
export function EditionHead({ edition }: { edition: Edition }): JSX.Element {
  const { t } = useTranslation();
  const { title, kind, issued, effective, expiry, standing, is_excerpt, articles } = edition;
  const duties = articles.reduce((sum, one) => sum + one.duties.length, 0);
  const isPolicy = standing === "in_force" && effective === null;
  const facts = [
    t(`regulation.kinds.${kind}`),
    t(isPolicy ? "regulation.issuedDraft" : "regulation.issued", { day: issued }),
    ...(effective === null ? [] : [t("regulation.effective", { day: effective })]),
    ...(expiry === null ? [] : [t("regulation.expiry", { day: expiry })]),
    is_excerpt ? t("regulation.excerpt") : t("regulation.sums", { articles: articles.length, duties }),
  ];
  return (
    <section className="law-edition-head" data-edition={edition.code}>
      <h2>
        {title[useTongue()]}
        <span className="law-standing" data-standing={standing}>
          {t(isPolicy ? "regulation.asPolicy" : `regulation.standing.${standing}`)}
        </span>
      </h2>
      <p className="fine">{facts.join(" · ")}</p>
    </section>
  );
}
