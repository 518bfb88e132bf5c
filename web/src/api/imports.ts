/** Imports of spreadsheets: upload, match, look, confirm. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { SECOND } from "../shared/time";
import { api, ok } from "./client";
import { sentFile } from "./dynamic";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Sheet = Schemas["ImportOut"];
export type Choices = Schemas["ChoicesIn"];
export type Positions = Schemas["PositionsOut"];
export type Suspect = Schemas["SuspectOut"];
export type PreviewRow = Schemas["PreviewRowOut"];

const JUDGING_EVERY = 1 * SECOND;

export function useSheets(): UseQueryResult<Sheet[]> {
  return useQuery({ queryKey: ["imports"], queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/imports", { signal }))).items });
}

/** One import; asked again while its rows are being judged. */
export function useSheet(identity: string): UseQueryResult<Sheet> {
  return useQuery({
    queryKey: ["import", identity],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/imports/{identity}", { params: { path: { identity } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === "judging" ? JUDGING_EVERY : false),
  });
}

export function useSheetRows(identity: string, version: number, faulty: boolean, cursor: string | null): UseQueryResult<Schemas["PreviewOut"]> {
  return useQuery({
    queryKey: ["import", identity, "rows", version, faulty, cursor],
    queryFn: ({ signal }) =>
      ok(api.GET("/api/v1/imports/{identity}/rows", { params: { path: { identity }, query: { faulty, limit: 50, ...(cursor === null ? {} : { cursor }) } }, signal })),
    placeholderData: keepPreviousData,
  });
}

export const uploadSheet = (file: File): Promise<Sheet> => sentFile("/imports", { file_name: file.name.slice(-200) }, file);

const at = (identity: string) => ({ path: { identity } });
export const chooseColumns = (identity: string, body: Choices): Promise<Sheet> => ok(api.PUT("/api/v1/imports/{identity}/choices", { params: at(identity), body })) as Promise<Sheet>;
export const confirmSheet = (identity: string, version: number, leaveOut: boolean): Promise<Sheet> =>
  ok(api.POST("/api/v1/imports/{identity}/confirm", { params: at(identity), body: { version, leave_out_faulty: leaveOut } })) as Promise<Sheet>;
export const abandonSheet = (identity: string, version: number): Promise<unknown> =>
  ok(api.DELETE("/api/v1/imports/{identity}", { params: { ...at(identity), query: { version } } }));
export const faultsPath = (identity: string): string => `/api/v1/imports/${identity}/faults.xlsx`;
