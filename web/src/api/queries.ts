/** Every question the page asks the server, with how long an answer stays good. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE, SECOND, toRfc3339 } from "../shared/time";
import type { Span } from "../timeline/view";
import { api, ok, personOf, Problem, type Camera, type Cameras, type SignedIn } from "./client";

const STATE_EVERY = 4 * SECOND;

/** Who is signed in; null when nobody is. */
export function useSession(): UseQueryResult<SignedIn | null> {
  return useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }) => {
      try {
        return personOf(await ok(api.GET("/api/v1/session", { signal })));
      } catch (error) {
        if (error instanceof Problem && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 5 * MINUTE,
  });
}

export function useCameras(q: string, cursor: string | null, limit: number): UseQueryResult<Cameras> {
  return useQuery({
    queryKey: ["cameras", q, cursor, limit],
    queryFn: ({ signal }) => {
      const query = { limit, ...(q === "" ? {} : { q }), ...(cursor === null ? {} : { cursor }) };
      return ok(api.GET("/api/v1/cameras", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: STATE_EVERY,
  });
}

export function useCamera(id: string | null): UseQueryResult<Camera> {
  return useQuery({
    queryKey: ["camera", id],
    enabled: id !== null,
    queryFn: ({ signal }) =>
      ok(api.GET("/api/v1/cameras/{camera}", { params: { path: { camera: id ?? "" } }, signal })),
    refetchInterval: STATE_EVERY,
    retry: (failures, error) => failures < 3 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
  });
}

export interface Stored {
  spans: Span[];
  /** The server's clock when it answered. */
  answeredMs: number;
}

export async function fetchStored(camera: string, startMs: number, endMs: number, signal: AbortSignal): Promise<Stored> {
  const params = { path: { camera }, query: { start: toRfc3339(startMs), end: toRfc3339(endMs) } };
  const answer = await ok(api.GET("/api/v1/cameras/{camera}/timeline", { params, signal }));
  const spans = answer.spans.map((span) => ({
    startMs: Date.parse(span.start),
    endMs: Date.parse(span.end),
    kind: span.kind,
    cause: span.cause ?? null,
    detail: span.detail ?? null,
    recoveredFrom: span.recovered_from ?? null,
    fetchedMs: span.recovered ? Date.parse(span.recovered.fetched_at) : null,
  }));
  return { spans, answeredMs: Date.parse(answer.now) };
}

export interface DeviceStored {
  spans: Span[];
  complete: boolean;
}

/** What a camera's device says that it has itself; it takes seconds to say so, and is asked seldom. */
export function deviceStoredQuery(camera: string, startMs: number, endMs: number) {
  return {
    queryKey: ["device-stored", camera, startMs, endMs],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<DeviceStored> => {
      const params = { path: { camera }, query: { start: toRfc3339(startMs), end: toRfc3339(endMs) } };
      const answer = await ok(api.GET("/api/v1/cameras/{camera}/device-recordings", { params, signal }));
      const spans = answer.recordings.map(({ start, end }) => ({
        startMs: Date.parse(start), endMs: Date.parse(end), kind: "present" as const, cause: null, detail: null,
      }));
      return { spans, complete: answer.complete };
    },
    placeholderData: (old: DeviceStored | undefined, query: { queryKey: readonly unknown[] } | undefined) =>
      query?.queryKey[1] === camera ? old : undefined,
    staleTime: MINUTE,
    retry: false, // whoever wants it again moves the timeline, or asks
  };
}

/** What is stored of each camera between two moments; asked again every few seconds while that reaches now. */
export function storedQuery(camera: string, startMs: number, endMs: number) {
  return {
    queryKey: ["stored", camera, startMs, endMs],
    queryFn: ({ signal }: { signal: AbortSignal }) => fetchStored(camera, startMs, endMs, signal),
    placeholderData: (old: Stored | undefined, query: { queryKey: readonly unknown[] } | undefined) =>
      query?.queryKey[1] === camera ? old : undefined,
    refetchInterval: () => (endMs > Date.now() - MINUTE ? 3 * SECOND : false) as number | false,
    staleTime: 3 * SECOND,
  };
}
