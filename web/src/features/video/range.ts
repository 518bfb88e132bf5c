/** The interval that a mark covers: a minute before and after the moment, or what the person set. */

import { MINUTE } from "../../shared/time";

export interface Range {
  startMs: number | null;
  endMs: number | null;
}

export const NO_RANGE: Range = { startMs: null, endMs: null };
const AROUND = MINUTE; // what led to it and what came of it

/** A start behind the end, or an end before the start, begins a new range. */
export function withEdge({ startMs, endMs }: Range, edge: "start" | "end", ms: number): Range {
  if (edge === "start") return { startMs: ms, endMs: endMs !== null && endMs > ms ? endMs : null };
  return { startMs: startMs !== null && startMs < ms ? startMs : null, endMs: ms };
}

/** What `M` marks at a moment. An edge not set is the moment, if that makes an interval; else a minute away from it. */
export function intervalOf({ startMs, endMs }: Range, momentMs: number): { startMs: number; endMs: number } {
  if (startMs !== null && endMs !== null) return { startMs, endMs };
  if (startMs !== null) return { startMs, endMs: momentMs > startMs ? momentMs : startMs + AROUND };
  if (endMs !== null) return { startMs: momentMs < endMs ? momentMs : endMs - AROUND, endMs };
  return { startMs: momentMs - AROUND, endMs: momentMs + AROUND };
}
