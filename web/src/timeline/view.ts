/** The timeline's arithmetic: which moment lies under which pixel. Pure, so that every gesture can be tested. */

import { DAY, HOUR, MINUTE, SECOND } from "../shared/time";

export interface View {
  startMs: number;
  spanMs: number;
  widthPx: number;
}

export type Span = {
  startMs: number;
  endMs: number;
  kind: "present" | "missing";
  cause: string | null;
  detail: string | null;
  /** hold: the original is lost, shown is the copy of an evidence hold. device: fetched from its own storage later. */
  recoveredFrom?: "hold" | "device" | null;
  /** When it was fetched from the device. */
  fetchedMs?: number | null;
};

export const MIN_SPAN = 20 * SECOND; // below this a pixel is less than a frame
export const MAX_SPAN = 31 * DAY;
export const ZOOM_STEP = 1.25; // one wheel notch or key press
const FUTURE_SHARE = 0.15; // of the view that may lie after now, so that the live edge stays readable

export const endMs = (view: View): number => view.startMs + view.spanMs;
export const timeAt = (view: View, x: number): number => view.startMs + (x / view.widthPx) * view.spanMs;
export const xOf = (view: View, ms: number): number => ((ms - view.startMs) / view.spanMs) * view.widthPx;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Zoom by `factor` (> 1 shows more time) so that the moment under `anchorX` stays there. In and out are inverse. */
export function zoom(view: View, factor: number, anchorX: number): View {
  const spanMs = clamp(view.spanMs * factor, MIN_SPAN, MAX_SPAN);
  const share = anchorX / view.widthPx;
  return { ...view, spanMs, startMs: view.startMs + (view.spanMs - spanMs) * share };
}

export function pan(view: View, ms: number): View {
  return { ...view, startMs: view.startMs + ms };
}

/** Never further right than a little past now. */
export function clampToNow(view: View, nowMs: number): View {
  const latest = nowMs + view.spanMs * FUTURE_SHARE - view.spanMs;
  return view.startMs > latest ? { ...view, startMs: latest } : view;
}

/** The view that shows `ms` in its middle, or at the live edge when `ms` is close to now. */
export function centred(view: View, ms: number, nowMs: number): View {
  return clampToNow({ ...view, startMs: ms - view.spanMs / 2 }, nowMs);
}

/** Follow a moving moment: keeps the view while it is inside, else turns the page. */
export function following(view: View, ms: number, nowMs: number): View {
  const x = xOf(view, ms) / view.widthPx;
  if (x >= 0.02 && x <= 0.92) return view;
  return clampToNow({ ...view, startMs: ms - view.spanMs * (x > 0.92 ? 0.25 : 0.75) }, nowMs);
}

export const EDGE_PX = 36;

/** Auto-pan while dragging near an edge: milliseconds of timeline per second of holding, growing towards the edge. */
export function edgePan(view: View, x: number): number {
  const perSecond = view.spanMs * 0.8;
  if (x < EDGE_PX) return -perSecond * clamp((EDGE_PX - x) / EDGE_PX, 0, 1);
  const right = view.widthPx - EDGE_PX;
  if (x > right) return perSecond * clamp((x - right) / EDGE_PX, 0, 1);
  return 0;
}

const STEPS = [
  SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
];
const LABEL_PX = 96; // room for "11-24 15:00"

export interface Tick {
  ms: number;
  /** Midnight or the first tick of a step that carries a date. */
  day: boolean;
}

export function tickStep(view: View): number {
  const wanted = (view.spanMs / view.widthPx) * LABEL_PX;
  return STEPS.find((step) => step >= wanted) ?? 7 * DAY;
}

/** Ticks on round civil times (`offsetMs`: civil minus UTC). */
export function ticks(view: View, offsetMs: number): Tick[] {
  const step = tickStep(view);
  const first = Math.ceil((view.startMs + offsetMs) / step) * step;
  const found: Tick[] = [];
  for (let civil = first; civil - offsetMs <= endMs(view); civil += step) {
    found.push({ ms: civil - offsetMs, day: civil % DAY === 0 });
  }
  return found;
}

// --- spans

export function spanAt(spans: readonly Span[], ms: number): Span | null {
  return spans.find((span) => ms >= span.startMs && ms < span.endMs) ?? null;
}

export function gapsOf(spans: readonly Span[]): Span[] {
  return spans.filter((span) => span.kind === "missing");
}

/** Where the next gap starts after `ms`, or the one before it. */
export function nextGap(spans: readonly Span[], ms: number): Span | null {
  return gapsOf(spans).find((gap) => gap.startMs > ms) ?? null;
}

export function previousGap(spans: readonly Span[], ms: number): Span | null {
  return gapsOf(spans).findLast((gap) => gap.startMs < ms) ?? null; // also one that lasts still
}

/** The nearest moments with a picture around a moment without one. */
export function nearestPresent(spans: readonly Span[], ms: number): { earlier: number | null; later: number | null } {
  const present = spans.filter((span) => span.kind === "present");
  const before = present.findLast((span) => span.endMs <= ms);
  const after = present.find((span) => span.startMs >= ms);
  return { earlier: before?.endMs ?? null, later: after?.startMs ?? null };
}

/**
 * Spans narrower than a pixel are drawn as one pixel, gaps on top: a one-second hole in a day stays visible.
 * Returns [left, width] in whole pixels.
 */
export function pixelsOf(view: View, span: Pick<Span, "startMs" | "endMs">): [number, number] {
  const left = clamp(Math.floor(xOf(view, span.startMs)), -1, view.widthPx);
  const right = clamp(Math.ceil(xOf(view, span.endMs)), 0, view.widthPx + 1);
  return [left, Math.max(1, right - left)];
}

/** The stored range still grows while a camera is recorded: carry its last span on to now. */
export function grown(spans: readonly Span[], answeredMs: number, nowMs: number): Span[] {
  const last = spans[spans.length - 1];
  const RECENT = 6 * SECOND; // a fragment, its flush and one poll
  if (last === undefined || last.kind !== "present" || answeredMs - last.endMs > RECENT) return [...spans];
  return [...spans.slice(0, -1), { ...last, endMs: Math.max(last.endMs, nowMs) }];
}

/** What has not happened yet is neither stored nor missing. */
export function pastOnly(spans: readonly Span[], nowMs: number): Span[] {
  return spans.flatMap((span) => (span.startMs >= nowMs ? [] : [{ ...span, endMs: Math.min(span.endMs, nowMs) }]));
}

/** Nothing is missing before a camera was registered. */
export function registeredOnly(spans: readonly Span[], sinceMs: number): Span[] {
  const SETTLING = 5000; // ms: the first connection, which is no gap either
  return spans.flatMap((span) => {
    if (span.kind === "present" || span.startMs >= sinceMs) return [span];
    return span.endMs <= sinceMs + SETTLING ? [] : [{ ...span, startMs: sinceMs }];
  });
}
