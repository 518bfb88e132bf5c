/**
 * Volumes, retention, marks, holds, findings and completeness: the part of the API that `schema.d.ts` does not hold yet.
 *
 * The types have the generator's form, so once the routes stand in the OpenAPI document this file keeps its questions,
 * its types become names of `components["schemas"]`, and `storageApi` becomes `api`.
 */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { DAY, MINUTE, SECOND, toRfc3339 } from "../shared/time";
import { clientOf, ok } from "./client";

export interface Volume {
  id: string;
  path: string;
  state: "writable" | "full" | "failing" | "away";
  cause: string | null;
  detail: string | null;
  size_bytes: number;
  used_bytes: number;
  free_bytes: number;
  reserve_bytes: number;
  write_bytes_per_s: number;
  /** Until it is full at the measured rate; null while nothing is measured. */
  days_left: number | null;
  alarm: boolean;
  cameras: number;
  workers: string[];
}

export interface Storage {
  volumes: Volume[];
  /** The longest term that a camera of these volumes needs. */
  days_needed: number;
}

export type TermClass = "default" | "counter_terror" | "other_law";

export interface Term {
  camera: string;
  name: string;
  class: TermClass;
  days: number;
  article: string;
  code: string;
  citation: string;
  oldest: string | null;
  marks: number;
  holds: number;
  overdue_segments: number;
}

export interface TermChange {
  class: TermClass;
  days?: number;
  citation?: string;
  reason: string;
}

export type KeepState = "in_force" | "release_asked" | "released";

export interface Release {
  asked_by: string;
  asked_at: string;
  confirmed_by: string | null;
  confirmed_at: string | null;
  reason: string;
}

/** An interval of a camera that somebody marked important. */
export interface Mark {
  id: string;
  camera: string;
  camera_name: string;
  start: string;
  end: string;
  reason: string;
  article: string;
  state: KeepState;
  by: string;
  at: string;
  release: Release | null;
}

/** A mark that is also copied to the write-once area. */
export interface Hold extends Mark {
  copied_segments: number;
  copied_bytes: number;
  sha256: string | null;
  missing: { start: string; end: string; cause: string | null }[];
  verified_at: string | null;
}

export interface KeepWish {
  start: string;
  end: string;
  reason: string;
  article: string;
}

export interface Finding {
  id: string;
  kind: "altered" | "removed" | "inserted" | "reordered" | "early_deleted";
  camera: string;
  camera_name: string;
  volume: string;
  start: string;
  end: string;
  found_at: string;
  detail: string | null;
}

export interface Findings {
  items: Finding[];
  next: string | null;
  audit: { period_days: number; covered_percent: number; last_round_at: string | null };
}

export interface CompletenessDay {
  day: string;
  due_s: number;
  present_s: number;
  missing: Record<string, number>;
  outages: number;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

interface Answer<Body> {
  200: { headers: Record<string, unknown>; content: { "application/json": Body } };
}
interface Ask<Query, Body, Path = never> {
  get: { parameters: { query?: Query; path: Path }; responses: Answer<Body> };
}
interface Write<Wish, Body, Path> {
  parameters: { path: Path };
  requestBody: { content: { "application/json": Wish } };
  responses: Answer<Body>;
}
interface Paging {
  cursor?: string;
  limit?: number;
}
interface Range {
  start?: string;
  end?: string;
}

interface StoragePaths {
  "/api/v1/storage": { get: { parameters: object; responses: Answer<Storage> } };
  "/api/v1/retention": { get: { parameters: { query?: Paging & { q?: string } }; responses: Answer<Page<Term>> } };
  "/api/v1/cameras/{camera}/retention": { patch: Write<TermChange, Term, { camera: string }> };
  "/api/v1/marks": { get: { parameters: { query?: Paging & Range & { camera?: string } }; responses: Answer<Page<Mark>> } };
  "/api/v1/holds": { get: { parameters: { query?: Paging & Range & { camera?: string } }; responses: Answer<Page<Hold>> } };
  "/api/v1/cameras/{camera}/marks": { post: Write<KeepWish, Mark, { camera: string }> };
  "/api/v1/cameras/{camera}/holds": { post: Write<KeepWish, Hold, { camera: string }> };
  "/api/v1/marks/{mark}/release": { post: Write<{ reason: string }, Mark, { mark: string }> };
  "/api/v1/holds/{hold}/release": { post: Write<{ reason: string }, Hold, { hold: string }> };
  "/api/v1/findings": { get: { parameters: { query?: Paging }; responses: Answer<Findings> } };
  "/api/v1/cameras/{camera}/completeness": Ask<Range, { days: CompletenessDay[] }, { camera: string }>;
}

export const storageApi = clientOf<StoragePaths>();

// --- questions

export type Kind = "marks" | "holds";
const cursored = (cursor: string | null, limit: number): Paging => ({ limit, ...(cursor === null ? {} : { cursor }) });

export function useStorage(): UseQueryResult<Storage> {
  return useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => ok(storageApi.GET("/api/v1/storage", { signal })),
    refetchInterval: 5 * SECOND,
  });
}

