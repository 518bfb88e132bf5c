/** How long until a duty is due, or since when it is overdue: natural days of UTC+8, hours within the last day. */

import { civilDayStart, civilText, DAY, HOUR, MINUTE } from "../time";

export type Left =
  | { key: "atOnce" }
  | { key: "days" | "hours" | "minutes" | "lateDays" | "lateHours" | "lateMinutes"; n: number };

/**
 * `dueMs` is the first instant after the term; null: at once, without a term. A day counts as left when the
 * term still holds all of it: on the day before its last day, one is left.
 */
export function leftUntil(dueMs: number | null, nowMs: number): Left {
  if (dueMs === null) return { key: "atOnce" };
  const left = dueMs - nowMs;
  if (left <= 0) return late(nowMs - dueMs);
  if (left < HOUR) return { key: "minutes", n: Math.max(1, Math.ceil(left / MINUTE)) };
  if (left <= DAY) return { key: "hours", n: Math.floor(left / HOUR) };
  return { key: "days", n: Math.round((civilDayStart(dueMs - 1) - civilDayStart(nowMs)) / DAY) };
}

function late(since: number): Left {
  if (since < HOUR) return { key: "lateMinutes", n: Math.floor(since / MINUTE) };
  if (since < DAY) return { key: "lateHours", n: Math.floor(since / HOUR) };
  return { key: "lateDays", n: Math.floor(since / DAY) };
}

export type DeadlineGroup = "overdue" | "atOnce" | "today" | "week" | "later";
export const DEADLINE_GROUPS: readonly DeadlineGroup[] = ["overdue", "atOnce", "today", "week", "later"];

const WEEK = 7; // natural days, today included

export function groupOf(dueMs: number | null, nowMs: number): DeadlineGroup {
  if (dueMs === null) return "atOnce";
  if (dueMs <= nowMs) return "overdue";
  const today = civilDayStart(nowMs);
  if (dueMs <= today + DAY) return "today";
  return dueMs <= today + WEEK * DAY ? "week" : "later";
}

/** "2026-12-25 24:00": a term that ends with its day is said to; else the instant in civil time. */
export function dueText(dueMs: number): string {
  const text = civilText(dueMs);
  return text.endsWith("00:00:00") ? `${civilText(dueMs - 1).slice(0, 10)} 24:00` : text.slice(0, text.endsWith(":00") ? 16 : 19);
}
