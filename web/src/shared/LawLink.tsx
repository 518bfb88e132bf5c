/** A refusal, a term or a mark leads to the article it rests on. */

import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { articleText, lawPath } from "./law";

interface Props {
  article: string;
  code?: string | null;
  /** In another tab: what is typed or watched here stays. */
  aside?: boolean;
  /** In lists: other law by its short name, the whole one when asked. */
  short?: boolean;
}

/** The article in people's words, as the way to it; what is no article of ours stays a text. */
export function LawLink({ article, code = null, aside = false, short = false }: Props): JSX.Element {
  const { t } = useTranslation();
  const whole = articleText(t, article);
  const text = short ? articleText(t, article, true) : whole;
  const path = lawPath(article, code);
  if (path === null) return <>{text}</>;
  const full = text === whole ? {} : { title: whole };
  const tab = aside ? { target: "_blank", rel: "noopener", title: t("law.newTab") } : {};
  return (
    <Link className="law-link" to={path} {...full} {...tab}>
      {text}
    </Link>
  );
}

/** "Ground: Art. 28 par. 2 (R28.1)." as a sentence with the link in it. */
export function Ground(props: Props): JSX.Element {
  const { t } = useTranslation();
  const { code = null } = props;
  const sentence = code === null ? t("law.ground", { article: GAP }) : t("law.refusedBy", { article: GAP, code });
  const [before, after] = sentence.split(GAP);
  return (
    <span>
      {before}
      <LawLink {...props} />
      {after}
    </span>
  );
}

const GAP = "\u0000"; // stands in the sentence for the link: no dictionary has it
