import { describe, expect, it, vi } from "vitest";

import { WallClock } from "./clock";

function clockAt(start: number): { clock: WallClock; pass: (ms: number) => void } {
  let now = start;
  const clock = new WallClock(() => now);
  clock.tick();
  return { clock, pass: (ms) => ((now += ms), clock.tick()) };
}

describe("the wall's clock", () => {
  it("is live and follows now", () => {
    const { clock, pass } = clockAt(1_000_000);
    pass(250);
    expect(clock.get()).toMatchObject({ mode: "live", positionMs: 1_000_250 });
  });

  it("runs by itself at its rate while nobody leads", () => {
    const { clock, pass } = clockAt(1_000_000);
    clock.seek(500_000);
    clock.setRate(2);
    pass(250);
    expect(clock.get().positionMs).toBe(500_500);
  });

  it("follows its leader, and waits while it fetches", () => {
    const { clock, pass } = clockAt(1_000_000);
    clock.seek(500_000);
    clock.report(500_300, clock.get().jump);
    pass(250);
    expect(clock.get().positionMs).toBe(500_300);
    clock.hold(true);
    pass(900);
    expect(clock.get().positionMs).toBe(500_300);
  });

  it("ignores a leader that has not heard of the last jump", () => {
    const { clock } = clockAt(1_000_000);
    clock.seek(500_000);
    const old = clock.get().jump;
    clock.seek(100_000);
    clock.report(500_300, old);
    expect(clock.get().positionMs).toBe(100_000);
  });

  it("tells of a gap stepped over", () => {
    const { clock } = clockAt(1_000_000);
    const skipped = vi.fn();
    clock.onSkip = skipped;
    clock.seek(500_000, true);
    clock.report(500_100, clock.get().jump);
    clock.report(530_000, clock.get().jump);
    expect(skipped).toHaveBeenCalledWith(500_100, 530_000);
    expect(skipped).toHaveBeenCalledTimes(1);
  });

  it("becomes live when it catches up, and never plays the future", () => {
    const { clock, pass } = clockAt(1_000_000);
    clock.seek(999_000);
    clock.setRate(8);
    pass(250);
    expect(clock.get()).toMatchObject({ mode: "live", rate: 1 });
    clock.seek(2_000_000);
    expect(clock.get().mode).toBe("live");
  });

  it("pauses live at a stored moment and steps from there", () => {
    const { clock } = clockAt(1_000_000);
    clock.pause();
    expect(clock.get()).toMatchObject({ mode: "playback", playing: false, positionMs: 996_000 });
    clock.step(-10_000);
    expect(clock.get()).toMatchObject({ positionMs: 986_000, playing: false });
    clock.play();
    expect(clock.get().playing).toBe(true);
  });

  it("changes speed within its list", () => {
    const { clock } = clockAt(1_000_000);
    clock.changeRate(1);
    expect(clock.get().rate).toBe(1); // live has one speed
    clock.seek(1);
    for (let i = 0; i < 9; i++) clock.changeRate(1);
    expect(clock.get().rate).toBe(64);
    for (let i = 0; i < 9; i++) clock.changeRate(-1);
    expect(clock.get().rate).toBe(0.5);
  });

  it("plays backward, faster with each turn, and forward again from there", () => {
    const { clock, pass } = clockAt(1_000_000);
    clock.reverse();
    expect(clock.get()).toMatchObject({ mode: "playback", playing: true, rate: -1, positionMs: 996_000 });
    for (let i = 0; i < 9; i++) clock.reverse();
    expect(clock.get().rate).toBe(-64);
    for (let i = 0; i < 9; i++) clock.changeRate(-1);
    expect(clock.get().rate).toBe(-1);
    clock.reverse();
    pass(500);
    expect(clock.get().positionMs).toBe(995_000);
    clock.forward();
    expect(clock.get()).toMatchObject({ rate: 1, playing: true, positionMs: 995_000 });
  });

  it("stands still at one full picture when it is paused while stepping", () => {
    const { clock } = clockAt(1_000_000);
    clock.seek(500_000);
    clock.setRate(32);
    clock.pause();
    expect(clock.get()).toMatchObject({ playing: false, rate: 1, positionMs: 500_000 });
    clock.setRate(4);
    clock.play();
    clock.pause();
    expect(clock.get().rate).toBe(4); // the element plays that itself
  });

  it("tells of a gap stepped over backward, earliest moment first", () => {
    const { clock } = clockAt(1_000_000);
    const skipped = vi.fn();
    clock.onSkip = skipped;
    clock.seek(500_000, true);
    clock.setRate(-16);
    clock.report(496_000, clock.get().jump);
    expect(skipped).not.toHaveBeenCalled();
    clock.report(400_000, clock.get().jump);
    expect(skipped).toHaveBeenCalledWith(400_000, 496_000);
  });
});
