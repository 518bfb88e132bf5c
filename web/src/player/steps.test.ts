import { describe, expect, it } from "vitest";

import { HOUR, MINUTE, SECOND } from "../shared/time";
import type { Span } from "../timeline/view";
import { endOf } from "./sprite";
import { landing, STEP_EVERY, stripAfter, stripAt } from "./steps";

const T = Date.UTC(2026, 10, 26, 4);
const span = (start: number, end: number, kind: Span["kind"]): Span => ({ startMs: T + start, endMs: T + end, kind, cause: null, detail: null });
const SPANS = [
  span(-HOUR, 0, "missing"),
  span(0, 10 * MINUTE, "present"), span(10 * MINUTE, 20 * MINUTE, "missing"),
  span(20 * MINUTE, 30 * MINUTE, "present"), span(30 * MINUTE, 40 * MINUTE, "missing"),
];

describe("the sheet of a moment", () => {
  it("has one picture for each step at its speed, and holds the moment", () => {
    for (const rate of [16, 32, 64, -1, -8, -64]) {
      const strip = stripAt(T + 12_345, rate);
      expect(strip.stepMs).toBe(Math.max(SECOND, Math.abs(rate) * STEP_EVERY));
      expect(strip.startMs).toBeLessThanOrEqual(T + 12_345);
      expect(endOf(strip)).toBeGreaterThan(T + 12_345);
    }
  });

  it("is the same one forward and backward, all through it", () => {
    const strip = stripAt(T, 64);
    expect(stripAt(strip.startMs, -64)).toEqual(strip);
    expect(stripAt(endOf(strip) - 1, -64)).toEqual(strip);
    expect(stripAt(endOf(strip), 64).startMs).toBe(endOf(strip));
  });
});

describe("stepping", () => {
  it("goes on where something is recorded", () => {
    expect(landing(SPANS, T + 5 * MINUTE, 64)).toBe(T + 5 * MINUTE);
    expect(landing(SPANS, T + 5 * MINUTE, -64)).toBe(T + 5 * MINUTE);
  });

  it("jumps over a gap, forward to its end, backward to before its start", () => {
    expect(landing(SPANS, T + 12 * MINUTE, 16)).toBe(T + 20 * MINUTE);
    expect(landing(SPANS, T + 19 * MINUTE, -16)).toBe(T + 10 * MINUTE - 100);
    expect(landing(SPANS, T + 10 * MINUTE, 16)).toBe(T + 20 * MINUTE); // the end is not part of it
  });

  it("ends where nothing more is recorded", () => {
    expect(landing(SPANS, T + 35 * MINUTE, 64)).toBeNull();
    expect(landing(SPANS, T - 1, -64)).toBeNull();
    expect(landing([], T, 64)).toBeNull();
  });

  it("does not wait to know what is recorded", () => expect(landing(null, T + 12 * MINUTE, 64)).toBe(T + 12 * MINUTE));

  it("asks for the next sheet in its direction, over the gap", () => {
    const forward = stripAfter(stripAt(T + 9 * MINUTE, 64), 64, SPANS);
    expect(forward).toEqual(stripAt(T + 20 * MINUTE, 64));
    const backward = stripAfter(stripAt(T + 20 * MINUTE, -16), -16, SPANS);
    expect(backward).toEqual(stripAt(T + 10 * MINUTE - 100, -16));
    expect(stripAfter(stripAt(T + 1000, -64), -64, SPANS)).toBeNull();
  });
});
