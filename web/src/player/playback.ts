/**
 * What was recorded, into one <video>: hls.js over the ticketed playlist, moments instead of seconds.
 *
 * A ticket covers a window of time around the moment asked for; leaving it asks for the next one. A seek carries a
 * token, so an answer that comes late for an older seek is thrown away.
 */

import type Hls from "hls.js";

import { MINUTE, SECOND } from "../shared/time";
import { mediaTimeOf, momentOf, type TimedFragment } from "./hls-time";
import { lossOf, Refused, troubleOf, whenPicture } from "./live";
import { backOff } from "./machine";

export type PlaybackState =
  | { kind: "loading" }
  | { kind: "playing" }
  | { kind: "paused" }
  | { kind: "gap" }
  | { kind: "unplayable" }
  | { kind: "refused"; status: number; code: string | null }
  | { kind: "error"; attempt: number; cause?: string };

/** Pictures that could not be had; why, where there are words for it. */
export function failedFor(code: string | null): PlaybackState {
  const cause = troubleOf(code);
  return { kind: "error", attempt: 1, ...(cause === null ? {} : { cause }) };
}

export interface PlaybackTicket {
  url: string;
  heartbeatUrl: string;
  /** Privacy masks are in the picture. */
  masked: boolean;
}

export interface PlaybackOptions {
  video: HTMLVideoElement;
  open: (startMs: number, endMs: number, signal: AbortSignal) => Promise<PlaybackTicket>;
  onState: (state: PlaybackState) => void;
}

const BEFORE = 5 * MINUTE; // of the window before the moment asked for
const AFTER = 20 * MINUTE;
const HEARTBEAT = 6 * SECOND;
const TURN = 4 * SECOND; // before the end of a window the next one is opened
const FAR = 1.2; // seconds off the clock at which a follower jumps
const CLOSE = 0.12; // seconds off the clock that nobody sees
const YOUNG = 45 * SECOND; // a long group of pictures is listed only when it is complete
const STORED_AFTER = 3 * SECOND; // what is younger may not be in a file yet

interface Window {
  startMs: number;
  endMs: number;
  hls: Hls;
  fragments: TimedFragment[];
  growing: boolean;
  heartbeat: number;
}

export class PlaybackPlayer {
  private window: Window | null = null;
  private wanted = 0;
  private playing = true;
  private rate = 1;
  private token: AbortController | null = null;
  private failures = 0;
  private retryTimer = 0;
  private readonly watch: number;
  private state: PlaybackState = { kind: "loading" };
  private repaired = false;
  private awaiting = false; // the moment is too young to be in the playlist: the next one will have it

  constructor(private readonly options: PlaybackOptions) {
    const { video } = options;
    for (const name of ["playing", "pause", "seeked", "waiting", "ended"]) video.addEventListener(name, this.onMedia);
    this.watch = window.setInterval(() => this.turn(), 500);
  }

  destroy(): void {
    const { video } = this.options;
    for (const name of ["playing", "pause", "seeked", "waiting", "ended"]) video.removeEventListener(name, this.onMedia);
    window.clearInterval(this.watch);
    this.close();
  }

  /** The moment on the screen; null while there is none. */
  moment(): number | null {
    const { kind } = this.state;
    if (this.window === null || kind === "gap" || kind === "loading") return null;
    return momentOf(this.window.fragments, this.options.video.currentTime);
  }

  /** The first moment that there is in what is open; null while that is not known. */
  earliest(): number | null {
    return this.window?.fragments[0]?.programDateTime ?? null;
  }

  seek(ms: number): void {
    this.wanted = ms;
    this.failures = 0;
    const open = this.window;
    if (open === null || ms < open.startMs || ms >= open.endMs) {
      void this.load(ms);
      return;
    }
    this.goTo(open, ms);
  }

  /** Keep close to the wall's clock without having been asked to jump. */
  follow(ms: number): void {
    const open = this.window;
    if (open === null || this.state.kind === "loading" || this.state.kind === "error") return;
    if (ms < open.startMs || ms >= open.endMs) {
      this.wanted = ms;
      void this.load(ms);
      return;
    }
    const stored = mediaTimeOf(open.fragments, ms) !== null;
    const here = this.moment();
    if (here === null || !stored) {
      if (stored || this.state.kind !== "gap") this.goTo(open, (this.wanted = ms));
      return;
    }
    const off = (ms - here) / 1000;
    if (Math.abs(off) > FAR * Math.max(1, this.rate)) this.goTo(open, (this.wanted = ms));
    else this.options.video.playbackRate = this.rate * (Math.abs(off) < CLOSE ? 1 : 1 + Math.sign(off) * 0.08);
  }

  setPlaying(playing: boolean): void {
    this.playing = playing;
    this.apply();
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.options.video.playbackRate = rate;
  }

  // --- windows

  private async load(ms: number): Promise<void> {
    this.close();
    const token = new AbortController();
    this.token = token;
    this.enter({ kind: "loading" });
    const startMs = ms - BEFORE;
    const endMs = ms + AFTER;
    try {
      const [{ default: Player }, ticket] = await Promise.all([
        import("hls.js/light"),
        this.options.open(startMs, endMs, token.signal),
      ]);
      if (token.signal.aborted) return;
      this.attach(new Player(SETTINGS), Player, { startMs, endMs }, ticket);
    } catch (error) {
      if (token.signal.aborted) return;
      if (error instanceof Refused) this.enter({ kind: "refused", status: error.status, code: error.code });
      else this.fail(lossOf(error));
    }
  }

