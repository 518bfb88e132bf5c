/** Requests of state organs: the custodian's inbox, what the form asks for, and what was hindered. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import { api, ok } from "./client";
import type { WholeRecord } from "./procedures";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Inbox = Schemas["InboxOut"];
export type Waiting = Schemas["WaitingOut"];
export type Nameable = Schemas["NameableOut"];
export type CameraPresence = Schemas["CameraPresenceOut"];
export type OfficerFound = Schemas["OfficerOut"];
export type Hindrance = Schemas["HindranceOut"];

export interface Card {
  kind: string;
  number: string;
  issuer: string;
  valid_to: string | null;
}

export interface Officer {
  person: string;
  name: string;
  unit: string | null;
  card: Card | null;
  seen_by: string;
  undertaking: string;
  paper: string | null;
}

export interface Paper {
  kind: string;
  number: string;
  unit: string;
  issued: string | null;
  document: string;
  sha256: string;
}

/** What a request holds, as `procedures/access_request_data.py` says. */
export interface RequestData {
  keeper: string;
  applicant: string;
  number: string;
  purpose: string | null;
  reason: string;
  power: string;
  cameras: string[];
  begin: string;
  end: string;
  verbs: string[];
  destination: string;
  is_urgent: boolean;
  officers: Officer[];
  papers: Paper[];
  answered: string | null;
  refused: { items: string[]; reason: string; by: string } | null;
}

export const dataOf = (whole: WholeRecord): RequestData => whole.data as unknown as RequestData;

export function useInbox(cursor: string | null, limit: number): UseQueryResult<Inbox> {
  return useQuery({
    queryKey: ["request-inbox", cursor, limit],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/requests/inbox", { params: { query: { limit, ...(cursor === null ? {} : { cursor }) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: MINUTE,
  });
}

/** Cameras that the person may name. */
export function useNameable(q: string, division: string): UseQueryResult<Nameable[]> {
  return useQuery({
    queryKey: ["nameable", q, division],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/requests/cameras", { params: { query: { q, division } }, signal }))).items,
    placeholderData: keepPreviousData,
    staleTime: MINUTE,
  });
}

const AT_A_TIME = 20; // cameras that the server answers about in one go

/** When there are recordings of these; nothing is told of gaps. */
export function usePresence(cameras: readonly string[], start: string | null, end: string | null): UseQueryResult<CameraPresence[]> {
  return useQuery({
    queryKey: ["presence", cameras, start, end],
    enabled: cameras.length > 0 && start !== null && end !== null && Date.parse(start) < Date.parse(end),
    queryFn: async ({ signal }) => {
      const parts = Array.from({ length: Math.ceil(cameras.length / AT_A_TIME) }, (_, n) => cameras.slice(n * AT_A_TIME, (n + 1) * AT_A_TIME));
      const found: CameraPresence[] = [];
      for (const part of parts) {
        const query = { camera: [...part], start: start ?? "", end: end ?? "" };
        found.push(...(await ok(api.GET("/api/v1/requests/presence", { params: { query }, signal }))).items);
      }
      return found;
    },
    placeholderData: keepPreviousData,
    staleTime: MINUTE,
  });
}

/** Officers of one's own unit, by name or certificate. */
export function useOfficers(q: string): UseQueryResult<OfficerFound[]> {
  return useQuery({
    queryKey: ["officers", q],
    enabled: q !== "",
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/requests/officers", { params: { query: { q } }, signal }))).items,
    placeholderData: keepPreviousData,
    staleTime: MINUTE,
  });
}

export function useHindered(): UseQueryResult<Hindrance[]> {
  return useQuery({
    queryKey: ["hindered"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/requests/hindered", { signal }))).items,
    refetchInterval: MINUTE,
  });
}

export const lookInto = (request: string, note: string): Promise<unknown> =>
  ok(api.POST("/api/v1/requests/hindered/{record}/looked-into", { params: { path: { record: request } }, body: { note } }));
