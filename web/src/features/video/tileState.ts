/** What a tile says about itself: a word and an icon, never a colour alone. */

import type { CameraState } from "../../api/client";
import { clockText, dateText } from "../../shared/time";
import type { LiveState } from "../../player/machine";
import type { PlaybackState } from "../../player/playback";

export type Why = "h265" | "load" | "many";
export type Tone = "good" | "busy" | "warn" | "bad" | "quiet";

export interface TileWord {
  /** Dictionary key and its variables. */
  key: string;
  values?: Record<string, string | number>;
  cause?: string | null;
  /** Of the refusal. */
  code?: string | null;
  tone: Tone;
}

export function liveWord(state: LiveState, still: boolean, camera: CameraState | null, nowMs: number): TileWord {
  if (still) return { key: "video.states.still", tone: "good" };
  switch (state.kind) {
    case "playing":
      return { key: "video.states.playing", tone: "good" };
    case "waiting":
      if (camera?.state !== "live") return waitingWord(state.cause ?? camera?.cause ?? null, camera?.since ?? null, nowMs);
      // The camera is there; the stream for this size of tile comes a moment later, or has a fault of its own.
      return state.cause === null ? { key: "video.states.connecting", tone: "busy" } : waitingWord(state.cause, null, nowMs);
    case "reconnecting":
      return { key: "video.states.reconnecting", values: { attempt: state.attempt }, cause: state.cause, tone: "warn" };
    case "refused":
      return { key: refusedKey(state.status), tone: "bad", code: state.code };
    case "connecting":
      if (camera !== null && camera.state !== "live" && camera.cause) return waitingWord(camera.cause, camera.since ?? null, nowMs);
      return state.attempt > 0
        ? { key: "video.states.reconnecting", values: { attempt: state.attempt }, tone: "busy" }
        : { key: "video.states.connecting", tone: "busy" };
    case "unplayable":
    case "hidden":
    case "idle":
      return { key: `video.states.${state.kind}`, tone: "quiet" };
  }
}

function waitingWord(cause: string | null, since: string | null, nowMs: number): TileWord {
  if (since === null) return { key: "video.states.waiting", cause, tone: "bad" };
  const ms = Date.parse(since);
  const today = dateText(ms) === dateText(nowMs);
  const text = today ? clockText(ms) : `${dateText(ms).slice(5)} ${clockText(ms).slice(0, 5)}`;
  return { key: "video.states.waitingSince", values: { since: text }, cause, tone: "bad" };
}

export function playbackWord(state: PlaybackState, still: boolean): TileWord {
  switch (state.kind) {
    case "playing":
      return { key: still ? "video.states.still" : "video.playback", tone: "good" };
    case "paused":
      return { key: "video.states.paused", tone: "quiet" };
    case "loading":
      return { key: "video.states.loading", tone: "busy" };
    case "gap":
      return { key: "video.states.gap", tone: "warn" };
    case "refused":
      return { key: refusedKey(state.status), tone: "bad", code: state.code };
    case "unplayable":
      return { key: "video.states.unplayable", tone: "quiet" };
    case "error":
      return { key: "video.states.error", tone: "bad", ...(state.cause === undefined ? {} : { cause: state.cause }) };
  }
}

/** Of what a camera's device plays from its own storage. */
export function deviceWord(state: LiveState, playing: boolean): TileWord {
  switch (state.kind) {
    case "playing":
      return playing ? { key: "video.device.playing", tone: "good" } : { key: "video.device.paused", tone: "quiet" };
    case "waiting":
      if (state.cause === "device_connecting") return { key: "video.device.calling", tone: "busy" };
      return state.cause === "file_end" ? { key: "video.device.ended", tone: "warn" } : { key: "video.device.stands", cause: state.cause, tone: "bad" };
    case "connecting":
      return { key: "video.device.calling", tone: "busy" };
    case "reconnecting":
      return { key: "video.states.reconnecting", values: { attempt: state.attempt }, cause: state.cause, tone: "warn" };
    case "refused":
      if (state.code === "no_footage") return { key: "video.device.none", tone: "warn" };
      return { key: refusedKey(state.status), tone: "bad", code: state.code, ...(DEVICE_REFUSALS.includes(state.code ?? "") ? { cause: state.code } : {}) };
    case "unplayable":
    case "hidden":
    case "idle":
      return { key: `video.states.${state.kind}`, tone: "quiet" };
  }
}

const DEVICE_REFUSALS = ["device_not_masked", "device_time_uncertain"];

function refusedKey(status: number): string {
  if (status === 404 || status === 410) return "video.states.gone";
  return status === 401 ? "video.states.signedOut" : "video.states.refused";
}

/** Worth a badge: a camera whose own clock is off by more than two seconds. */
export function clockOffSeconds(state: CameraState | null): number | null {
  const off = state?.clock_offset_ms ?? null;
  return off === null || Math.abs(off) < 2000 ? null : Math.round(off / 1000);
}
