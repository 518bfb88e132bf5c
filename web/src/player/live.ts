/**
 * One live stream into one <video>: fMP4 over a WebSocket into Media Source Extensions.
 *
 * The server sends a text `format`, the init segment, the pictures since the last key frame, then one small fragment
 * per picture. The media timeline is UTC in seconds, so reconnecting goes on in the same buffer with the last picture
 * still standing. States are in machine.ts, distances in pace.ts; this file holds the socket and the buffer.
 */

import { g711Track, type G711Track } from "./boxes";
import { IDLE, backOff, next, type Live, type LiveEvent, type LiveState } from "./machine";
import { TARGET, afterCalmSecond, afterStall, pace } from "./pace";
import { G711Sound } from "./sound";

const HEARTBEAT = 6_000; // ms; the ticket dies 20 s after the last one
const PACE_EVERY = 250; // ms
const SILENCE = 8_000; // ms without a byte from a server that says the camera is live
const HEALTHY_AFTER = 5_000; // ms of playing that make earlier failures forgotten
const KEEP_BEHIND = 12; // seconds of past kept in the buffer
const TRIM_TO = 6; // seconds left after trimming
const MAX_PENDING = 32 * 1024 * 1024; // bytes waiting for the source buffer; a page that cannot keep up reconnects

/** The server said no for good: signed out, not allowed, or no such camera. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string | null,
  ) {
    super(`refused with ${status}`);
  }
}

export interface StreamFormat {
  mime: string;
  playable: boolean;
  video: { codec: string; width: number; height: number } | null;
  audio: { codec: string; rate: number; channels: number } | null;
}

export interface LiveOptions {
  video: HTMLVideoElement;
  /** Asks the API for a new ticket and returns its WebSocket address. Throws Refused or any other error. */
  open: (signal: AbortSignal) => Promise<string>;
  onState: (state: LiveState) => void;
  onFormat?: (format: StreamFormat) => void;
  /** What else the server says: where a device's playback has come to. */
  onTold?: (message: Record<string, unknown>) => void;
}

type ServerMessage =
  | ({ type: "format" } & StreamFormat)
  | { type: "state"; state: string; cause?: string | null }
  | { type: "skip" };

/** Masked pictures have their own troubles, each with words and something to do. */
const isOfMasks = (code: string | null): boolean => code !== null && MASK_CODES.includes(code);
const MASK_CODES = ["masked_streams_full", "masked_failed", "masked_original_away", "renditions_away", "masks_changed"];
/** Why a device's own storage cannot be played at the moment. */
const DEVICE_CODES = ["gb_off", "signal_away", "gb_device_offline", "gb_device_silent", "gb_device_refuses", "no_device_storage"];
const NO_STILL = "no_picture"; // of whoever makes stills: it does not answer, or cannot

/** Why a stream could not be opened that may well open later. */
export function lossOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && (isOfMasks(code) || DEVICE_CODES.includes(code)) ? code : "server";
}

/** Why there is no still, where that is not for want of footage or of the right; null: nothing that words are for. */
export const troubleOf = (code: string | null): string | null => (code === NO_STILL || isOfMasks(code) ? code : null);

export class LivePlayer {
  private live: Live = IDLE;
  private muted = true;
  private opening: AbortController | null = null;
  private socket: WebSocket | null = null;
  private retryTimer = 0;
  private timers: number[] = [];
  private lastByteAt = 0;
  private pictureAt = 0;

  private source: MediaSource | null = null;
  private sourceUrl = "";
  private buffer: SourceBuffer | null = null;
  private mime = "";
  private pending: Uint8Array<ArrayBuffer>[] = [];
  private pendingBytes = 0;
  private placed = false; // currentTime stands in what this connection sent
  private waitingForInit = false;

  private target = TARGET;
  private track: G711Track | null = null;
  private sound: G711Sound | null = null;

  constructor(private readonly options: LiveOptions) {
    options.video.addEventListener("waiting", this.onStall);
  }

  start(): void {
    document.addEventListener("visibilitychange", this.onVisibility);
    this.dispatch({ type: "start" });
    if (document.hidden) this.dispatch({ type: "hide" });
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.options.video.removeEventListener("waiting", this.onStall);
    this.dispatch({ type: "stop" });
    this.closeSource();
  }

