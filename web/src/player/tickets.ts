/** Asking the API for leave to watch: each ticket is decided and journalled on the server before it is given. */

import { api, ok, Problem, type StreamRole } from "../api/client";
import { MINUTE, toRfc3339 } from "../shared/time";
import { Refused } from "./live";
import type { PlaybackTicket } from "./playback";
import { purposeNow } from "./purpose";

/** Answers that asking again won't change. 409, 425 and 429 pass with time. */
function refusal(error: unknown): never {
  if (error instanceof Problem && [400, 401, 403, 404, 410, 422].includes(error.status)) {
    throw new Refused(error.status, error.code);
  }
  throw error;
}

/** The answer; what asking again won't change is a Refused. */
export const asked = <T>(call: Promise<T>): Promise<T> => call.catch(refusal);

export interface LiveTicket {
  /** Of a WebSocket. */
  url: string;
  /** Privacy masks are in the picture. */
  masked: boolean;
}

export async function openLive(camera: string, stream: StreamRole, signal: AbortSignal): Promise<LiveTicket> {
  const call = api.POST("/api/v1/cameras/{camera}/live", { params: { path: { camera } }, body: { stream, purpose: purposeNow() }, signal });
  const { url, masked } = await ok(call).catch(refusal);
  return { url, masked };
}

export async function openPlayback(camera: string, startMs: number, endMs: number, signal: AbortSignal): Promise<PlaybackTicket> {
  const body = { start: toRfc3339(startMs), end: toRfc3339(endMs), purpose: purposeNow() };
  const call = api.POST("/api/v1/cameras/{camera}/playback", { params: { path: { camera } }, body, signal });
  const ticket = await ok(call).catch(refusal);
  return { url: ticket.url, heartbeatUrl: ticket.heartbeat_url, masked: ticket.masked };
}

export interface DeviceTicket {
  /** Of a WebSocket. */
  url: string;
  startMs: number;
  endMs: number;
}

const DEVICE_BEFORE = 30 * MINUTE; // so much before and after the moment is one look: steps back and forth ask nothing anew
const DEVICE_AFTER = 90 * MINUTE;

/** What a camera's device has stored itself, around a moment; it begins there. */
export async function openDevicePlayback(camera: string, atMs: number, signal: AbortSignal): Promise<DeviceTicket> {
  const end = toRfc3339(Math.min(atMs + DEVICE_AFTER, Date.now()));
  const body = { start: toRfc3339(atMs - DEVICE_BEFORE), end, purpose: purposeNow() };
  const call = api.POST("/api/v1/cameras/{camera}/device-playback", { params: { path: { camera } }, body, signal });
  const ticket = await ok(call).catch(refusal);
  return { url: `${ticket.url}?at_ms=${Math.round(atMs)}`, startMs: Date.parse(ticket.start), endMs: Date.parse(ticket.end) };
}

export interface Still {
  picture: Blob;
  /** When the picture was taken, by the platform's clock. */
  takenMs: number | null;
  masked: boolean;
}

/** One still of a camera at a moment, or the newest (null). Throws Problem. */
export async function fetchStill(camera: string, atMs: number | null, signal: AbortSignal): Promise<Still> {
  const at = atMs === null ? "" : `&at=${encodeURIComponent(toRfc3339(atMs))}`;
  const response = await fetch(`/api/v1/cameras/${camera}/snapshot?purpose=${purposeNow()}${at}`, { signal, credentials: "same-origin" });
  if (!response.ok) throw await Problem.of(response, await response.json().catch(() => null));
  const taken = Date.parse(response.headers.get("X-Picture-Time") ?? "");
  return { picture: await response.blob(), takenMs: Number.isNaN(taken) ? null : taken, masked: response.headers.get("X-Masked") === "1" };
}
