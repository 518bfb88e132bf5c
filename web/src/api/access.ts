/** Who looked (art. 25(5)), what one may look at under arts. 20 and 22, and what is offered for sharing. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import type { PlaybackTicket } from "../player/playback";
import { asked as refusedOr, type LiveTicket } from "../player/tickets";
import { MINUTE } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Registered = Schemas["RegisteredOut"];
export type Register = Schemas["RegisterOut"];
export type Grant = Schemas["GrantOut"];

export type Offered = Schemas["OfferedOut"];
export type CopyTicket = Schemas["ClipTicketOut"];

export interface RegisterFilter {
  person: string | null;
  camera: string | null;
  /** When it was done. */
  start: string | null;
  end: string | null;
  /** When what was seen happened. */
  shown_from: string | null;
  shown_until: string | null;
  /** Of a file that left: to whom it was given. */
  sha256: string | null;
}

const given = (filter: RegisterFilter): Partial<Record<keyof RegisterFilter, string>> =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null)) as Partial<Record<keyof RegisterFilter, string>>;

export function useRegister(filter: RegisterFilter, cursor: string | null, limit: number): UseQueryResult<Register> {
  return useQuery({
    queryKey: ["register", filter, cursor, limit],
    queryFn: ({ signal }) => {
      const query = { ...given(filter), limit, ...(cursor === null ? {} : { cursor }) };
      return ok(api.GET("/api/v1/register", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
}

/** Where the same list is had as a file. */
export const registerPath = (filter: RegisterFilter, form: "pdf" | "csv"): string =>
  `/api/v1/register/export?${new URLSearchParams({ ...given(filter), form }).toString()}`;

export function useGrants(): UseQueryResult<Grant[]> {
  return useQuery({
    queryKey: ["grants"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/grants", { signal }))).items,
    refetchInterval: MINUTE,
  });
}

/** By which files of this camera's footage may be made now: a custodian's, whoever was granted them. */
export function useGrantsFor(camera: string): UseQueryResult<Grant[]> {
  return useQuery({
    queryKey: ["grants", camera],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/cameras/{camera}/grants", { params: { path: { camera } }, signal }))).items,
  });
}

/** What was done under one of the person's own grants, newest first. */
export function useRegisterOfGrant(grant: string): UseQueryResult<Registered[]> {
  return useQuery({
    queryKey: ["grants", grant, "register"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/grants/{grant}/register", { params: { path: { grant } }, signal }))).items,
    refetchInterval: MINUTE,
  });
}

/** Give a copy on to one recipient: an entry of its own, and a file of its own. */
export async function forwardCopy(sequence: number, recipient: string, destination: string): Promise<CopyTicket> {
  return ok(api.POST("/api/v1/register/{sequence}/forward", { params: { path: { sequence } }, body: { recipient, destination } }));
}

export function useCatalogue(): UseQueryResult<Offered[]> {
  return useQuery({
    queryKey: ["share-catalogue"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/share-catalogue", { signal }))).items,
  });
}

/** A camera as it is now, under a grant. */
export async function openLiveGranted(grant: Grant, camera: string, unmask: boolean, signal: AbortSignal): Promise<LiveTicket> {
  const call = api.POST("/api/v1/cameras/{camera}/live", { params: { path: { camera } }, body: { stream: "main", grant: grant.id, ...(unmask ? { unmask } : {}) }, signal });
  const { url, masked } = await refusedOr(ok(call));
  return { url, masked };
}

/** All of a grant's interval of one camera: one look, one entry in the register. */
export async function openGranted(grant: Grant, camera: string, unmask: boolean, signal: AbortSignal): Promise<PlaybackTicket> {
  const body = { start: grant.begin, end: grant.end, grant: grant.id, ...(unmask ? { unmask } : {}) };
  const call = api.POST("/api/v1/cameras/{camera}/playback", { params: { path: { camera } }, body, signal });
  const ticket = await refusedOr(ok(call));
  return { url: ticket.url, heartbeatUrl: ticket.heartbeat_url, masked: ticket.masked };
}
