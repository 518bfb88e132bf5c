import { describe, expect, it } from "vitest";
import type { CameraState } from "../../api/client";
import type { LiveState } from "../../player/machine";
import { liveWord } from "./tileState";

const NOW = Date.parse("2026-01-01T04:00:00Z");
const LIVE = { state: "live", cause: null, since: "2026-01-01T03:00:00Z" } as CameraState;
const AWAY = { state: "connecting", cause: "unreachable", since: "2026-01-01T03:00:00Z" } as CameraState;

describe("the word of a tile whose stream waits", () => {
  it.each<[string, CameraState | null, string | null, string]>([
    ["the camera is live: its smaller stream is being fetched", LIVE, null, "video.states.connecting"],
    ["the camera is live, its smaller stream is not", LIVE, "no_packets", "video.states.waiting"],
    ["the camera is away, and since when is known", AWAY, null, "video.states.waitingSince"],
    ["nothing is known of the camera", null, null, "video.states.waiting"],
  ])("%s", (_, camera, cause, key) => {
    const state: LiveState = { kind: "waiting", cause };
    expect(liveWord(state, false, camera, NOW).key).toBe(key);
  });
});
