import { describe, expect, it } from "vitest";

import {
  DAY, HOUR, MINUTE, SECOND, civilDayStart, civilRangeText, civilText, dateTimeText, durationText, lastDayOf, parseMoment, utcRangeText,
} from "./time";

const NOW = new Date(2026, 10, 24, 12, 30, 15).getTime();
const at = (y: number, mo: number, d: number, h = 0, mi = 0, s = 0): number => new Date(y, mo - 1, d, h, mi, s).getTime();

describe("a typed moment", () => {
  it.each([
    ["2026-11-23 15:00:30", at(2026, 11, 23, 15, 0, 30)],
    ["2026/11/23 15:00", at(2026, 11, 23, 15)],
    ["2026-11-23T15:00", at(2026, 11, 23, 15)],
    ["11-23 15:00", at(2026, 11, 23, 15)],
    ["12-31 08:00", at(2025, 12, 31, 8)],
    ["2026年11月23日 9:05", at(2026, 11, 23, 9, 5)],
    ["9:05", at(2026, 11, 24, 9, 5)],
    ["15：00", at(2026, 11, 23, 15)],
    ["昨天 15:00", at(2026, 11, 23, 15)],
    ["yesterday 15:00", at(2026, 11, 23, 15)],
    ["today", at(2026, 11, 24)],
    ["-10m", NOW - 10 * MINUTE],
    ["-1.5h", NOW - 1.5 * HOUR],
    ["−2天", NOW - 2 * DAY],
  ])("%s", (text, expected) => expect(parseMoment(text, NOW)).toBe(expected));

  it.each(["", "soon", "25:00", "12:60", "2026-02-30 10:00", "1 2 3", "10:00 yesterday"])("%j is none", (text) =>
    expect(parseMoment(text, NOW)).toBeNull(),
  );

  it("reads what we write", () => expect(parseMoment(dateTimeText(NOW), NOW)).toBe(NOW));
});

describe("a duration", () => {
  it.each([
    [45 * SECOND, "45s"],
    [125 * SECOND, "2m05s"],
    [2 * HOUR, "2h00m"],
    [3 * DAY, "3d00h"],
    [-5, "0s"],
  ])("%d → %s", (ms, text) => expect(durationText(ms)).toBe(text));
});

describe("civil time", () => {
  const LATE = Date.UTC(2026, 10, 25, 16, 30); // 26 November, 00:30 in civil time

  it("is UTC+8 wherever the browser stands", () => {
    expect(civilText(LATE)).toBe("2026-11-26 00:30:00");
    expect(civilDayStart(LATE)).toBe(Date.UTC(2026, 10, 25, 16));
    expect(civilDayStart(Date.UTC(2026, 10, 25, 16))).toBe(Date.UTC(2026, 10, 25, 16));
  });

  it("says an interval with its offset, and the same in UTC", () => {
    expect(civilRangeText(LATE, LATE + MINUTE)).toBe("2026-11-26 00:30:00 – 00:31:00 +08:00");
    expect(civilRangeText(LATE - HOUR, LATE)).toBe("2026-11-25 23:30:00 – 2026-11-26 00:30:00 +08:00");
    expect(utcRangeText(LATE, LATE + 500)).toBe("UTC 2026-11-25 16:30:00.000Z – 2026-11-25 16:30:00.500Z");
  });

  it("counts a term in natural days, the day itself not counted", () => {
    expect(lastDayOf(Date.UTC(2026, 2, 1, 4), 30)).toBe("2026-03-31");
    expect(lastDayOf(Date.UTC(2026, 1, 28, 16), 30)).toBe("2026-03-31"); // already 1 March there
  });
});
