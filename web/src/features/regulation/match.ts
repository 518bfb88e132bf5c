/** Which articles of other editions stand beside which of the city's: by the duties they share, and by conflicts. */

import type { Article, Conflict, Duty, Edition, Regulation } from "../../api/regulation";

/** One article of the first edition, with what answers to it in the others. */
export interface Row {
  article: Article;
  beside: readonly Beside[];
  conflicts: readonly Conflict[];
}

export interface Beside {
  article: Article;
  edition: Edition;
  /** In full here; where it stands in full elsewhere, only named. */
  whole: boolean;
}

export interface Matched {
  rows: readonly Row[];
  /** Articles that nothing of the first edition answers to. */
  alone: readonly { edition: Edition; articles: readonly Article[] }[];
}

const SHARED = 2; // the same command counts for more than a disagreement
const DISPUTED = 1;

export function matched({ editions, conflicts }: Regulation): Matched {
  const [first, ...others] = editions;
  if (first === undefined) return { rows: [], alone: [] };
  const weights = weightsOf(editions, conflicts);
  const homes = new Map(others.flatMap(({ articles }) => articles.map((one) => [one.id, homeOf(one, first, weights)] as const)));
  const rows = first.articles.map((article) => ({
    article,
    beside: others.flatMap((edition) =>
      edition.articles
        .filter(({ id }) => weights.has(pairOf(article.id, id)))
        .map((one) => ({ article: one, edition, whole: homes.get(one.id) === article.id })),
    ),
    conflicts: conflicts.filter(({ duties }) => duties.some((code) => holds(article, code))),
  }));
  const alone = others
    .map((edition) => ({ edition, articles: edition.articles.filter(({ id }) => homes.get(id) === null) }))
    .filter(({ articles }) => articles.length > 0);
  return { rows, alone };
}

/** Every duty with its article, by code. */
export function dutiesOf(editions: readonly Edition[]): Map<string, { duty: Duty; article: Article; edition: Edition }> {
  return new Map(
    editions.flatMap((edition) =>
      edition.articles.flatMap((article) => article.duties.map((duty) => [duty.code, { duty, article, edition }] as const)),
    ),
  );
}

/** What commands the same as each duty, whichever of the two says so. */
export function besideOf(editions: readonly Edition[]): Map<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const note = (code: string, other: string): void => void (found.get(code) ?? found.set(code, new Set()).get(code))?.add(other);
  const known = dutiesOf(editions);
  for (const { duty } of known.values()) {
    for (const other of duty.beside.filter((code) => known.has(code))) {
      note(duty.code, other);
      note(other, duty.code);
    }
  }
  return new Map([...found].map(([code, others]) => [code, [...others]]));
}

const holds = (article: Article, code: string): boolean => article.duties.some((duty) => duty.code === code);
const pairOf = (first: string, other: string): string => `${first} ${other}`;

/** How strongly an article of the first edition and one of another belong together. */
function weightsOf(editions: readonly Edition[], conflicts: readonly Conflict[]): Map<string, number> {
  const weights = new Map<string, number>();
  const duties = dutiesOf(editions);
  const join = (one: string, other: string, weight: number): void => {
    const [a, b] = [duties.get(one), duties.get(other)];
    if (a === undefined || b === undefined || a.edition === b.edition) return;
    if (a.edition !== editions[0]) return b.edition === editions[0] ? join(other, one, weight) : undefined;
    const pair = pairOf(a.article.id, b.article.id);
    weights.set(pair, (weights.get(pair) ?? 0) + weight);
  };
  for (const [code, others] of besideOf(editions)) for (const other of others) join(code, other, SHARED / 2); // met from both sides
  for (const { duties: codes } of conflicts) {
    codes.forEach((one, n) => codes.slice(n + 1).forEach((other) => join(one, other, DISPUTED)));
  }
  return weights;
}

/** The article beside which another stands in full: the nearest, of equals the first. */
function homeOf({ id }: Article, { articles }: Edition, weights: ReadonlyMap<string, number>): string | null {
  let home: string | null = null;
  let most = 0;
  for (const article of articles) {
    const weight = weights.get(pairOf(article.id, id)) ?? 0;
    if (weight > most) [home, most] = [article.id, weight];
  }
  return home;
}
