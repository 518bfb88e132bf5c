/**
 * What a live tile is doing, as a table of states and events without socket or clock.
 *
 *   idle ─start→ connecting ─picture→ playing ─lost→ reconnecting ─retry→ connecting …
 *                    │                   │ ⇅ cameraWaiting / cameraLive
 *                    │                 waiting (connected, but the camera gives no picture)
 *                    ├─refused→ refused      (401, 403, 404: nothing to retry until somebody acts)
 *                    └─unplayable→ unplayable (this browser lacks the codec)
 *   any ─hide→ hidden ─show→ connecting;  any ─stop→ idle
 */

export type LiveState =
  | { kind: "idle" }
  | { kind: "connecting"; attempt: number }
  | { kind: "playing" }
  | { kind: "waiting"; cause: string | null }
  | { kind: "reconnecting"; attempt: number; cause: string | null }
  | { kind: "refused"; status: number; code: string | null }
  | { kind: "unplayable"; mime: string }
  | { kind: "hidden" };

export type LiveEvent =
  | { type: "start" }
  | { type: "stop" }
  | { type: "hide" }
  | { type: "show" }
  | { type: "retry" }
  | { type: "picture" }
  | { type: "lost"; cause: string | null }
  | { type: "cameraWaiting"; cause: string | null }
  | { type: "cameraLive" }
  | { type: "refused"; status: number; code: string | null }
  | { type: "unplayable"; mime: string }
  | { type: "healthy" };

/** `attempts` counts failures in a row; it is forgotten once playing has been healthy for a while. */
export interface Live {
  state: LiveState;
  attempts: number;
}

export const IDLE: Live = { state: { kind: "idle" }, attempts: 0 };

export function next({ state, attempts }: Live, event: LiveEvent): Live {
  switch (event.type) {
    case "stop":
      return IDLE;
    case "hide":
      return state.kind === "idle" ? IDLE : { state: { kind: "hidden" }, attempts: 0 };
    case "start":
      return state.kind === "idle" ? { state: { kind: "connecting", attempt: 0 }, attempts: 0 } : { state, attempts };
    case "show":
      return state.kind === "hidden" ? { state: { kind: "connecting", attempt: 0 }, attempts: 0 } : { state, attempts };
    case "retry":
      return state.kind === "reconnecting"
        ? { state: { kind: "connecting", attempt: attempts }, attempts }
        : { state, attempts };
    default:
      return isOpen(state) ? whileOpen({ state, attempts }, event) : { state, attempts };
  }
}

function isOpen(state: LiveState): boolean {
  return state.kind === "connecting" || state.kind === "playing" || state.kind === "waiting";
}

type OpenEvent = Exclude<LiveEvent, { type: "start" | "stop" | "hide" | "show" | "retry" }>;

function whileOpen({ state, attempts }: Live, event: OpenEvent): Live {
  switch (event.type) {
    case "picture":
      return { state: { kind: "playing" }, attempts };
    case "healthy":
      return { state, attempts: state.kind === "playing" || state.kind === "waiting" ? 0 : attempts };
    case "cameraWaiting":
      return { state: { kind: "waiting", cause: event.cause }, attempts };
    case "cameraLive": // the picture itself follows
      return state.kind === "waiting" ? { state: { kind: "connecting", attempt: 0 }, attempts } : { state, attempts };
    case "lost":
      return {
        state: { kind: "reconnecting", attempt: attempts + 1, cause: event.cause },
        attempts: attempts + 1,
      };
    case "refused":
      return { state: { kind: "refused", status: event.status, code: event.code }, attempts: 0 };
    case "unplayable":
      return { state: { kind: "unplayable", mime: event.mime }, attempts: 0 };
  }
}

export const FIRST_DELAY = 400; // ms
export const LONGEST_DELAY = 15_000; // ms; a restarted server is found again within this

/** Full jitter between half and the whole of an exponential step, so that a wall does not knock all at once. */
export function backOff(attempt: number, random: () => number): number {
  const step = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.max(0, attempt - 1));
  return step * (0.5 + random() / 2);
}
