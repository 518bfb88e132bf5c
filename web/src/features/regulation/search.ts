/** Searching the regulation: by article ("28", 二十八, N17), code (R28.1, C2) or words, in both languages. */

import type { Article, Conflict, Edition, Regulation, Words } from "../../api/regulation";

export type Tongue = "zh" | "en";
export const TONGUES: readonly Tongue[] = ["zh", "en"];

export interface Query {
  /** As typed, tidied. */
  text: string;
  /** The article asked for; mark "" the first edition's, null any edition's. */
  place: { mark: string | null; number: number } | null;
  /** What to look for in the texts; all must be found in one article, in one language. */
  terms: readonly RegExp[];
}

export interface Hit {
  /** It is the article asked for by number, or holds the code asked for. */
  exact: boolean;
  /** Texts of the other language, if only they answer to the words. */
  other: readonly string[];
}

export interface Found {
  articles: ReadonlyMap<string, Hit>;
  conflicts: ReadonlySet<string>;
}

const NUMBER = /^(?:第|art(?:icle)?\.?\s*)?(\d{1,4}|[零一二三四五六七八九十百]+)\s*条?(?:[第¶(（].*)?$/;
const CODE = /^([a-z]{1,4}) ?(\d{1,4})(?:\.\d+[a-z]?)?$/;
const DIGITS = "零一二三四五六七八九";
const SNIPPETS = 3;

/** Null if there is nothing to look for. */
export function parseQuery(typed: string): Query | null {
  const text = narrow(typed).trim().replace(/\s+/g, " ").toLowerCase();
  if (text === "") return null;
  const place = placeOf(text);
  const words = place !== null && place.mark !== null ? [text.replace(" ", "")] : text.split(" ");
  return { text, place, terms: words.map(termOf) };
}

function placeOf(text: string): Query["place"] {
  const code = CODE.exec(text);
  if (code?.[1] !== undefined && code[1] !== "art") return { mark: code[1] === "r" ? "" : code[1].toUpperCase(), number: Number(code[2]) };
  const number = NUMBER.exec(text)?.[1];
  if (number === undefined) return null;
  const value = /\d/.test(number) ? Number(number) : fromNumeral(number);
  return value === null ? null : { mark: null, number: value };
}

/** 二十八 is 28, 一百零二 is 102; null for what is no number. */
export function fromNumeral(text: string): number | null {
  let [sum, digit] = [0, -1];
  for (const sign of text) {
    const weight = { 十: 10, 百: 100 }[sign];
    if (weight === undefined) {
      if (digit > 0) return null;
      digit = DIGITS.indexOf(sign);
    } else {
      sum += (digit < 0 ? 1 : digit) * weight;
      digit = -1;
    }
  }
  return sum + Math.max(0, digit) || null;
}

/** Letters and digits of full width, as some keyboards write them, to plain ones. */
const narrow = (text: string): string =>
  text.replace(/[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff0e\u3000]/g, (sign) => (sign === "\u3000" ? " " : String.fromCharCode(sign.charCodeAt(0) - 0xfee0)));

/** "8" is not found in "28", nor "R1" in "R10"; a number and its unit may stand apart. */
function termOf(word: string): RegExp {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/(\d)(?=\p{Script=Han})/gu, "$1\\s*");
  const before = /^\d/.test(word) ? "(?<![\\d.])" : CODE.test(word) ? "(?<![a-z\\d])" : "";
  const after = /\d$/.test(word) ? "(?!\\d)" : "";
  return new RegExp(before + escaped + after, "giu");
}

const hasTerm = (text: string, term: RegExp): boolean => text.search(term) >= 0;

/** Articles and conflicts that answer to the query, and why. */
export function find({ editions, conflicts }: Regulation, query: Query, tongue: Tongue, unit: (name: string, tongue: Tongue) => string): Found {
  const articles = new Map<string, Hit>();
  for (const edition of editions) {
    for (const article of edition.articles) {
      const hit = hitOf(query, edition, article, tongue, unit);
      if (hit !== null) articles.set(article.id, hit);
    }
  }
  return { articles, conflicts: new Set(conflicts.filter((one) => answers(query, conflictTexts(one))).map(({ code }) => code)) };
}

function hitOf(query: Query, edition: Edition, article: Article, tongue: Tongue, unit: (name: string, tongue: Tongue) => string): Hit | null {
  const exact = isPlace(query, edition, article);
  const [shown, hidden] = [tongue, tongue === "zh" ? "en" : "zh"] as const;
  const found = (texts: readonly string[]): boolean => query.terms.every((term) => texts.some((text) => hasTerm(text, term)));
  if (found(textsOf(article, shown, unit))) return { exact, other: [] };
  const other = textsOf(article, hidden, unit);
  if (!found(other)) return exact ? { exact, other: [] } : null;
  return { exact, other: other.filter((text) => query.terms.some((term) => hasTerm(text, term))).slice(0, SNIPPETS) };
}

function isPlace({ place }: Query, { mark }: Edition, { number }: Article): boolean {
  return place !== null && place.number === number && (place.mark === null || place.mark === mark.toUpperCase());
}

const answers = ({ terms }: Query, texts: Words & { code: string }): boolean =>
  TONGUES.some((tongue) => terms.every((term) => hasTerm(`${texts.code}\n${texts[tongue]}`, term)));

const conflictTexts = ({ code, conflict, choice }: Conflict): Words & { code: string } => ({
  code,
  zh: `${conflict.zh}\n${choice.zh}`,
  en: `${conflict.en}\n${choice.en}`,
});

/** Everything that an article says in one language; the Chinese reference counts in both, for both show it. */
function textsOf(article: Article, tongue: Tongue, unit: (name: string, tongue: Tongue) => string): string[] {
  return [
    article.place[tongue],
    article.heading[tongue],
    article.text[tongue],
    article.reference,
    ...article.duties.flatMap(({ code, text, bound, refusals, place }) => [
      code,
      ...refusals,
      place[tongue],
      text[tongue],
      ...bound.map(({ words }) => words[tongue]),
    ]),
    ...article.parameters.map(({ note, value, unit: name }) => `${note[tongue]} ${value} ${unit(name, tongue)}`),
    ...article.codes.filter(({ of }) => of !== WHO).map(({ words }) => words[tongue]),
    ...article.penalties.flatMap(({ conduct, measure }) => [conduct[tongue], measure[tongue]]),
  ];
}

/** The enumeration of those whom duties bind: words of ours, shown with each duty. */
export const WHO = "bound";

export interface Piece {
  text: string;
  hit: boolean;
}

/** A text cut where the terms are found, for marking. */
export function pieces(text: string, terms: readonly RegExp[]): Piece[] {
  const spans = terms
    .flatMap((term) => [...text.matchAll(term)].map((match) => [match.index, match.index + match[0].length] as const))
    .filter(([start, end]) => end > start)
    .toSorted((a, b) => a[0] - b[0] || b[1] - a[1]);
  const found: Piece[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    if (from > at) found.push({ text: text.slice(at, from), hit: false });
    found.push({ text: text.slice(from, end), hit: true });
    at = end;
  }
  if (at < text.length || found.length === 0) found.push({ text: text.slice(at), hit: false });
  return found;
}
