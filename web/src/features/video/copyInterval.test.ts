import { describe, expect, it } from "vitest";

import { savedName } from "../../api/copies";
import { DAY, HOUR, MINUTE, SECOND } from "../../shared/time";
import type { Span } from "../../timeline/view";
import { faultOf, LONGEST, missingIn, parseTyped, suggested, typedText, undecidedMs } from "./copyInterval";
import { NO_RANGE } from "./range";

const AT = Date.UTC(2026, 10, 26, 6);

const span = (startMs: number, endMs: number, cause: string | null = null): Span => ({
  startMs, endMs, kind: cause === null ? "present" : "missing", cause, detail: null, recoveredFrom: null,
});

describe("the interval of a copy", () => {
  it("is the range that was set, to the millisecond", () => {
    expect(suggested({ startMs: AT - 9120, endMs: AT - 40 }, AT, AT)).toEqual({ startMs: AT - 9120, endMs: AT - 40 });
  });

  it("is the minute before the moment where nothing was set", () => {
    expect(suggested(NO_RANGE, AT - HOUR + 0.4, AT)).toEqual({ startMs: AT - HOUR - MINUTE, endMs: AT - HOUR });
  });

  it("reaches from an edge to the moment, and never beyond now", () => {
    expect(suggested({ startMs: AT - HOUR, endMs: null }, AT - MINUTE, AT)).toEqual({ startMs: AT - HOUR, endMs: AT - MINUTE });
    expect(suggested({ startMs: AT, endMs: null }, AT, AT)).toEqual({ startMs: AT - MINUTE, endMs: AT });
    expect(suggested({ startMs: AT - MINUTE, endMs: AT + MINUTE }, AT, AT)).toEqual({ startMs: AT - MINUTE, endMs: AT });
  });

  it("is refused where the door would refuse it", () => {
    expect(faultOf({ startMs: AT, endMs: AT }, "download", AT)).toBe("order");
    expect(faultOf({ startMs: AT, endMs: AT + 1 }, "download", AT)).toBe("future");
    for (const form of ["download", "fragmented"] as const) {
      expect(faultOf({ startMs: AT - LONGEST[form], endMs: AT }, form, AT)).toBeNull();
      expect(faultOf({ startMs: AT - LONGEST[form] - 1, endMs: AT }, form, AT)).toBe("long");
    }
    expect(LONGEST).toEqual({ download: 6 * HOUR, fragmented: DAY });
  });
});

describe("a typed moment", () => {
  it("is civil time of China, wherever the browser stands", () => {
    expect(parseTyped("2026-11-26 14:00:05")).toBe(AT + 5 * SECOND);
    expect(parseTyped(" 2026-11-26 14：00 ")).toBe(AT);
    expect(parseTyped("2026-11-26 14:00:05.12")).toBe(AT + 5120);
  });

  it("reads what it writes", () => {
    for (const ms of [AT, AT + 1, AT + 120, AT + 59_999]) expect(parseTyped(typedText(ms))).toBe(ms);
    expect(typedText(AT)).toBe("2026-11-26 14:00:00");
    expect(typedText(AT + 7)).toBe("2026-11-26 14:00:00.007");
  });

  it("is nothing where there is no such moment", () => {
    for (const text of ["", "soon", "14:00", "2026-11-26", "2026-02-30 10:00", "2026-11-26 24:00", "2026-11-26 14:60", "2026-11-26 14:00:60"]) {
      expect([text, parseTyped(text)]).toEqual([text, null]);
    }
  });
});

describe("what is missing", () => {
  const spans = [span(AT - HOUR, AT - 40 * SECOND, "expired"), span(AT - 40 * SECOND, AT - 20 * SECOND), span(AT - 20 * SECOND, AT - 10 * SECOND, "disconnected"), span(AT - 10 * SECOND, AT - 3 * SECOND)];

  it("is cut to the interval, with its cause", () => {
    expect(missingIn(spans, { startMs: AT - 50 * SECOND, endMs: AT - 15 * SECOND })).toMatchObject([
      { startMs: AT - 50 * SECOND, endMs: AT - 40 * SECOND, cause: "expired" },
      { startMs: AT - 20 * SECOND, endMs: AT - 15 * SECOND, cause: "disconnected" },
    ]);
    expect(missingIn(spans, { startMs: AT - 40 * SECOND, endMs: AT - 20 * SECOND })).toEqual([]);
  });

  it("is not known yet behind what was written last", () => {
    expect(undecidedMs(spans, { startMs: AT - MINUTE, endMs: AT })).toBe(3 * SECOND);
    expect(undecidedMs(spans, { startMs: AT - MINUTE, endMs: AT - 5 * SECOND })).toBe(0);
    expect(undecidedMs([], { startMs: AT - MINUTE, endMs: AT })).toBe(MINUTE);
  });
});

describe("the name of a file", () => {
  it("says camera and start as the worker does", () => {
    const url = "http://127.0.0.1:8810/m/T.S/%E4%B8%9C%E9%97%A8%201.mp4";
    expect(savedName(url, "2026-11-26T10:30:00.960Z")).toBe("东门 1 2026-11-26 18.30.00+0800 (103000Z).mp4");
  });
});
