/** A server for component tests: answers by method and path, and remembers what it was asked. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { vi } from "vitest";

import type { Person } from "./api/client";

export type Reply = { status?: number; body: unknown } | "never";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Routes are "GET /storage" without the common prefix; what is not named answers 404. */
export function serve(routes: Record<string, Reply | ((asked: Asked) => Reply)>): Asked[] {
  const log: Asked[] = [];
  vi.stubGlobal("fetch", async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const text = await request.text();
    const asked = { method: request.method, path: url.pathname.replace("/api/v1", ""), query: url.searchParams, body: text === "" ? null : JSON.parse(text) };
    log.push(asked);
    const route = routes[`${asked.method} ${asked.path}`] ?? { status: 404, body: { title: "Not found", detail: "not found", code: "not_found" } };
    const reply = typeof route === "function" ? route(asked) : route;
    if (reply === "never") return new Promise(() => undefined);
    return Response.json(reply.body, { status: reply.status ?? 200 });
  });
  return log;
}

export function refusal(code: string, article: string | null, detail: string, remedy: string | null, status = 403): Reply {
  return { status, body: { type: "about:blank", title: "Refused", status, detail, instance: "urn:uuid:1", code, article, remedy } };
}

export const WORKER_AWAY = refusal("worker_away", null, "the media worker does not answer", null, 503);

export const person = (...roles: string[]): Person => ({ id: "7", name: "operator", roles: roles as Person["roles"], language: "en", organisation: null, areas: ["2301"] });

export function shown(page: ReactNode, address = "/"): void {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={[address]}>{page}</MemoryRouter>
    </QueryClientProvider>,
  );
}
