/** Systems on trial, and the test view of their cameras (R16.5). */

import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { asked } from "../player/tickets";
import { MINUTE } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

export type Trial = components["schemas"]["TrialOut"];

export function useTrials(): UseQueryResult<Trial[]> {
  return useQuery({
    queryKey: ["trials"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/trials", { signal }))).items,
    refetchInterval: MINUTE,
  });
}

export interface TrialTicket {
  url: string;
  watermark: string;
}

/** Decided and journalled before it is given. */
export async function openTrial(camera: string, signal: AbortSignal): Promise<TrialTicket> {
  const { url, watermark } = await asked(ok(api.POST("/api/v1/cameras/{camera}/trial", { params: { path: { camera } }, body: { stream: "main" }, signal })));
  return { url, watermark };
}
