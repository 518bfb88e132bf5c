/** Articles in people's words: "28¶2" is 第二十八条第二款, "Art. 28, par. 2". */

import type { TFunction } from "i18next";

const ARTICLE = /^(\d{1,2})(?:¶(\d{1,2}))?(?:\((\d{1,2})\))?$/;

/** What is not written like an article is shown as it came. */
export function articleText(t: TFunction, article: string): string {
  const match = ARTICLE.exec(article.trim());
  if (match === null) return article;
  const [, number, paragraph, item] = match;
  return [
    ["law.article", number],
    ["law.paragraph", paragraph],
    ["law.item", item],
  ]
    .flatMap(([key, n]) => (key === undefined || n === undefined ? [] : [t(key, { n: numeral(t("law.digits"), Number(n)) })]))
    .join("");
}

/** Below 100; the eleventh sign of `digits` is ten, where a language counts so: 28 is two ten eight. */
function numeral(digits: string, n: number): string {
  const signs = [...digits];
  const ten = signs[10];
  if (ten === undefined) return String(n);
  const tens = Math.floor(n / 10);
  return `${tens > 1 ? signs[tens] : ""}${tens > 0 ? ten : ""}${n % 10 === 0 ? "" : signs[n % 10]}`;
}
