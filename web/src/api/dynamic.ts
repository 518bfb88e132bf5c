/** Addresses that are known only from data, such as those of each kind of procedure. */

import { clientOf, ok } from "./client";

type Params = Readonly<Record<string, string | readonly string[] | number | boolean | null | undefined>>;
type Init = { params: { query: Params }; body?: unknown; signal?: AbortSignal; headers?: Record<string, string>; bodySerializer?: (body: unknown) => unknown };
type Request = (method: "get" | "post", path: string, init: Init) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

const request = clientOf<Record<never, never>>().request as unknown as Request;

/** What stands at an address below /api/v1; whoever asks says what they expect. Throws Problem. */
export async function asked<T>(path: string, query: Params = {}, signal?: AbortSignal): Promise<T> {
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  return (await ok(request("get", `/api/v1${path}`, { params: { query: given }, ...(signal === undefined ? {} : { signal }) }))) as T;
}

export async function sent<T>(path: string, body: unknown): Promise<T> {
  return (await ok(request("post", `/api/v1${path}`, { params: { query: {} }, body }))) as T;
}

/** A file as the body itself; what is said of it stands in the query. */
export async function sentFile<T>(path: string, query: Params, file: File): Promise<T> {
  const init = { params: { query }, body: file, bodySerializer: (body: unknown) => body, headers: { "Content-Type": "application/octet-stream" } };
  return (await ok(request("post", `/api/v1${path}`, init))) as T;
}
