import { describe, expect, it } from "vitest";

import type { Figure, OwedOfCode } from "../../api/overview";
import { readFilter } from "../../shared/inventory/filters";
import { columnsOf, listPath, owedByCode, owedIn, rowsOf } from "./table";

const words = (text: string) => ({ zh: text, en: text });
const figure = (kind: string, state: string, division: string, count: number): Figure => ({ kind, words: words(kind), state, state_words: words(state), division, count });
const owed = (code: string, division: string, open: number, overdue: number): OwedOfCode => ({ code, article: "18", words: words(code), division, open, overdue });

const FIGURES = [figure("plan", "drafted", "", 1), figure("plan", "drafted", "230102", 2), figure("plan", "approved", "230102", 3), figure("system", "in_service", "230103", 7)];
const DUTIES = [owed("R18.1", "230102", 4, 1), owed("R18.1", "230104", 2, 0), owed("R25.4", "230103", 9, 3)];

describe("the table of a theme", () => {
  it("has a column for each kind, summed over states and divisions", () => {
    const [plans, systems] = columnsOf(FIGURES);
    expect(plans?.total).toBe(6);
    expect(plans?.states.map(({ state, count }) => [state, count])).toEqual([["drafted", 3], ["approved", 3]]);
    expect([...(plans?.counts ?? [])]).toEqual([["", 1], ["230102", 5]]);
    expect(plans?.largest).toBe(5);
    expect(systems?.total).toBe(7);
  });

  it("has a row for each division that has anything, the city's own first", () => {
    expect(rowsOf({ figures: FIGURES, duties: DUTIES }, ["230102", "230103", "230104", "230108"])).toEqual(["", "230102", "230103", "230104"]);
    expect(rowsOf({ figures: [], duties: [] }, ["230102"])).toEqual([]);
  });

  it("sums what is owed, of one division or of all", () => {
    expect(owedIn(DUTIES, "230102")).toEqual({ open: 4, overdue: 1 });
    expect(owedIn(DUTIES, null)).toEqual({ open: 15, overdue: 4 });
    expect(owedIn(DUTIES, "")).toEqual({ open: 0, overdue: 0 });
  });

  it("names the duty that is most overdue first", () => {
    expect(owedByCode(DUTIES).map(({ code, open, overdue }) => [code, open, overdue])).toEqual([["R25.4", 9, 3], ["R18.1", 6, 1]]);
  });
});

describe("the list behind a figure", () => {
  it("is of camera files in the words of their own filter", () => {
    const path = listPath("camera", "/cameras", { state: "in_service", division: "230102" });
    expect(readFilter(new URL(path, "http://x").searchParams)).toEqual({ states: ["in_service"], division: "230102" });
  });

  it("is of records by their state, and without a filter the whole list", () => {
    expect(listPath("plan", "plans", { state: "drafted" })).toBe("/procedures/plans?state=drafted");
    expect(listPath("plan", "plans", { division: "" })).toBe("/procedures/plans");
  });
});
