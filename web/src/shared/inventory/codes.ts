/** Code lists of the law by name, out of its text. */

import { useRegulation, type Words } from "../../api/regulation";
import { useSaid } from "../tongue";

/** The codes of these lists with their words, each once, in the law's order. */
export function useLawCodes(...lists: readonly string[]): Readonly<Record<string, Words>> {
  const editions = useRegulation().data?.editions ?? [];
  const codes = editions.flatMap(({ articles }) => articles.flatMap((article) => article.codes)).filter(({ of }) => lists.includes(of));
  return Object.fromEntries(codes.reverse().map(({ code, words }) => [code, words])); // the first edition has the last word
}

export function useLawCodeName(...lists: readonly string[]): (code: string) => string {
  const said = useSaid();
  const codes = useLawCodes(...lists);
  return (code) => (codes[code] === undefined ? code : said(codes[code]));
}
