/** Playing faster than a <video> can, or backward: where the head goes, and which sheet has its picture. */

import { SECOND } from "../shared/time";
import type { Span } from "../timeline/view";
import { endOf, type Strip } from "./sprite";

export const STEP_EVERY = 250; // ms between pictures
const PICTURES = 32; // of a sheet: eight seconds of stepping
const FINEST = SECOND; // no camera has key frames closer than that
const BEFORE_END = 100; // ms; the last picture of a stretch stands there

/** The sheet that holds a moment at a speed: the same one forward and backward. */
export function stripAt(ms: number, rate: number): Strip {
  const stepMs = Math.max(FINEST, Math.abs(rate) * STEP_EVERY);
  const spanMs = stepMs * PICTURES;
  return { startMs: Math.floor(ms / spanMs) * spanMs, stepMs, pictures: PICTURES };
}

/** The sheet that is needed after this one; null where nothing more is recorded. */
export function stripAfter(strip: Strip, rate: number, spans: readonly Span[] | null): Strip | null {
  const ms = landing(spans, rate < 0 ? strip.startMs - 1 : endOf(strip), rate);
  return ms === null ? null : stripAt(ms, rate);
}

/** The moment itself where something is recorded, else the next one in the direction of play; null if there is none. */
export function landing(spans: readonly Span[] | null, ms: number, rate: number): number | null {
  if (spans === null) return ms; // not known yet
  const present = spans.filter(({ kind }) => kind === "present");
  if (present.some(({ startMs, endMs }) => ms >= startMs && ms < endMs)) return ms;
  if (rate > 0) return present.find(({ startMs }) => startMs > ms)?.startMs ?? null;
  const before = present.findLast(({ endMs }) => endMs <= ms);
  return before === undefined ? null : Math.max(before.startMs, before.endMs - BEFORE_END);
}
