/**
 * Sprite sheets: small pictures of an interval, one for each of its equal steps, in one answer. Which sheet and which
 * cell show a moment is arithmetic, so that it can be tested.
 */

import type { Query } from "@tanstack/react-query";

import { api, ok, Problem } from "../api/client";
import type { components } from "../api/schema";
import { DAY, MINUTE, SECOND, toRfc3339 } from "../shared/time";
import type { View } from "../timeline/view";
import { purposeNow } from "./purpose";

/** An interval in equal steps. */
export interface Strip {
  startMs: number;
  stepMs: number;
  pictures: number;
}

export interface Cell {
  /** Place in the sheet, row by row. */
  tile: number;
  /** When the picture was taken. */
  atMs: number;
}

export interface Sheet extends Strip {
  columns: number;
  tileWidth: number;
  tileHeight: number;
  /** One for each step; null where nothing was recorded. */
  cells: readonly (Cell | null)[];
  image: ImageBitmap | null;
  /** Privacy masks are in its pictures. */
  masked: boolean;
  askedMs: number;
}

type Answer = components["schemas"]["SpriteOut"];

const COLUMNS = 8;
const PREVIEWS = 48; // over the width of a timeline: one every 20 to 30 pixels
const SPARE = 4; // steps before the view, so that a small pan finds its pictures in the same sheet
const LONGEST = 31 * DAY; // the server answers no longer interval
const SETTLED = 10 * SECOND; // what is older is in a file
const RENEW = 10 * SECOND; // a sheet that reaches now is good for
const KEPT = MINUTE; // a sheet that nobody looks at; it holds some megabytes

export const endOf = ({ startMs, stepMs, pictures }: Strip): number => startMs + stepMs * pictures;

/** All it could show was in a file when it was asked for. */
const isWhole = (sheet: Sheet): boolean => sheet.askedMs > endOf(sheet) + SETTLED;

/** Asking again would show no more. */
export const isFresh = (sheet: Sheet, nowMs: number): boolean => isWhole(sheet) || nowMs - sheet.askedMs < RENEW;

/** What covers a view of the timeline: the same for the next small pan, another for the next zoom. */
export function stripOf({ startMs, spanMs }: View): Strip {
  const stepMs = Math.ceil(spanMs / PREVIEWS);
  const pictures = Math.min(PREVIEWS + SPARE, Math.floor(LONGEST / stepMs));
  const grain = stepMs * Math.max(1, pictures - PREVIEWS);
  return { startMs: Math.floor(startMs / grain) * grain, stepMs, pictures };
}

/** The picture of a moment: of its step, else of the step it is nearer to if that is no more than a step away. */
export function cellAt({ startMs, stepMs, cells }: Pick<Sheet, "startMs" | "stepMs" | "cells">, ms: number): Cell | null {
  const steps = (ms - startMs) / stepMs;
  const n = Math.floor(steps);
  const here = cells[n] ?? null;
  if (here !== null || n < 0 || n >= cells.length) return here;
  const near = cells[steps - n < 0.5 ? n - 1 : n + 1] ?? null;
  return near !== null && Math.abs(near.atMs - ms) <= stepMs ? near : null;
}

/** Where a cell's picture begins in the sheet, in pixels. */
export function placeOf({ columns, tileWidth, tileHeight }: Pick<Sheet, "columns" | "tileWidth" | "tileHeight">, { tile }: Cell): [left: number, top: number] {
  return [(tile % columns) * tileWidth, Math.floor(tile / columns) * tileHeight];
}

const keyOf = (camera: string, { startMs, stepMs, pictures }: Strip, width: number) => ["sheet", camera, width, startMs, stepMs, pictures] as const;

/** The question for a sheet of one camera; asked again only while it reached now. */
export function sheetQuery(camera: string, strip: Strip, width: number) {
  return {
    queryKey: keyOf(camera, strip, width),
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<Sheet> => oneAtATime(camera, signal, () => fetchSheet(camera, strip, width, signal)),
    staleTime: ({ state }: Query<Sheet, Error, Sheet, ReturnType<typeof keyOf>>): number => (state.data !== undefined && isWhole(state.data) ? Infinity : RENEW),
    gcTime: KEPT,
    refetchOnWindowFocus: false,
  };
}

const busy = new Map<string, Promise<void>>();

/** A camera's sheets are asked for one after the other; who left meanwhile asks no more. Throws what `ask` throws. */
export async function oneAtATime<T>(camera: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  const before = busy.get(camera);
  const mine = (async () => {
    await before;
    signal.throwIfAborted();
    return ask();
  })();
  const settled = mine.then(() => undefined, () => undefined);
  busy.set(camera, settled);
  try {
    return await mine;
  } finally {
    if (busy.get(camera) === settled) busy.delete(camera);
  }
}

async function fetchSheet(camera: string, strip: Strip, width: number, signal: AbortSignal): Promise<Sheet> {
  const { startMs, pictures } = strip;
  const askedMs = Date.now();
  const query = { start: toRfc3339(startMs), end: toRfc3339(endOf(strip)), pictures, columns: COLUMNS, width, purpose: purposeNow() };
  try {
    const answer = await ok(api.GET("/api/v1/cameras/{camera}/sprite", { params: { path: { camera }, query }, signal }));
    return { ...strip, askedMs, ...sizesOf(answer), cells: cellsOf(answer), masked: answer.masked, image: await imageOf(answer.jpeg) };
  } catch (error) {
    if (!(error instanceof Problem && error.code === "no_footage")) throw error;
    return { ...strip, askedMs, columns: COLUMNS, tileWidth: width, tileHeight: Math.round((width * 9) / 16), cells: [], image: null, masked: false };
  }
}

const sizesOf = ({ columns, tile_width, tile_height }: Answer): Pick<Sheet, "columns" | "tileWidth" | "tileHeight"> => ({
  columns, tileWidth: tile_width, tileHeight: tile_height,
});

const cellsOf = ({ steps }: Answer): (Cell | null)[] =>
  steps.map((step) => (step === null ? null : { tile: step.tile, atMs: Date.parse(step.at) }));

function imageOf(base64: string): Promise<ImageBitmap> {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
}
