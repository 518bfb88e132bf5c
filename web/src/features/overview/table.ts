/** Figures of a theme as a table: a row for each division that has any, a column for each kind. */

import type { Figure, OwedOfCode, Theme } from "../../api/overview";
import type { Words } from "../../api/procedures";

export interface Column {
  kind: string;
  words: Words;
  /** By state, over all divisions, in the order they came. */
  states: { state: string; words: Words; count: number }[];
  total: number;
  /** By division; the largest is the measure of the bars. */
  counts: ReadonlyMap<string, number>;
  largest: number;
}

export function columnsOf(figures: readonly Figure[]): Column[] {
  const kinds = [...new Set(figures.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const own = figures.filter((figure) => figure.kind === kind);
    const counts = summed(own, ({ division }) => division, ({ count }) => count);
    const states = summed(own, ({ state }) => state, ({ count }) => count);
    const words = own[0]?.words;
    if (words === undefined) return [];
    const stateWords = new Map(own.map(({ state, state_words }) => [state, state_words]));
    return [
      {
        kind,
        words,
        states: [...states].map(([state, count]) => ({ state, count, words: stateWords.get(state) ?? { zh: state, en: state } })),
        total: sum(counts.values()),
        counts,
        largest: Math.max(...counts.values()),
      },
    ];
  });
}

/** Divisions that have a figure or a duty, in the order given; what is the city's own first. */
export function rowsOf({ figures, duties }: Pick<Theme, "figures" | "duties">, divisions: readonly string[]): string[] {
  const present = new Set([...figures, ...duties].map(({ division }) => division));
  return ["", ...divisions].filter((division) => present.has(division));
}

export interface OwedSum {
  open: number;
  overdue: number;
}

export function owedIn(duties: readonly OwedOfCode[], division: string | null): OwedSum {
  const own = duties.filter((one) => division === null || one.division === division);
  return { open: sum(own.map(({ open }) => open)), overdue: sum(own.map(({ overdue }) => overdue)) };
}

/** Duties over all divisions, those most overdue first. */
export function owedByCode(duties: readonly OwedOfCode[]): OwedOfCode[] {
  const codes = [...new Map(duties.map((one) => [one.code, one])).values()];
  const whole = codes.map((one) => ({ ...one, division: "", ...owedIn(duties.filter(({ code }) => code === one.code), null) }));
  return whole.sort((a, b) => b.overdue - a.overdue || b.open - a.open || a.code.localeCompare(b.code));
}

/** The address of the list behind a figure: camera files call the state of their life otherwise than records do. */
export function listPath(kind: string, path: string, { state = "", division = "" }: { state?: string; division?: string }): string {
  const isCamera = kind === "camera";
  const query = Object.entries({ [isCamera ? "states" : "state"]: state, division }).filter(([, value]) => value !== "");
  const search = new URLSearchParams(query).toString();
  return `${isCamera ? path : `/procedures/${path}`}${search === "" ? "" : `?${search}`}`;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, n) => total + n, 0);

function summed<T>(items: readonly T[], key: (item: T) => string, count: (item: T) => number): Map<string, number> {
  const found = new Map<string, number>();
  for (const item of items) found.set(key(item), (found.get(key(item)) ?? 0) + count(item));
  return found;
}
