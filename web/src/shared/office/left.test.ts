import { describe, expect, it } from "vitest";

import { dueText, groupOf, leftUntil } from "./left";

const at = (text: string): number => Date.parse(`${text}+08:00`);
const DUE = at("2026-12-01T00:00:00"); // the term's last day is 30 November

describe("the time left", () => {
  it.each([
    ["2026-11-01T09:00:00", "days", 29],
    ["2026-11-28T23:59:59", "days", 2],
    ["2026-11-29T00:00:00", "days", 1],
    ["2026-11-29T23:59:59", "days", 1],
    ["2026-11-30T00:00:00", "hours", 24],
    ["2026-11-30T00:00:01", "hours", 23],
    ["2026-11-30T23:00:00", "hours", 1],
    ["2026-11-30T23:00:01", "minutes", 60],
    ["2026-11-30T23:59:59", "minutes", 1],
    ["2026-12-01T00:00:00", "lateMinutes", 0],
    ["2026-12-01T00:59:59", "lateMinutes", 59],
    ["2026-12-01T01:00:00", "lateHours", 1],
    ["2026-12-01T23:59:59", "lateHours", 23],
    ["2026-12-02T00:00:00", "lateDays", 1],
    ["2026-12-31T00:00:00", "lateDays", 30],
  ] as const)("at %s is %s %i", (now, key, n) => expect(leftUntil(DUE, at(now))).toEqual({ key, n }));

  it("counts natural days of UTC+8 also for a term in hours", () => {
    expect(leftUntil(at("2026-11-28T15:30:00"), at("2026-11-26T16:00:00"))).toEqual({ key: "days", n: 2 });
  });

  it("has no end where the law says at once", () => expect(leftUntil(null, DUE)).toEqual({ key: "atOnce" }));
});

describe("the groups of the inbox", () => {
  const now = at("2026-11-26T10:00:00");
  it.each([
    ["2026-11-26T10:00:00", "overdue"], // from the first instant after the term
    ["2026-11-26T10:00:01", "today"],
    ["2026-11-27T00:00:00", "today"],
    ["2026-11-27T00:00:01", "week"],
    ["2026-12-03T00:00:00", "week"],
    ["2026-12-03T00:00:01", "later"],
  ] as const)("due at %s stands under %s", (due, group) => expect(groupOf(at(due), now)).toBe(group));

  it("have a place for what is due at once", () => expect(groupOf(null, now)).toBe("atOnce"));
});

describe("the due instant", () => {
  it("is the end of the last day where the term ends with it", () => expect(dueText(DUE)).toBe("2026-11-30 24:00"));
  it("is the instant elsewhere", () => {
    expect(dueText(at("2026-11-30T15:30:00"))).toBe("2026-11-30 15:30");
    expect(dueText(at("2026-11-30T15:30:07"))).toBe("2026-11-30 15:30:07");
  });
});