  /** To whoever plays for this viewer alone. */
  say(message: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Asks for another ticket, and goes on with it. */
  reopen(): void {
    this.dispatch({ type: "stop" });
    this.start();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    this.options.video.muted = muted;
    this.setSound();
  }

  // --- states and what follows from them

  private dispatch(event: LiveEvent): void {
    const before = this.live.state;
    this.live = next(this.live, event);
    const after = this.live.state;
    if (after === before) return;
    if (after.kind !== before.kind || after.kind === "reconnecting") this.enter(after, before);
    this.options.onState(after);
  }

  private enter(state: LiveState, from: LiveState): void {
    switch (state.kind) {
      case "connecting":
        if (from.kind !== "waiting") void this.connect();
        break;
      case "reconnecting":
        this.disconnect();
        this.retryTimer = window.setTimeout(() => this.dispatch({ type: "retry" }), backOff(state.attempt, Math.random));
        break;
      case "idle":
      case "hidden":
      case "refused":
      case "unplayable":
        this.disconnect();
        break;
      case "playing":
        this.pictureAt = performance.now();
        break;
      case "waiting":
        break;
    }
  }

  private readonly onVisibility = (): void => {
    this.dispatch({ type: document.hidden ? "hide" : "show" });
  };

  // --- the connection

  private async connect(): Promise<void> {
    const opening = new AbortController();
    this.opening = opening;
    try {
      const url = await this.options.open(opening.signal);
      if (!opening.signal.aborted) this.listen(url);
    } catch (error) {
      if (opening.signal.aborted) return;
      if (error instanceof Refused) this.dispatch({ type: "refused", status: error.status, code: error.code });
      else this.dispatch({ type: "lost", cause: lossOf(error) });
    }
  }

  private listen(url: string): void {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.lastByteAt = performance.now();
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.socket) return;
      this.lastByteAt = performance.now();
      if (typeof data === "string") this.onText(data);
      else this.onBinary(new Uint8Array(data));
    };
    socket.onclose = () => {
      const { state } = this.live; // what the server said last, if it was about masks, is why
      const cause = state.kind === "waiting" && isOfMasks(state.cause) ? state.cause : "server";
      if (socket === this.socket) this.dispatch({ type: "lost", cause });
    };
    this.timers = [
      window.setInterval(() => this.beat(), HEARTBEAT),
      window.setInterval(() => this.keepPace(), PACE_EVERY),
      window.setInterval(() => this.eachSecond(), 1000),
    ];
  }

  private disconnect(): void {
    this.opening?.abort();
    this.opening = null;
    window.clearTimeout(this.retryTimer);
    this.timers.forEach((timer) => window.clearInterval(timer));
    this.timers = [];
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.pending = [];
    this.pendingBytes = 0;
    this.sound?.close();
    this.sound = null;
  }

  private beat(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"type":"heartbeat"}');
  }

  private onText(text: string): void {
    let message: ServerMessage;
    try {
      message = JSON.parse(text) as ServerMessage;
    } catch {
      return; // a message of a later version: not ours to judge
    }
    if (message.type === "format") this.onFormat(message);
    else if (message.type === "state" && message.state === "waiting") {
      this.dispatch({ type: "cameraWaiting", cause: message.cause ?? null });
    } else if (message.type === "state" && message.state === "live") {
      this.dispatch({ type: "cameraLive" });
    } else if (message.type !== "state") {
      this.options.onTold?.(message);
    }
  }

  private onFormat(format: StreamFormat): void {
    this.options.onFormat?.(format);
    this.waitingForInit = true;
    this.placed = false;
    if (!format.playable || !MediaSource.isTypeSupported(format.mime)) {
      this.dispatch({ type: "unplayable", mime: format.mime });
      return;
    }
    this.prepare(format.mime);
  }

  private onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.waitingForInit) {
      this.waitingForInit = false;
      this.track = g711Track(bytes);
      this.setSound();
    } else {
      this.sound?.push(bytes);
    }
    this.pending.push(bytes);
    this.pendingBytes += bytes.byteLength;
    if (this.pendingBytes > MAX_PENDING) this.dispatch({ type: "lost", cause: "too_slow" });
    else this.flush();
  }

  private setSound(): void {
    const wanted = !this.muted && this.track !== null && this.socket !== null;
    if (!wanted) {
      this.sound?.close();
      this.sound = null;
    } else if (this.track !== null) {
      this.sound ??= new G711Sound(this.track);
    }
  }

  // --- the buffer

  private prepare(mime: string): void {
    if (this.buffer === null || this.source?.readyState !== "open") {
      this.openSource(mime);
      return;
    }
    try {
      this.buffer.abort(); // forgets half a fragment of the last connection
      if (mime !== this.mime) this.buffer.changeType(mime);
      this.mime = mime;
    } catch {
      this.openSource(mime);
    }
  }

  private openSource(mime: string): void {
    this.closeSource();
    const source = new MediaSource();
    this.source = source;
    this.mime = mime;
    this.sourceUrl = URL.createObjectURL(source);
    this.options.video.src = this.sourceUrl;
    source.addEventListener("sourceopen", () => {
      if (source !== this.source || this.buffer !== null) return;
      this.buffer = source.addSourceBuffer(this.mime);
      this.buffer.addEventListener("updateend", this.onAppended);
      this.buffer.addEventListener("error", () => this.spoilt());
      this.flush();
    });
  }

  private closeSource(): void {
    this.buffer = null;
    this.source = null;
    if (this.sourceUrl === "") return;
    this.options.video.removeAttribute("src");
    this.options.video.load();
    URL.revokeObjectURL(this.sourceUrl);
    this.sourceUrl = "";
  }

  /** The decoder refused something: begin again with a new buffer. */
  private spoilt(): void {
    this.closeSource();
    this.dispatch({ type: "lost", cause: "decoder" });
  }

  private flush(): void {
    const buffer = this.buffer;
    if (buffer === null || buffer.updating || this.pending.length === 0) return;
    const bytes = this.pending.length === 1 ? this.pending[0] : joined(this.pending, this.pendingBytes);
    this.pending = [];
    this.pendingBytes = 0;
    try {
      buffer.appendBuffer(bytes as Uint8Array<ArrayBuffer>);
    } catch {
      this.spoilt(); // quota or a lost decoder
    }
  }

  private readonly onAppended = (): void => {
    this.place();
    this.flush();
  };

  /** After joining: stand just before the newest picture and play. */
  private place(): void {
    if (this.placed) return;
    const last = this.lastRange();
    if (last === null) return;
    const { video } = this.options;
    const here = video.currentTime;
    if (here < last.start || here > last.end) video.currentTime = Math.max(last.start, last.end - this.target);
    this.placed = true;
    void video.play().catch(() => undefined); // muted playing is always allowed; a stop() in between is no error
    whenPicture(video, () => this.dispatch({ type: "picture" }));
  }

  private lastRange(): { start: number; end: number } | null {
    const buffered = this.buffer === null || this.source?.readyState !== "open" ? null : this.buffer.buffered;
    if (buffered === null || buffered.length === 0) return null;
    return { start: buffered.start(buffered.length - 1), end: buffered.end(buffered.length - 1) };
  }

  // --- pace

  private keepPace(): void {
    const { video } = this.options;
    const last = this.lastRange();
    if (!this.placed || last === null) return;
    if (video.currentTime < last.start) {
      video.currentTime = Math.max(last.start, last.end - this.target); // over a hole in the stream
      return;
    }
    const step = pace(video.currentTime, last.end, this.target);
    if ("jumpTo" in step) video.currentTime = step.jumpTo;
    else if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
    if (video.paused) void video.play().catch(() => undefined);
    this.trim(last.end);
  }

  private trim(edge: number): void {
    const buffer = this.buffer;
    if (buffer === null || buffer.updating || buffer.buffered.length === 0) return;
    const past = this.options.video.currentTime;
    if (past - buffer.buffered.start(0) > KEEP_BEHIND) buffer.remove(0, Math.min(past, edge) - TRIM_TO);
  }

  private readonly onStall = (): void => {
    if (this.placed && this.live.state.kind === "playing") this.target = afterStall(this.target);
  };

  private eachSecond(): void {
    const now = performance.now();
    this.target = afterCalmSecond(this.target);
    const { kind } = this.live.state;
    if (kind === "playing" && now - this.pictureAt > HEALTHY_AFTER) this.dispatch({ type: "healthy" });
    if (kind !== "waiting" && now - this.lastByteAt > SILENCE) this.dispatch({ type: "lost", cause: "no_packets" });
  }
}

function joined(parts: Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** Calls once the element has shown a new picture. */
export function whenPicture(video: HTMLVideoElement, then: () => void): void {
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(() => then());
  else (video as HTMLVideoElement).addEventListener("timeupdate", () => then(), { once: true });
}
