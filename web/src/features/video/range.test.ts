import { describe, expect, it } from "vitest";

import { MINUTE, SECOND } from "../../shared/time";
import { intervalOf, NO_RANGE, withEdge } from "./range";

const AT = Date.UTC(2026, 10, 26, 6);

describe("the interval of a mark", () => {
  it("is a minute before and after the moment", () => {
    expect(intervalOf(NO_RANGE, AT)).toEqual({ startMs: AT - MINUTE, endMs: AT + MINUTE });
  });

  it("is what was set, wherever the picture stands", () => {
    const range = withEdge(withEdge(NO_RANGE, "start", AT), "end", AT + 5 * SECOND);
    expect(intervalOf(range, AT + MINUTE)).toEqual({ startMs: AT, endMs: AT + 5 * SECOND });
  });

  it("reaches from a set edge to the moment, never backwards and never empty", () => {
    const started = withEdge(NO_RANGE, "start", AT);
    expect(intervalOf(started, AT + 9 * SECOND)).toEqual({ startMs: AT, endMs: AT + 9 * SECOND });
    expect(intervalOf(started, AT - SECOND)).toEqual({ startMs: AT, endMs: AT + MINUTE });
    const ended = withEdge(NO_RANGE, "end", AT);
    expect(intervalOf(ended, AT - 9 * SECOND)).toEqual({ startMs: AT - 9 * SECOND, endMs: AT });
    expect(intervalOf(ended, AT)).toEqual({ startMs: AT - MINUTE, endMs: AT });
  });

  it("begins anew where an edge passes the other", () => {
    const range = { startMs: AT, endMs: AT + MINUTE };
    expect(withEdge(range, "start", AT + MINUTE)).toEqual({ startMs: AT + MINUTE, endMs: null });
    expect(withEdge(range, "end", AT - SECOND)).toEqual({ startMs: null, endMs: AT - SECOND });
    expect(withEdge(range, "start", AT + SECOND)).toEqual({ startMs: AT + SECOND, endMs: AT + MINUTE });
  });
});
