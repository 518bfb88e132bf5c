/** The interval of a copy: what is suggested, what may be typed, what of it is missing. Times are typed in +08:00. */

import type { CopyForm } from "../../api/copies";
import { civilText, HOUR, MINUTE, SECOND } from "../../shared/time";
import type { Span } from "../../timeline/view";
import { intervalOf, type Range } from "./range";

export const FORMS: readonly CopyForm[] = ["download", "fragmented"];

/** As the door takes at most (access/door.py). */
export const LONGEST: Record<CopyForm, number> = { download: 6 * HOUR, fragmented: 24 * HOUR };

interface Interval {
  startMs: number;
  endMs: number;
}

/** The range that was set; without one the minute before the moment. Never beyond now, never empty. */
export function suggested(range: Range, momentMs: number, nowMs: number): Interval {
  const unset = range.startMs === null && range.endMs === null;
  const { startMs, endMs } = unset ? { startMs: momentMs - MINUTE, endMs: momentMs } : intervalOf(range, momentMs);
  const end = Math.round(Math.min(endMs, nowMs));
  return { startMs: Math.round(startMs < end ? startMs : end - MINUTE), endMs: end };
}

const CIVIL = /^(\d{4}-\d\d-\d\d)[ T]+(\d\d)[:：](\d\d)(?:[:：](\d\d)(\.\d{1,3})?)?$/;

/** "2026-11-26 14:00:05" of civil time, the milliseconds only where there are any. */
export function typedText(ms: number): string {
  const rest = ms % SECOND;
  return rest === 0 ? civilText(ms) : `${civilText(ms)}.${String(rest).padStart(3, "0")}`;
}

/** What `typedText` writes, with or without seconds; null for everything else. */
export function parseTyped(text: string): number | null {
  const match = CIVIL.exec(text.trim());
  if (match === null) return null;
  const [, day = "", hours = "", minutes = "", seconds = "00", rest = ""] = match;
  const ms = Date.parse(`${day}T${hours}:${minutes}:${seconds}${rest}+08:00`);
  // A day that no month has is another day to some parsers.
  return Number.isNaN(ms) || civilText(ms).slice(0, 16) !== `${day} ${hours}:${minutes}` ? null : ms;
}

export type Fault = "order" | "future" | "long";

/** What the door would refuse anyway. */
export function faultOf({ startMs, endMs }: Interval, form: CopyForm, nowMs: number): Fault | null {
  if (endMs <= startMs) return "order";
  if (endMs > nowMs) return "future";
  return endMs - startMs > LONGEST[form] ? "long" : null;
}

/** The missing parts of an interval, cut to it. */
export function missingIn(spans: readonly Span[], { startMs, endMs }: Interval): Span[] {
  return spans
    .filter((span) => span.kind === "missing" && span.endMs > startMs && span.startMs < endMs)
    .map((span) => ({ ...span, startMs: Math.max(span.startMs, startMs), endMs: Math.min(span.endMs, endMs) }));
}

/** How much at the end is still being written, so that nobody knows yet whether it is there. */
export function undecidedMs(spans: readonly Span[], { startMs, endMs }: Interval): number {
  return Math.max(0, endMs - Math.max(startMs, ...spans.map((span) => span.endMs)));
}
