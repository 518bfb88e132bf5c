import { afterEach, describe, expect, it, vi } from "vitest";

import { DAY, HOUR, MINUTE } from "../shared/time";
import { MAX_SPAN, MIN_SPAN } from "../timeline/view";
import { cellAt, endOf, isFresh, oneAtATime, placeOf, stripOf, type Cell, type Sheet } from "./sprite";

const START = Date.UTC(2026, 10, 26, 4);
const cell = (tile: number, atMs: number): Cell => ({ tile, atMs });
const sheetOf = (cells: (Cell | null)[], askedMs = START): Sheet => ({
  startMs: START, stepMs: MINUTE, pictures: cells.length, columns: 8, tileWidth: 192, tileHeight: 108, cells, image: null, masked: false, askedMs,
});

afterEach(() => vi.useRealTimers());

describe("which sheet", () => {
  it("covers all that the timeline shows, at every zoom", () => {
    for (const spanMs of [MIN_SPAN, 7 * MINUTE + 13.7, HOUR, DAY, 20 * DAY]) {
      const strip = stripOf({ startMs: START + 0.25, spanMs, widthPx: 1000 });
      expect(strip.startMs).toBeLessThanOrEqual(START + 0.25);
      expect(endOf(strip)).toBeGreaterThanOrEqual(START + 0.25 + spanMs);
      expect(Object.values(strip).every(Number.isInteger)).toBe(true);
    }
  });

  it("never asks for more than the server answers", () => {
    for (let spanMs = MAX_SPAN; spanMs > 20 * DAY; spanMs -= 7 * HOUR) {
      const strip = stripOf({ startMs: START, spanMs, widthPx: 1000 });
      expect(strip.pictures).toBeGreaterThanOrEqual(48);
      expect(strip.pictures).toBeLessThanOrEqual(64);
      expect(endOf(strip) - strip.startMs).toBeLessThanOrEqual(31 * DAY);
    }
  });

  it("stays for a tremble, changes for a pan and for a zoom", () => {
    const view = { startMs: START + 2 * MINUTE, spanMs: HOUR, widthPx: 1000 };
    const strip = stripOf(view);
    expect(stripOf({ ...view, startMs: view.startMs + 10_000 })).toEqual(strip);
    expect(stripOf({ ...view, startMs: view.startMs + 20 * MINUTE }).startMs).not.toBe(strip.startMs);
    expect(stripOf({ ...view, spanMs: HOUR / 1.25 }).stepMs).not.toBe(strip.stepMs);
  });

  it("is asked again only while it reached now", () => {
    const reachedNow = sheetOf([null, null], START + MINUTE);
    expect(isFresh(reachedNow, START + MINUTE + 5000)).toBe(true);
    expect(isFresh(reachedNow, START + MINUTE + 30_000)).toBe(false);
    expect(isFresh(sheetOf([null, null], START + 3 * MINUTE), START + DAY)).toBe(true);
  });
});

describe("which cell", () => {
  const cells = [cell(0, START + 20_000), cell(1, START + 80_000), null, null, cell(2, START + 260_000), cell(2, START + 260_000)];
  const sheet = sheetOf(cells);

  it("is that of the step", () => {
    expect(cellAt(sheet, START)).toBe(cells[0]);
    expect(cellAt(sheet, START + MINUTE)).toBe(cells[1]);
    expect(cellAt(sheet, START + 5 * MINUTE + 59_000)).toBe(cells[5]);
  });

  it("is the nearer neighbour's where the step has none, if that is close", () => {
    expect(cellAt(sheet, START + 2 * MINUTE + 10_000)).toBe(cells[1]);
    expect(cellAt(sheet, START + 2 * MINUTE + 40_000)).toBeNull();
    expect(cellAt(sheet, START + 3 * MINUTE + 50_000)).toBe(cells[4]);
    expect(cellAt(sheetOf([cell(0, START - MINUTE), null]), START + MINUTE + 10_000)).toBeNull();
  });

  it("is none before, after and in an empty sheet", () => {
    for (const ms of [START - 1, START + 6 * MINUTE, START + DAY]) expect(cellAt(sheet, ms)).toBeNull();
    expect(cellAt(sheetOf([]), START)).toBeNull();
  });

  it("lies row by row", () => {
    expect(placeOf(sheet, cell(0, 0))).toEqual([0, 0]);
    expect(placeOf(sheet, cell(7, 0))).toEqual([7 * 192, 0]);
    expect(placeOf(sheet, cell(17, 0))).toEqual([192, 2 * 108]);
  });
});

describe("asking", () => {
  const never = new AbortController().signal;

  it("has one question in flight for a camera, and any number of cameras", async () => {
    const began: string[] = [];
    let answer: (text: string) => void = () => undefined;
    const first = oneAtATime("a", never, () => new Promise<string>((done) => (began.push("first"), (answer = done))));
    const second = oneAtATime("a", never, async () => (began.push("second"), "2"));
    await expect(oneAtATime("b", never, async () => "other")).resolves.toBe("other");
    expect(began).toEqual(["first"]);
    answer("1");
    expect(await Promise.all([first, second])).toEqual(["1", "2"]);
    expect(began).toEqual(["first", "second"]);
  });

  it("goes on after a failure, and skips who has left", async () => {
    const stop = new AbortController();
    const ask = vi.fn(async () => "asked");
    const failing = oneAtATime("a", never, async () => Promise.reject(new Error("broken")));
    const left = oneAtATime("a", stop.signal, ask);
    const next = oneAtATime("a", never, async () => "next");
    stop.abort();
    await expect(failing).rejects.toThrow("broken");
    await expect(left).rejects.toThrow();
    await expect(next).resolves.toBe("next");
    expect(ask).not.toHaveBeenCalled();
  });
});
