/** Privacy masks of a camera. */

import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { api, ok } from "./client";
import type { components } from "./schema";

export type PictureMask = components["schemas"]["PictureMaskOut"];
export type MaskWish = components["schemas"]["PictureMaskIn"];

const keyOf = (camera: string): readonly string[] => ["masks", camera];

export function useMasks(camera: string): UseQueryResult<PictureMask[]> {
  return useQuery({
    queryKey: keyOf(camera),
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/cameras/{camera}/masks", { params: { path: { camera } }, signal }))).items,
  });
}

export interface MaskActions {
  save: (wish: MaskWish, instead: string | null) => Promise<void>;
  end: (mask: string) => Promise<void>;
}

/** Each is in force, and in the journal, when it resolves. They throw Problem. */
export function useMaskActions(camera: string): MaskActions {
  const client = useQueryClient();
  const fresh = (): Promise<void> => client.invalidateQueries({ queryKey: keyOf(camera) });
  return {
    save: async (body, instead) => {
      if (instead === null) await ok(api.POST("/api/v1/cameras/{camera}/masks", { params: { path: { camera } }, body }));
      else await ok(api.PUT("/api/v1/cameras/{camera}/masks/{mask}", { params: { path: { camera, mask: instead } }, body }));
      await fresh();
    },
    end: async (mask) => {
      await ok(api.DELETE("/api/v1/cameras/{camera}/masks/{mask}", { params: { path: { camera, mask } } }));
      await fresh();
    },
  };
}
