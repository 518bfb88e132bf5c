import { describe, expect, it } from "vitest";

import { g711Track, runsOf } from "./boxes";
import { DropWatch, stepDown } from "./budget";
import { decodeG711 } from "./g711";
import { mediaTimeOf, momentOf } from "./hls-time";
import { FIRST_DELAY, IDLE, LONGEST_DELAY, backOff, next, type Live, type LiveEvent } from "./machine";
import { FAR, RATE_MAX, RATE_MIN, TARGET, TARGET_MAX, afterCalmSecond, afterStall, pace } from "./pace";

const u16 = (n: number): number[] => [(n >> 8) & 255, n & 255];
const u32 = (n: number): number[] => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const u64 = (n: number): number[] => [...u32(Math.floor(n / 2 ** 32)), ...u32(n % 2 ** 32)];
const box = (type: string, ...parts: number[][]): number[] => {
  const body = parts.flat();
  return [...u32(8 + body.length), ...[...type].map((c) => c.charCodeAt(0)), ...body];
};
const zeros = (n: number): number[] => new Array<number>(n).fill(0);

function initWith(entryType: string, id: number): Uint8Array {
  const entry = box(entryType, zeros(16), u16(1), u16(16), zeros(4), u32(8000 << 16));
  const trak = box(
    "trak",
    box("tkhd", u32(7), u32(0), u32(0), u32(id), zeros(60)),
    box(
      "mdia",
      box("mdhd", u32(0), u32(0), u32(0), u32(8000), u32(0), u32(0)),
      box("minf", box("stbl", box("stsd", u32(0), u32(1), entry))),
    ),
  );
  return Uint8Array.from([...box("ftyp", zeros(8)), ...box("moov", box("mvhd", zeros(100)), trak)]);
}

function fragment(time: number, video: number[], audio: number[]): number[] {
  const traf = (id: number, at: number, sizes: number[], perSample: boolean): number[] =>
    box(
      "traf",
      perSample ? box("tfhd", u32(0x020000), u32(id)) : box("tfhd", u32(0x020010), u32(id), u32(sizes[0] ?? 0)),
      box("tfdt", u32(0x01000000), u64(time)),
      perSample
        ? box("trun", u32(0xf01), u32(sizes.length), u32(at), ...sizes.map((n) => [...u32(160), ...u32(n), ...u32(0), ...u32(0)]))
        : box("trun", u32(0x1), u32(sizes.length), u32(at)),
    );
  const moof = (at: number): number[] =>
    box("moof", box("mfhd", u32(0), u32(1)), traf(1, at, [video.length], true), traf(2, at + video.length, [audio.length], false));
  const length = moof(0).length;
  return [...moof(length + 8), ...box("mdat", video, audio)];
}

describe("boxes", () => {
  it("finds the hidden G.711 track", () => {
    expect(g711Track(initWith("alaw", 2))).toEqual({ id: 2, law: "alaw", timescale: 8000, channels: 1 });
    expect(g711Track(initWith("ulaw", 9))?.law).toBe("ulaw");
    expect(g711Track(initWith("mp4a", 2))).toBeNull();
  });

  it("cuts a track's samples out of concatenated fragments", () => {
    const time = 1_795_000_000 * 8000; // beyond 32 bits
    const bytes = Uint8Array.from([...fragment(time, [1, 2, 3], [4, 5]), ...fragment(time + 2, [6], [7, 8])]);
    expect(runsOf(bytes, 2).map(({ time: t, data }) => [t, ...data])).toEqual([[time, 4, 5], [time + 2, 7, 8]]);
    expect(runsOf(bytes, 1).map(({ data }) => [...data])).toEqual([[1, 2, 3], [6]]);
    expect(runsOf(bytes, 3)).toEqual([]);
  });

  it("survives any cut and any flipped byte", () => {
    const whole = Uint8Array.from(fragment(8000, [1, 2, 3], [4, 5]));
    const init = initWith("alaw", 2);
    for (let cut = 0; cut < whole.length; cut++) expect(() => runsOf(whole.subarray(0, cut), 2)).not.toThrow();
    for (let cut = 0; cut < init.length; cut++) expect(() => g711Track(init.subarray(0, cut))).not.toThrow();
    for (let at = 0; at < whole.length; at++) {
      const bent = whole.slice();
      bent[at] = 255;
      expect(() => runsOf(bent, 2)).not.toThrow();
    }
  });
});

describe("G.711", () => {
  // ITU-T G.191: silence, the largest and a middle code word of each law.
  it("decodes A-law", () => {
    const [quiet, loud, negative] = decodeG711(Uint8Array.of(0xd5, 0xaa, 0x2a), "alaw");
    expect(quiet).toBeCloseTo(8 / 32768, 6);
    expect(loud).toBeCloseTo(32256 / 32768, 6);
    expect(negative).toBeCloseTo(-32256 / 32768, 6);
  });

  it("decodes µ-law", () => {
    const [quiet, negative, loud] = decodeG711(Uint8Array.of(0xff, 0x00, 0x80), "ulaw");
    expect(quiet).toBeCloseTo(0, 6);
    expect(negative).toBeCloseTo(-32124 / 32768, 6);
    expect(loud).toBeCloseTo(32124 / 32768, 6);
  });

  it("takes the first of two channels", () => {
    expect(decodeG711(Uint8Array.of(0xd5, 0xaa, 0xd5, 0xaa), "alaw", 2)).toHaveLength(2);
  });
});

