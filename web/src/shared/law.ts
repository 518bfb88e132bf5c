/** Articles in people's words: "28¶2" is 第二十八条第二款, "Art. 28, par. 2"; and where to read them. */

import type { TFunction } from "i18next";

const ARTICLE = /^(?:([A-Z]+) ?)?(\d{1,2})(?:¶(\d{1,2}))?(?:\((\d{1,2})\))?$/;
const CODE = /^([A-Z]+?)(\d{1,2})(?:\.\d+[a-z]?)?$/;
const CITY = "R"; // begins the codes of the city's measures, whose articles carry no mark

/** What is not written like an article is shown as it came. In lists other law goes by its short name. */
export function articleText(t: TFunction, article: string, isShort = false): string {
  const match = ARTICLE.exec(article.trim());
  if (match === null) return article;
  const [, mark, number, paragraph, item] = match;
  if (mark !== undefined && !(mark in MARKS)) return article;
  const place = said(t, { article: number, paragraph, item });
  return mark === undefined ? place : t(`law.${isShort ? "short." : ""}${MARKS[mark] ?? ""}`, { place });
}

/** The paragraph and item alone, where the article stands above; empty if it names none. */
export function paragraphText(t: TFunction, article: string): string {
  const [, , , paragraph, item] = ARTICLE.exec(article.trim()) ?? [];
  return said(t, { paragraph, item }).trim();
}

function said(t: TFunction, parts: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parts)
    .flatMap(([part, n]) => (n === undefined ? [] : [t(`law.${part}`, { n: numeral(t("law.digits"), Number(n)) })]))
    .join("");
}

/** Other bodies of law by the mark before their articles' numbers; the city's measures have none. */
const MARKS: Readonly<Record<string, string>> = { N: "decree", CTL: "counterTerror" };

/** Where the regulation page shows this place, and marks this duty; null for what is no article of ours. */
export function lawPath(article: string | null, code: string | null = null): string | null {
  const id = (article === null ? null : articleId(article)) ?? (code === null ? null : articleOf(code));
  if (id === null) return null;
  return `/regulation/${id}${code === null || articleOf(code) === null ? "" : `#${code}`}`;
}

function articleId(article: string): string | null {
  const match = ARTICLE.exec(article.trim());
  return match === null ? null : `${match[1] ?? ""}${match[2]}`;
}

/** "R28.1" stands in article 28, "N17.2" in N17. */
export function articleOf(code: string): string | null {
  const match = CODE.exec(code);
  return match === null ? null : `${match[1] === CITY ? "" : match[1]}${match[2]}`;
}

/** Below 100; the eleventh sign of `digits` is ten, where a language counts so: 28 is two ten eight. */
function numeral(digits: string, n: number): string {
  const signs = [...digits];
  const ten = signs[10];
  if (ten === undefined) return String(n);
  const tens = Math.floor(n / 10);
  return `${tens > 1 ? signs[tens] : ""}${tens > 0 ? ten : ""}${n % 10 === 0 ? "" : signs[n % 10]}`;
}
