import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { SECOND } from "../shared/time";
import { serve, shown, type Asked } from "../test-server";
import { WallClock } from "./clock";
import Steps from "./Steps";

const CAMERA = "00000000-0000-0000-0000-000000000001";
const NOW = Date.now();
const ago = (seconds: number): string => new Date(NOW - seconds * SECOND).toISOString();
const SPANS = [
  { start: ago(600), end: ago(500), kind: "present" },
  { start: ago(500), end: ago(310), kind: "missing", cause: "disconnected" },
  { start: ago(310), end: ago(0), kind: "present" },
];

/** One picture in each step, taken in its middle. */
function sprite({ query }: Asked): { body: unknown } {
  const [start, end, pictures] = [Date.parse(query.get("start") ?? ""), Date.parse(query.get("end") ?? ""), Number(query.get("pictures"))];
  const steps = Array.from({ length: pictures }, (_, tile) => {
    const at = new Date(start + ((tile + 0.5) * (end - start)) / pictures).toISOString();
    return { tile, at, at_local: at, clock_offset_ms: 0 };
  });
  return { body: { jpeg: "AAAA", columns: 8, tile_width: 320, tile_height: 180, steps } };
}

function opened(clock: WallClock): void {
  serve({ [`GET /cameras/${CAMERA}/timeline`]: { body: { spans: SPANS, now: ago(0) } }, [`GET /cameras/${CAMERA}/sprite`]: sprite });
  shown(<Steps camera={CAMERA} clock={clock} leads onPicture={() => undefined} onState={() => undefined} />);
}

const pictured = (): number => Number(screen.getByTestId("sprite-cell").dataset["at"]);

beforeEach(() => vi.stubGlobal("createImageBitmap", async () => ({})));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("stepping through a recording", () => {
  it("goes backward over a gap, says so, and stands at the earliest picture", async () => {
    const clock = new WallClock();
    const skipped = vi.fn();
    clock.onSkip = skipped;
    clock.seek(NOW - 300 * SECOND, true);
    clock.setRate(-64);
    opened(clock);
    await waitFor(() => expect(skipped).toHaveBeenCalledTimes(1), { timeout: 5000 });
    expect(skipped.mock.calls[0]?.[0]).toBe(NOW - 500 * SECOND - 100);
    await waitFor(() => expect(clock.get()).toMatchObject({ playing: false, rate: 1 }), { timeout: 5000 });
    expect(clock.get().positionMs).toBeGreaterThanOrEqual(NOW - 600 * SECOND);
    expect(clock.get().positionMs).toBeLessThan(NOW - 560 * SECOND);
  });

  it("goes forward until it is live, with the picture of its moment", async () => {
    const clock = new WallClock();
    clock.seek(NOW - 100 * SECOND, true);
    clock.setRate(16);
    opened(clock);
    await screen.findByTestId("sprite-cell");
    const before = clock.get().positionMs;
    await waitFor(() => expect(clock.get().positionMs).toBeGreaterThan(before + 8 * SECOND), { timeout: 5000 });
    await waitFor(() => expect(Math.abs(pictured() - clock.get().positionMs)).toBeLessThanOrEqual(4 * SECOND));
    act(() => clock.setRate(64));
    await waitFor(() => expect(clock.get().mode).toBe("live"), { timeout: 5000 });
  });

  it("waits for its pictures", async () => {
    const clock = new WallClock();
    clock.seek(NOW - 100 * SECOND, true);
    clock.setRate(16);
    serve({ [`GET /cameras/${CAMERA}/timeline`]: { body: { spans: SPANS, now: ago(0) } }, [`GET /cameras/${CAMERA}/sprite`]: "never" });
    shown(<Steps camera={CAMERA} clock={clock} leads onPicture={() => undefined} onState={() => undefined} />);
    for (let n = 0; n < 3; n++) {
      await new Promise((done) => setTimeout(done, 300));
      clock.tick(); // as the page does
    }
    expect(clock.get().positionMs).toBe(NOW - 100 * SECOND);
  });
});