describe("the live player's states", () => {
  const run = (...events: LiveEvent[]): Live => events.reduce(next, IDLE);

  it("goes from start to picture", () => {
    expect(run({ type: "start" }).state.kind).toBe("connecting");
    expect(run({ type: "start" }, { type: "picture" }).state.kind).toBe("playing");
  });

  it("counts failures in a row and forgets them when healthy", () => {
    const lost: LiveEvent = { type: "lost", cause: "disconnected" };
    const twice = run({ type: "start" }, lost, { type: "retry" }, lost);
    expect(twice.state).toEqual({ kind: "reconnecting", attempt: 2, cause: "disconnected" });
    const again = [{ type: "retry" }, { type: "picture" }] satisfies LiveEvent[];
    expect(again.reduce(next, twice).attempts).toBe(2);
    expect(next(again.reduce(next, twice), { type: "healthy" }).attempts).toBe(0);
  });

  it("shows the camera's own trouble without reconnecting", () => {
    const waiting = run({ type: "start" }, { type: "cameraWaiting", cause: "unreachable" });
    expect(waiting.state).toEqual({ kind: "waiting", cause: "unreachable" });
    expect(next(waiting, { type: "cameraLive" }).state.kind).toBe("connecting");
    expect(next(waiting, { type: "picture" }).state.kind).toBe("playing");
  });

  it("does not retry what was refused or cannot be played", () => {
    const refused = run({ type: "start" }, { type: "refused", status: 403, code: "R27.1" });
    expect(next(refused, { type: "retry" }).state).toEqual({ kind: "refused", status: 403, code: "R27.1" });
    const unplayable = run({ type: "start" }, { type: "unplayable", mime: "hvc1" });
    expect(next(unplayable, { type: "picture" }).state.kind).toBe("unplayable");
  });

  it("lets go of everything in a hidden tab and starts anew when shown", () => {
    const hidden = run({ type: "start" }, { type: "picture" }, { type: "hide" });
    expect(hidden.state.kind).toBe("hidden");
    expect(next(hidden, { type: "lost", cause: null }).state.kind).toBe("hidden");
    expect(next(hidden, { type: "show" }).state.kind).toBe("connecting");
    expect(run({ type: "hide" }).state.kind).toBe("idle");
  });

  it("backs off with jitter and a ceiling", () => {
    expect(backOff(1, () => 0)).toBe(FIRST_DELAY / 2);
    expect(backOff(3, () => 1)).toBe(FIRST_DELAY * 4);
    expect(backOff(50, () => 1)).toBe(LONGEST_DELAY);
  });
});

describe("pace", () => {
  it("holds the target", () => expect(pace(99.75, 100, TARGET)).toEqual({ rate: 1 }));
  it("jumps when far behind", () => expect(pace(90, 100, TARGET)).toEqual({ jumpTo: 100 - TARGET }));
  it("slows down and speeds up within bounds", () => {
    expect(pace(100 - TARGET - FAR, 100, TARGET)).toEqual({ rate: RATE_MAX });
    expect(pace(100, 100, TARGET)).toEqual({ rate: RATE_MIN });
  });
  it("moves the target between its bounds", () => {
    let target = TARGET;
    for (let i = 0; i < 20; i++) target = afterStall(target);
    expect(target).toBe(TARGET_MAX);
    for (let i = 0; i < 200; i++) target = afterCalmSecond(target);
    expect(target).toBe(TARGET);
  });
});

describe("the tile budget", () => {
  const feed = (watch: DropWatch, share: number): boolean[] =>
    [0, 1, 2, 3, 4, 5].map((s) => watch.add({ total: s * 25, dropped: Math.round(s * 25 * share) }));

  it("asks for less after five bad seconds, not before", () => {
    expect(feed(new DropWatch(), 0.2)).toEqual([false, false, false, false, false, true]);
    expect(feed(new DropWatch(), 0.02).some(Boolean)).toBe(false);
  });

  it("starts afresh with a new source", () => {
    const watch = new DropWatch();
    feed(watch, 0.2);
    expect(watch.add({ total: 10, dropped: 9 })).toBe(false);
  });

  it("steps down by way of the sub stream", () => {
    expect(stepDown("main", true)).toBe("sub");
    expect(stepDown("main", false)).toBe("still");
    expect(stepDown("sub", true)).toBe("still");
  });
});

describe("playlist time", () => {
  const T = Date.UTC(2026, 10, 24);
  const fragments = [
    { start: 0, duration: 2, programDateTime: T },
    { start: 2, duration: 2, programDateTime: T + 2000 },
    { start: 4, duration: 2, programDateTime: T + 60_000 }, // after a gap
  ];

  it("maps moments to seconds and back", () => {
    expect(mediaTimeOf(fragments, T + 3000)).toBeCloseTo(3);
    expect(mediaTimeOf(fragments, T + 61_000)).toBeCloseTo(5);
    expect(momentOf(fragments, 5)).toBeCloseTo(T + 61_000);
    expect(momentOf([], 5)).toBeNull();
  });

  it("knows a gap", () => {
    expect(mediaTimeOf(fragments, T + 30_000)).toBeNull();
    expect(mediaTimeOf(fragments, T - 1000)).toBeNull();
  });

  it("does not fall between two fragments", () => {
    const late = [fragments[0]!, { start: 2, duration: 2, programDateTime: T + 2030 }];
    expect(mediaTimeOf(late, T + 2010)).not.toBeNull();
  });
});
