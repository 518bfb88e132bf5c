/** The journal and its log, for the auditor. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { SECOND } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type JournalEntry = Schemas["JournalEntryOut"];
export type JournalPage = Schemas["JournalOut"];
export type Checkpoint = Schemas["CheckpointOut"];

/** Entries, newest first; the first page from `newest` on, if that is said. */
export function useJournal(cursor: string | null, limit: number, newest: number | null): UseQueryResult<JournalPage> {
  return useQuery({
    queryKey: ["journal", cursor, limit, newest],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/journal", { params: { query: { limit, ...(cursor !== null ? { cursor } : newest !== null ? { newest } : {}) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === null && newest === null ? 10 * SECOND : false,
  });
}

/** The log's signed head. */
export function useCheckpoint(): UseQueryResult<Checkpoint> {
  return useQuery({
    queryKey: ["journal", "checkpoint"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/journal/checkpoint", { signal })),
    refetchInterval: 10 * SECOND,
  });
}

/** Where the browser fetches the proof that the log of so many entries is how this one began. */
export const growthPath = (old: number): string => `/api/v1/journal/consistency?from=${old}`;

/** Where the browser fetches an entry's proof as a file. */
export const proofPath = (sequence: number): string => `/api/v1/journal/${sequence}/proof`;
