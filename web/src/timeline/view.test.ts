import { describe, expect, it } from "vitest";

import { DAY, HOUR, MINUTE, SECOND } from "../shared/time";
import {
  MAX_SPAN, MIN_SPAN, centred, clampToNow, edgePan, endMs, following, grown, nearestPresent, nextGap, pan, pastOnly, pixelsOf,
  previousGap, registeredOnly, spanAt, ticks, timeAt, xOf, zoom, type Span, type View,
} from "./view";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const view: View = { startMs: NOW - HOUR, spanMs: HOUR, widthPx: 1200 };
const span = (startMs: number, endMs: number, kind: Span["kind"], cause: string | null = null): Span => ({
  startMs, endMs, kind, cause, detail: null,
});

describe("pixels and moments", () => {
  it("are inverse", () => {
    for (const x of [0, 1, 599.5, 1200]) expect(xOf(view, timeAt(view, x))).toBeCloseTo(x, 6);
  });

  it("shows a hole shorter than a pixel", () => {
    expect(pixelsOf({ ...view, spanMs: DAY }, { startMs: NOW - 30 * MINUTE, endMs: NOW - 30 * MINUTE + 200 })[1]).toBe(1);
  });

  it("cuts at the edges", () => {
    const [left, width] = pixelsOf(view, { startMs: 0, endMs: NOW + DAY });
    expect(left).toBeLessThanOrEqual(0);
    expect(left + width).toBeGreaterThanOrEqual(1200);
    expect(width).toBeLessThan(1210);
  });
});

describe("zoom", () => {
  it("keeps the moment under the pointer", () => {
    for (const x of [0, 300, 1200]) expect(timeAt(zoom(view, 1.25, x), x)).toBeCloseTo(timeAt(view, x), 3);
  });

  it("is symmetric: in and out again is where one was", () => {
    const there = zoom(view, 1 / 1.25, 400);
    const back = zoom(there, 1.25, 400);
    expect(back.startMs).toBeCloseTo(view.startMs, 3);
    expect(back.spanMs).toBeCloseTo(view.spanMs, 3);
  });

  it("stays between its bounds", () => {
    expect(zoom(view, 1e9, 0).spanMs).toBe(MAX_SPAN);
    expect(zoom(view, 1e-9, 0).spanMs).toBe(MIN_SPAN);
  });
});

describe("moving", () => {
  it("never goes far past now", () => {
    const far = clampToNow(pan(view, DAY), NOW);
    expect(endMs(far)).toBeCloseTo(NOW + HOUR * 0.15, 3);
    expect(clampToNow(pan(view, -DAY), NOW)).toEqual(pan(view, -DAY));
  });

  it("centres a past moment and keeps the live edge in view", () => {
    expect(xOf(centred(view, NOW - DAY, NOW), NOW - DAY)).toBe(600);
    expect(endMs(centred(view, NOW, NOW))).toBeCloseTo(NOW + HOUR * 0.15, 3);
  });

  it("turns the page when the playhead leaves", () => {
    expect(following(view, NOW - 30 * MINUTE, NOW)).toBe(view);
    const turned = following({ ...view, startMs: NOW - 3 * HOUR }, NOW - 2 * HOUR + MINUTE, NOW);
    expect(xOf(turned, NOW - 2 * HOUR + MINUTE)).toBeCloseTo(300, 3);
  });

  it("auto-pans only near an edge, faster towards it", () => {
    expect(edgePan(view, 600)).toBe(0);
    expect(edgePan(view, 10)).toBeLessThan(0);
    expect(edgePan(view, -50)).toBeLessThan(edgePan(view, 30));
    expect(edgePan(view, 1199)).toBeCloseTo(-edgePan(view, 1), 3);
  });
});

describe("ticks", () => {
  it("fall on round civil times", () => {
    const offset = 8 * HOUR;
    const found = ticks({ ...view, spanMs: DAY, startMs: NOW - DAY }, offset);
    expect(found.every((tick) => (tick.ms + offset) % (2 * HOUR) === 0)).toBe(true);
    expect(found.filter((tick) => tick.day)).toHaveLength(1);
  });

  it("are never crowded at any zoom", () => {
    for (let spanMs = MIN_SPAN; spanMs <= MAX_SPAN; spanMs *= 1.7) {
      expect(ticks({ ...view, spanMs }, 0).length).toBeLessThanOrEqual(14);
    }
  });
});

describe("spans", () => {
  const spans = [
    span(NOW - 60 * SECOND, NOW - 40 * SECOND, "present"),
    span(NOW - 40 * SECOND, NOW - 30 * SECOND, "missing", "disconnected"),
    span(NOW - 30 * SECOND, NOW - 2 * SECOND, "present"),
  ];

  it("are found by moment", () => {
    expect(spanAt(spans, NOW - 35 * SECOND)?.cause).toBe("disconnected");
    expect(spanAt(spans, NOW - 30 * SECOND)?.kind).toBe("present");
    expect(spanAt(spans, NOW + DAY)).toBeNull();
  });

  it("name the neighbours of a gap", () => {
    expect(nextGap(spans, NOW - 50 * SECOND)?.startMs).toBe(NOW - 40 * SECOND);
    expect(nextGap(spans, NOW - 35 * SECOND)).toBeNull();
    expect(previousGap(spans, NOW - 10 * SECOND)?.endMs).toBe(NOW - 30 * SECOND);
    expect(nearestPresent(spans, NOW - 35 * SECOND)).toEqual({ earlier: NOW - 40 * SECOND, later: NOW - 30 * SECOND });
  });

  it("miss nothing before the camera was registered", () => {
    const early = [span(NOW - DAY, NOW - HOUR, "missing"), span(NOW - HOUR, NOW, "present")];
    expect(registeredOnly(early, NOW - HOUR)).toEqual([early[1]]);
    expect(registeredOnly(early, NOW - 2 * HOUR)[0]?.startMs).toBe(NOW - 2 * HOUR);
    expect(registeredOnly(early, NOW - 2 * DAY)).toEqual(early);
  });

  it("end now", () => {
    const open = [span(NOW - HOUR, NOW + HOUR, "missing"), span(NOW + HOUR, NOW + DAY, "present")];
    expect(pastOnly(open, NOW)).toEqual([span(NOW - HOUR, NOW, "missing")]);
  });

  it("grow to now while the camera is recorded, and not after it stopped", () => {
    expect(grown(spans, NOW, NOW + SECOND).at(-1)?.endMs).toBe(NOW + SECOND);
    expect(grown(spans, NOW + MINUTE, NOW + MINUTE).at(-1)?.endMs).toBe(NOW - 2 * SECOND);
    expect(grown([], NOW, NOW)).toEqual([]);
  });
});
