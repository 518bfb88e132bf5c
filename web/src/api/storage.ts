/** Volumes, retention, marks, holds, findings and completeness: what the pages ask, and when they ask again. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { DAY, MINUTE, SECOND, toRfc3339 } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Volume = Schemas["StoredVolumeOut"];
export type Storage = Schemas["StorageOut"];
export type Term = Schemas["RetentionOut"];
export type TermClass = Term["class"];
export type TermChange = Omit<Schemas["RetentionIn"], "citation"> & { citation?: string };
export type Mark = Schemas["MarkOut"];
export type Hold = Schemas["HoldOut"];
export type KeepState = Mark["state"];
export type Release = NonNullable<Mark["release"]>;
export type KeepWish = Schemas["ProtectionIn"];
export type Finding = Schemas["AuditFindingOut"];
export type Findings = Schemas["FindingsOut"];
export type CompletenessDay = Schemas["CompletenessDayOut"];

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

interface Paging {
  cursor?: string;
  limit?: number;
}

// --- questions

export type Kind = "marks" | "holds";
const cursored = (cursor: string | null, limit: number): Paging => ({ limit, ...(cursor === null ? {} : { cursor }) });

export function useStorage(): UseQueryResult<Storage> {
  return useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/storage", { signal })),
    refetchInterval: 5 * SECOND,
  });
}

export function useTerms(q: string, cursor: string | null, limit: number): UseQueryResult<Page<Term>> {
  return useQuery({
    queryKey: ["retention", q, cursor, limit],
    queryFn: ({ signal }) => {
      const query = { ...cursored(cursor, limit), ...(q === "" ? {} : { q }) };
      return ok(api.GET("/api/v1/retention", { params: { query }, signal }));
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
        ? ok(api.GET("/api/v1/marks", { params, signal }))
        : ok(api.GET("/api/v1/holds", { params, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 10 * SECOND,
  });
}

export function useFindings(cursor: string | null, limit: number): UseQueryResult<Findings> {
  return useQuery({
    queryKey: ["findings", cursor, limit],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/findings", { params: { query: cursored(cursor, limit) }, signal })),
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
      return (await ok(api.GET("/api/v1/marks", { params: { query }, signal }))).items;
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
      return ok(api.GET("/api/v1/cameras/{camera}/completeness", { params, signal }));
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
    ? ok(api.POST("/api/v1/cameras/{camera}/marks", options))
    : ok(api.POST("/api/v1/cameras/{camera}/holds", options));
}

/** The first call asks for the release, a second person's call completes it. */
export function release(kind: Kind, id: string, reason: string): Promise<Mark | Hold> {
  return kind === "marks"
    ? ok(api.POST("/api/v1/marks/{mark}/release", { params: { path: { mark: id } }, body: { reason } }))
    : ok(api.POST("/api/v1/holds/{hold}/release", { params: { path: { hold: id } }, body: { reason } }));
}

export function changeTerm(camera: string, change: TermChange): Promise<Term> {
  return ok(api.PATCH("/api/v1/cameras/{camera}/retention", { params: { path: { camera } }, body: { citation: "", ...change } }));
}
