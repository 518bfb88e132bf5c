import { describe, expect, it } from "vitest";

import { WallClock, type ClockState } from "./clock";
import { deviceRate, momentOf, ordersFor, positionIn } from "./device";

const told = { type: "position", at_ms: 1_000_000, shown_s: 500, speed: 4, paused: false };
const wish: ClockState = { mode: "playback", positionMs: 1_000_000, playing: true, rate: 1, jump: 3, device: "c1" };

describe("a device's playback", () => {
  it("has its instant on the screen, at any speed and backward", () => {
    const position = positionIn(told);
    if (position === null) throw new Error("no position");
    expect(momentOf(position, 499.5)).toBe(998_000);
    expect(momentOf({ ...position, speed: -1 }, 499.5)).toBe(1_000_500);
    expect(momentOf(position, 0)).toBe(1_000_000); // the screen still shows another connection's
  });

  it.each([{}, { type: "state" }, { ...told, at_ms: "1" }, { ...told, speed: null }, { ...told, shown_s: undefined }])("takes nothing else for a position (%o)", (message) => {
    expect(positionIn(message)).toBeNull();
  });

  it.each([[0.25, 0.25], [3, 2], [64, 16], [0.1, 0.25], [-1, -1], [-8, -1]])("plays %s at %s", (rate, device) => {
    expect(deviceRate(rate)).toBe(device);
  });

  it("is told what changed, and nothing else", () => {
    expect(ordersFor(wish, { ...wish, positionMs: 1_000_200 })).toEqual([]);
    expect(ordersFor(wish, { ...wish, playing: false })).toEqual([{ type: "control", action: "pause" }]);
    expect(ordersFor({ ...wish, playing: false }, wish)).toEqual([{ type: "control", action: "resume" }]);
    expect(ordersFor(wish, { ...wish, rate: -1 })).toEqual([{ type: "control", action: "speed", speed: -1 }]);
    expect(ordersFor(wish, { ...wish, jump: 4, positionMs: 7.4 })).toEqual([{ type: "control", action: "seek", at_ms: 7 }]);
    expect(ordersFor({ ...wish, playing: false }, { ...wish, jump: 4 })).toHaveLength(1); // a seek plays on
  });
});

describe("the wall's clock at a device", () => {
  const clockAt = (): WallClock => {
    const clock = new WallClock(() => 10_000_000);
    clock.seekDevice("c1", 5_000_000);
    return clock;
  };

  it("plays one camera's device until it is sent elsewhere", () => {
    const clock = clockAt();
    expect(clock.get()).toMatchObject({ mode: "playback", device: "c1", playing: true, positionMs: 5_000_000 });
    clock.step(-10_000);
    expect(clock.get()).toMatchObject({ device: "c1", positionMs: 4_990_000 });
    clock.seek(4_000_000);
    expect(clock.get().device).toBeNull();
    clock.seekDevice("c1", 5_000_000);
    clock.live();
    expect(clock.get()).toMatchObject({ mode: "live", device: null });
  });

  it("has a device's speeds: a quarter to sixteen, and one backward", () => {
    const clock = clockAt();
    for (let n = 0; n < 9; n++) clock.changeRate(1);
    expect([clock.get().rate, clock.fastest]).toEqual([16, true]);
    for (let n = 0; n < 9; n++) clock.changeRate(-1);
    expect([clock.get().rate, clock.slowest]).toEqual([0.25, true]);
    clock.reverse();
    clock.reverse();
    expect([clock.get().rate, clock.fastest, clock.slowest]).toEqual([-1, true, true]);
    clock.forward();
    expect(clock.get().rate).toBe(1);
  });

  it("keeps its speed when it pauses, and plays on from where it jumps", () => {
    const clock = clockAt();
    clock.setRate(16);
    clock.pause();
    expect(clock.get()).toMatchObject({ playing: false, rate: 16 });
    clock.step(10_000);
    expect(clock.get()).toMatchObject({ playing: true, rate: 16 });
    clock.seek(4_000_000); // ours has its own
    expect(clock.get().rate).toBe(1);
  });
});
