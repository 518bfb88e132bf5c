import { render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { WallClock } from "./clock";
import { PlaybackStream } from "./PlaybackStream";

const NOW = Date.parse("2026-01-01T04:00:00Z");
const RECORDED = NOW - 15_000; // all that we have
const player = { setRate: vi.fn(), seek: vi.fn(), setPlaying: vi.fn(), follow: vi.fn(), destroy: vi.fn(), moment: () => RECORDED };

vi.mock("./playback", () => ({
  PlaybackPlayer: class {
    constructor({ onState }: { onState: (state: { kind: string }) => void }) {
      onState({ kind: "playing" });
      return player;
    }
  },
}));

function shown(): { clock: WallClock; unmount: () => void } {
  const clock = new WallClock();
  clock.seek(NOW - 120_000, true);
  const { unmount } = render(<PlaybackStream camera="c1" clock={clock} leads muted onState={() => undefined} onMasked={() => undefined} />);
  return { clock, unmount };
}

describe("our recording, while it leads", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  it("steps over the gap", () => {
    const { clock } = shown();
    vi.advanceTimersByTime(1000);
    expect(clock.get().positionMs).toBe(RECORDED);
  });

  it("leaves the clock to the device from the moment that plays, however late it goes itself", () => {
    const { clock, unmount } = shown();
    clock.seekDevice("c1", NOW - 120_000);
    const { jump } = clock.get();
    player.seek.mockClear();
    vi.advanceTimersByTime(1000);
    expect(clock.get()).toMatchObject({ positionMs: NOW - 120_000, jump });
    expect(player.seek).not.toHaveBeenCalled();
    clock.hold(true); // the device is being asked
    unmount();
    clock.tick();
    vi.advanceTimersByTime(1000);
    clock.tick();
    expect(clock.get().positionMs).toBe(NOW - 120_000);
  });
});