  private attach(hls: Hls, Player: typeof Hls, { startMs, endMs }: Pick<Window, "startMs" | "endMs">, ticket: PlaybackTicket): void {
    const beat = (): void => void fetch(ticket.heartbeatUrl, { method: "POST", credentials: "omit" }).catch(() => undefined);
    const heartbeat = window.setInterval(beat, HEARTBEAT);
    const open: Window = { startMs, endMs, hls, fragments: [], growing: false, heartbeat };
    this.window = open;
    let started = false;
    hls.on(Player.Events.LEVEL_UPDATED, (_, { details }) => {
      if (open !== this.window) return;
      open.fragments = details.fragments.map(({ start, duration, programDateTime }) => ({ start, duration, programDateTime }));
      open.growing = details.live;
      if (!started) {
        started = true;
        this.goTo(open, this.wanted, true);
      } else if (this.awaiting || (this.state.kind === "gap" && open.growing)) {
        this.goTo(open, this.wanted);
      }
    });
    hls.on(Player.Events.ERROR, (_, { fatal, type, details, response }) => {
      if (open !== this.window) return;
      if (CODEC_ERRORS.has(details)) {
        this.close();
        this.enter({ kind: "unplayable" });
      } else if (response?.code === 404 && !started) {
        this.enter({ kind: "gap" });
      } else if (fatal && type === Player.ErrorTypes.MEDIA_ERROR && !this.repaired) {
        this.repaired = true;
        hls.recoverMediaError();
      } else if (fatal) {
        this.fail();
      }
    });
    hls.loadSource(ticket.url);
    hls.attachMedia(this.options.video);
  }

  private goTo(open: Window, ms: number, first = false): void {
    const seconds = mediaTimeOf(open.fragments, ms);
    this.awaiting = seconds === null && open.growing && Date.now() - ms < YOUNG && ms > endOf(open.fragments);
    if (seconds === null) {
      if (first) open.hls.startLoad(-1);
      this.options.video.pause();
      this.enter({ kind: this.awaiting ? "loading" : "gap" });
      return;
    }
    const { video } = this.options;
    const passing = this.state.kind === "playing" || this.state.kind === "paused";
    if (!passing || Math.abs(video.currentTime - seconds) > 2) this.enter({ kind: "loading" });
    if (first) open.hls.startLoad(seconds);
    video.currentTime = seconds;
    this.apply();
    whenPicture(video, () => this.shown(open));
  }

  private shown(open: Window): void {
    if (open !== this.window || this.state.kind !== "loading") return;
    this.repaired = false;
    this.failures = 0;
    this.enter({ kind: this.options.video.paused ? "paused" : "playing" });
  }

  private apply(): void {
    const { video } = this.options;
    if (this.window === null || this.awaiting || this.state.kind === "gap") return;
    video.playbackRate = this.rate;
    if (this.playing) void video.play().catch(() => undefined);
    else video.pause();
  }

  /** Near the end of a window that has a successor, open it. */
  private turn(): void {
    const open = this.window;
    const here = this.moment();
    if (open === null || here === null || !this.playing) return;
    const next = open.endMs;
    if (here > next - TURN * Math.max(1, this.rate) && next < Date.now() - STORED_AFTER) {
      this.wanted = here;
      void this.load(here);
    }
  }

  private fail(cause = "server"): void {
    const here = this.moment();
    if (here !== null) this.wanted = here;
    this.close();
    this.failures += 1;
    this.enter({ kind: "error", attempt: this.failures, ...(cause === "server" ? {} : { cause }) });
    this.retryTimer = window.setTimeout(() => void this.load(this.wanted), backOff(this.failures, Math.random));
  }

  private close(): void {
    window.clearTimeout(this.retryTimer);
    this.token?.abort();
    this.token = null;
    if (this.window === null) return;
    window.clearInterval(this.window.heartbeat);
    this.window.hls.destroy();
    this.window = null;
  }

  private readonly onMedia = (): void => {
    const { video } = this.options;
    const { kind } = this.state;
    if (this.window === null || this.awaiting || kind === "gap" || kind === "unplayable" || kind === "refused" || kind === "error") return;
    if (video.ended) {
      this.enter({ kind: "gap" }); // the window's recording ends here
    } else if (video.seeking || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) {
      this.enter({ kind: "loading" });
    } else {
      this.enter({ kind: video.paused ? "paused" : "playing" });
    }
  };

  private enter(state: PlaybackState): void {
    if (state.kind === this.state.kind && state.kind !== "error") return;
    this.state = state;
    this.options.onState(state);
  }
}

function endOf(fragments: readonly TimedFragment[]): number {
  const last = fragments[fragments.length - 1];
  return last === undefined || last.programDateTime === null ? 0 : last.programDateTime + last.duration * 1000;
}

const SETTINGS = {
  autoStartLoad: false,
  backBufferLength: 30,
  maxBufferLength: 20,
  maxMaxBufferLength: 40,
  enableWorker: false, // fMP4 needs no transmuxing
  startFragPrefetch: true,
  liveDurationInfinity: false,
  enableDateRangeMetadataCues: false, // the page shows times itself; a track element would break our own security policy
} as const;

const CODEC_ERRORS = new Set<string>([
  "bufferAddCodecError",
  "bufferIncompatibleCodecsError",
  "manifestIncompatibleCodecsError",
]);
