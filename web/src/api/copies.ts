/** Taking an interval away: the door gives a ticket, the media worker says which files it opens. */

import { civilText, toRfc3339 } from "../shared/time";
import type { CopyTicket, Grant } from "./access";
import { api, ok, Problem } from "./client";
import type { components } from "./schema";

export type CopyForm = NonNullable<components["schemas"]["ClipIn"]["form"]>;

export interface CopyWish {
  startMs: number;
  endMs: number;
  /** Under which it is taken (art. 22): nobody copies without one. */
  grant: Grant;
  form: CopyForm;
}

export interface CopyFile {
  /** As the browser will save it. */
  name: string;
  url: string;
  /** Of its first picture, RFC 3339. */
  start: string;
  /** Of its last picture. */
  end: string;
  /** The camera's clock minus ours. */
  clockOffsetMs: number;
  sizeBytes: number;
}

/** One entry of a worker's `files.json` (streaming/clip.py). */
interface Described {
  start: string;
  end: string;
  clock_offset_ms: number;
  size_bytes: number;
}

/** What a copy became. */
export interface Taken {
  files: CopyFile[];
  /** A derived file: privacy masks and the recipient's mark are in its pixels. */
  masked: boolean;
}

/** The files of an interval, usually one. It is in the journal from here on. Throws Problem. */
export async function takeCopy(
  camera: string,
  { startMs, endMs, grant, form }: CopyWish,
  onProgress: (share: number) => void,
): Promise<Taken> {
  const verb = grant.verbs.some(({ code }) => code === "copy") ? ("copy" as const) : ("retrieve" as const);
  const body = { start: toRfc3339(startMs), end: toRfc3339(endMs), purpose: grant.purpose.code, grant: grant.id, verb, form };
  const ticket = await ok(api.POST("/api/v1/cameras/{camera}/clip", { params: { path: { camera } }, body }));
  return taken(ticket, onProgress);
}

/** What a ticket opens, once it is made. Throws Problem. */
export async function taken({ url, files_url, masked }: CopyTicket, onProgress: (share: number) => void): Promise<Taken> {
  const files = (await described(files_url, onProgress)).map((file, n) => ({
    name: savedName(url, file.start),
    url: `${url}?file=${n + 1}&save=1`,
    start: file.start,
    end: file.end,
    clockOffsetMs: file.clock_offset_ms,
    sizeBytes: file.size_bytes,
  }));
  return { files, masked };
}

interface Listed {
  files: Described[];
  /** A masked copy is made first. */
  ready?: boolean;
  progress?: number;
}

const ASK_AGAIN = 1000; // ms

async function described(url: string, onProgress: (share: number) => void): Promise<Described[]> {
  for (;;) {
    const { files, ready = true, progress = 1 } = (await (await asked(url, "GET")).json()) as Listed;
    if (ready) return files;
    onProgress(progress);
    await new Promise((resume) => setTimeout(resume, ASK_AGAIN));
  }
}

/** Whether a file can still be fetched: the answer to a link that has lapsed would take the page's place. */
export async function stillOpen(url: string): Promise<void> {
  await asked(url, "HEAD");
}

const LAPSED = 403; // of a ticket: not opened in time, silent for too long, or the session's end

async function asked(url: string, method: "GET" | "HEAD"): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new Request(url, { method, credentials: "omit" }));
  } catch (error) {
    throw new Problem(0, "unreachable_server", String(error));
  }
  if (response.status === LAPSED) throw new Problem(LAPSED, "ticket_lapsed", "");
  if (!response.ok) throw await Problem.of(response, await response.json().catch(() => null));
  return response;
}

/** "East gate 2026-11-26 18.30.00+0800 (103000Z).mp4": as the worker names it, to the second, rounded down. */
export function savedName(url: string, start: string): string {
  const camera = decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "").replace(/\.mp4$/, "");
  const ms = Date.parse(start);
  const utc = new Date(ms).toISOString().slice(11, 19).replaceAll(":", "");
  return `${camera} ${civilText(ms).replaceAll(":", ".")}+0800 (${utc}Z).mp4`;
}