export function useTerms(q: string, cursor: string | null, limit: number): UseQueryResult<Page<Term>> {
  return useQuery({
    queryKey: ["retention", q, cursor, limit],
    queryFn: ({ signal }) => {
      const query = { ...cursored(cursor, limit), ...(q === "" ? {} : { q }) };
      return ok(storageApi.GET("/api/v1/retention", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 30 * SECOND,
  });
}

/** Marks or holds, newest first; of one camera, or of all. */
export function useKept(kind: Kind, camera: string | null, cursor: string | null, limit: number): UseQueryResult<Page<Mark | Hold>> {
  return useQuery({
    queryKey: [kind, "list", camera, cursor, limit],
    queryFn: ({ signal }): Promise<Page<Mark | Hold>> => {
      const params = { query: { ...cursored(cursor, limit), ...(camera === null ? {} : { camera }) } };
      return kind === "marks"
        ? ok(storageApi.GET("/api/v1/marks", { params, signal }))
        : ok(storageApi.GET("/api/v1/holds", { params, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 10 * SECOND,
  });
}

export function useFindings(cursor: string | null, limit: number): UseQueryResult<Findings> {
  return useQuery({
    queryKey: ["findings", cursor, limit],
    queryFn: ({ signal }) => ok(storageApi.GET("/api/v1/findings", { params: { query: cursored(cursor, limit) }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 30 * SECOND,
  });
}

const MARKS_SHOWN = 200; // on one lane of the timeline; more than that are one band anyway

/** The marks of one camera that touch an interval, for the timeline. */
export function marksQuery(camera: string, startMs: number, endMs: number) {
  return {
    queryKey: ["marks", "timeline", camera, startMs, endMs],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Mark[]> => {
      const query = { camera, start: toRfc3339(startMs), end: toRfc3339(endMs), limit: MARKS_SHOWN };
      return (await ok(storageApi.GET("/api/v1/marks", { params: { query }, signal }))).items;
    },
    placeholderData: (old: Mark[] | undefined, query: { queryKey: readonly unknown[] } | undefined) =>
      query?.queryKey[2] === camera ? old : undefined,
    refetchInterval: 15 * SECOND,
    staleTime: 10 * SECOND,
    retry: false,
  };
}

/** How complete one civil day of a camera is; undefined while unknown. */
export function useCompleteness(camera: string | null, dayStartMs: number): CompletenessDay | undefined {
  const { data } = useQuery({
    queryKey: ["completeness", camera, dayStartMs],
    enabled: camera !== null,
    queryFn: ({ signal }) => {
      const params = { path: { camera: camera ?? "" }, query: { start: toRfc3339(dayStartMs), end: toRfc3339(dayStartMs + DAY) } };
      return ok(storageApi.GET("/api/v1/cameras/{camera}/completeness", { params, signal }));
    },
    refetchInterval: MINUTE / 2,
    retry: false,
  });
  return data?.days[0];
}

// --- wishes

export const MARK_ARTICLE = "28¶2"; // important information
export const HOLD_ARTICLE = "27¶2"; // evidence preservation

export function keep(kind: Kind, camera: string, wish: KeepWish): Promise<Mark | Hold> {
  const options = { params: { path: { camera } }, body: wish };
  return kind === "marks"
    ? ok(storageApi.POST("/api/v1/cameras/{camera}/marks", options))
    : ok(storageApi.POST("/api/v1/cameras/{camera}/holds", options));
}

/** The first call asks for the release, a second person's call completes it. */
export function release(kind: Kind, id: string, reason: string): Promise<Mark | Hold> {
  return kind === "marks"
    ? ok(storageApi.POST("/api/v1/marks/{mark}/release", { params: { path: { mark: id } }, body: { reason } }))
    : ok(storageApi.POST("/api/v1/holds/{hold}/release", { params: { path: { hold: id } }, body: { reason } }));
}

export function changeTerm(camera: string, change: TermChange): Promise<Term> {
  return ok(storageApi.PATCH("/api/v1/cameras/{camera}/retention", { params: { path: { camera } }, body: change }));
}
