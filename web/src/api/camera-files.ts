/** Camera files (一机一档): the list behind a filter, one file, many changed at once, views of the list. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE, SECOND } from "../shared/time";
import { api, ok, type Camera } from "./client";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type CameraFile = Schemas["CameraFileOut"];
export type FileLine = Schemas["CameraFileLine"];
export type FileField = Schemas["FieldOut"];
export type FileFields = Schemas["CameraFieldsOut"];
export type FilePatch = Schemas["CameraFilePatch"];
export type FileWish = Schemas["CameraFileIn"];
export type Counts = Schemas["CountsOut"];
export type SavedView = Schemas["SavedViewOut"];
export type Change = Schemas["ChangeOut"];
export type Preview = Schemas["BulkPreviewOut"];
type ListQuery = NonNullable<paths["/api/v1/camera-files"]["get"]["parameters"]["query"]>;
export type FileSort = NonNullable<ListQuery["sort"]>;
/** Which files: the same for the list, the counts, the map, the export and a change of many. */
export type FileFilter = Omit<ListQuery, "sort" | "descending" | "limit" | "cursor">;

const FILE = "/api/v1/camera-files/{file}";

/** The form of a file is part of the program: asked once. */
export function useFileFields(): UseQueryResult<FileFields> {
  return useQuery({
    queryKey: ["file-fields"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/camera-files/fields", { signal })),
    staleTime: 60 * MINUTE,
  });
}

interface Order {
  sort: FileSort;
  descending: boolean;
  cursor: string | null;
  limit: number;
}

export function useFiles(filter: FileFilter, { cursor, ...order }: Order, wanted = true): UseQueryResult<Schemas["CameraFilesOut"]> {
  return useQuery({
    queryKey: ["files", filter, cursor, order],
    enabled: wanted,
    queryFn: ({ signal }) => {
      const query = { ...filter, ...order, ...(cursor === null ? {} : { cursor }) };
      return ok(api.GET("/api/v1/camera-files", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
}

export function useCounts(filter: FileFilter): UseQueryResult<Counts> {
  return useQuery({
    queryKey: ["files", "counts", filter],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/camera-files/counts", { params: { query: filter }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** What the streams among these files are doing, by id. */
export function useStates(ids: readonly string[], wanted: boolean): ReadonlyMap<string, Camera> {
  const { data } = useQuery({
    queryKey: ["cameras", "states", ids],
    enabled: wanted && ids.length > 0,
    queryFn: ({ signal }) => ok(api.GET("/api/v1/cameras", { params: { query: { ids: [...ids], limit: ids.length } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 5 * SECOND,
  });
  return new Map((data?.items ?? []).map((camera) => [camera.id, camera]));
}

export function useFile(id: string, wanted = true): UseQueryResult<CameraFile> {
  return useQuery({
    queryKey: ["file", id],
    enabled: wanted,
    queryFn: ({ signal }) => ok(api.GET(FILE, { params: { path: { file: id } }, signal })),
  });
}

export function useFileHistory(id: string): UseQueryResult<Change[]> {
  return useQuery({
    queryKey: ["file", id, "history"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/camera-files/{file}/history", { params: { path: { file: id } }, signal })),
  });
}

export const addFile = (wish: FileWish): Promise<CameraFile> => ok(api.POST("/api/v1/camera-files", { body: wish })) as Promise<CameraFile>;

export const changeFile = (id: string, patch: FilePatch): Promise<CameraFile> =>
  ok(api.PATCH(FILE, { params: { path: { file: id } }, body: patch })) as Promise<CameraFile>;

/** The next free device code under a division; handed out once. */
export const nextCode = async (division: string): Promise<string> =>
  (await ok(api.POST("/api/v1/camera-files/codes", { body: { division, type: "132", industry: "00", network: "0" } }))).code;

export type Setting = Readonly<Record<string, unknown>>;

export const previewChange = (query: FileFilter, set: Setting): Promise<Preview> =>
  ok(api.POST("/api/v1/camera-files/bulk/preview", { body: { query: query as Schemas["FilterQuery"], set } }));

export const changeMany = (query: FileFilter, set: Setting, token: string, reason: string): Promise<{ changed: number }> =>
  ok(api.POST("/api/v1/camera-files/bulk", { body: { query: query as Schemas["FilterQuery"], set, token, reason } }));

export function useSavedViews(): UseQueryResult<SavedView[]> {
  return useQuery({
    queryKey: ["saved-views"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/saved-views", { signal }))).items,
    staleTime: MINUTE,
  });
}

export const keepView = (name: string, query: Readonly<Record<string, unknown>>, isShared: boolean): Promise<SavedView> =>
  ok(api.POST("/api/v1/saved-views", { body: { name, query, is_shared: isShared } }));

export const forgetView = (view: string): Promise<unknown> => ok(api.DELETE("/api/v1/saved-views/{view}", { params: { path: { view } } }));

/** Where the sheet of all that a filter finds is downloaded. */
export function exportPath(filter: FileFilter, form: "xlsx" | "csv"): string {
  const query = new URLSearchParams({ form });
  for (const [name, value] of Object.entries(filter)) for (const one of [value].flat()) query.append(name, String(one));
  return `/api/v1/camera-files/export?${query.toString()}`;
}
