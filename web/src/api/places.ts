/** Places and their parts, the divisions with their outlines, what is not covered. */

import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import type { Change, FileFilter } from "./camera-files";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Place = Schemas["PlaceOut"];
export type PlaceWish = Schemas["PlaceIn"];
export type PlacePatch = Schemas["PlacePatch"];
export type Part = Schemas["PartOut"];
export type Parts = Schemas["PartsOut"];
export type PartWish = Schemas["PartIn"];
export type PartPatch = Schemas["PartPatch"];
export type Division = Schemas["CityDivisionOut"];
export type Boundary = Schemas["BoundaryOut"];
export type Gap = Schemas["GapOut"];
export type Shape = Schemas["ShapeOut"];
export type Ground = Schemas["GroundOut"];
export type CameraMap = Schemas["MapOut"];

const HOUR = 60 * MINUTE;

export function useDivisionList(): UseQueryResult<Division[]> {
  return useQuery({
    queryKey: ["divisions"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/divisions", { signal }))).items,
    staleTime: HOUR,
  });
}

/** The outlines that have come so far; they change when a city sets its own. */
export function useOutlines(): readonly Boundary[] {
  const codes = (useDivisionList().data ?? []).map(({ code }) => code);
  return useQueries({
    queries: codes.map((division) => ({
      queryKey: ["boundary", division],
      queryFn: ({ signal }: { signal: AbortSignal }) => ok(api.GET("/api/v1/divisions/{division}/boundary", { params: { path: { division } }, signal })),
      staleTime: HOUR,
    })),
    combine: (answers) => answers.flatMap(({ data }) => (data === undefined ? [] : [data])),
  });
}

export type Box = readonly [west: number, south: number, east: number, north: number];
export const boxText = (box: Box): string => box.map((degrees) => degrees.toFixed(6)).join(",");

/** Points while they are few enough to draw, else clusters. */
export function useCameraMap(filter: FileFilter, box: Box | null, zoom: number): UseQueryResult<CameraMap> {
  return useQuery({
    queryKey: ["files", "map", filter, box, zoom],
    enabled: box !== null,
    queryFn: ({ signal }) => {
      const query = { ...filter, bbox: boxText(box ?? [0, 0, 0, 0]), zoom };
      return ok(api.GET("/api/v1/camera-files/map", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    staleTime: MINUTE / 2,
  });
}

const GRID = 0.02; // degrees: a small move of the map asks for nothing new

/** What people have drawn in a box: the outlines of places and their parts. */
export function useGround(box: Box | null): UseQueryResult<Ground> {
  const snapped = box === null ? null : box.map((degrees, side) => (side < 2 ? Math.floor(degrees / GRID) : Math.ceil(degrees / GRID)) * GRID);
  const bbox = snapped === null ? "" : boxText(snapped as unknown as Box);
  return useQuery({
    queryKey: ["ground", bbox],
    enabled: bbox !== "",
    queryFn: ({ signal }) => ok(api.GET("/api/v1/places/ground", { params: { query: { bbox } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: MINUTE / 2,
  });
}

export interface PlaceFilter {
  q: string;
  division: string;
  category: string;
  kind: string;
}

export function usePlaces(filter: PlaceFilter, cursor: string | null, limit: number): UseQueryResult<Schemas["PlacesOut"]> {
  return useQuery({
    queryKey: ["places", filter, cursor, limit],
    queryFn: ({ signal }) => {
      const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ""));
      return ok(api.GET("/api/v1/places", { params: { query: { ...given, limit, ...(cursor === null ? {} : { cursor }) } }, signal }));
    },
    placeholderData: keepPreviousData,
  });
}

export function usePlace(place: string): UseQueryResult<Place> {
  return useQuery({ queryKey: ["place", place], queryFn: ({ signal }) => ok(api.GET("/api/v1/places/{place}", { params: { path: { place } }, signal })) });
}

export function usePlaceHistory(place: string): UseQueryResult<Change[]> {
  return useQuery({
    queryKey: ["place", place, "history"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/places/{place}/history", { params: { path: { place } }, signal }))).items,
  });
}

export function useParts(place: string): UseQueryResult<Parts> {
  return useQuery({
    queryKey: ["place", place, "parts"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/places/{place}/parts", { params: { path: { place } }, signal })),
  });
}

export const addPlace = (body: PlaceWish): Promise<Place> => ok(api.POST("/api/v1/places", { body })) as Promise<Place>;
export const changePlace = (place: string, body: PlacePatch): Promise<Place> => ok(api.PATCH("/api/v1/places/{place}", { params: { path: { place } }, body })) as Promise<Place>;
export const reclassifyPlace = (place: string, body: Schemas["ReclassificationIn"]): Promise<Place> =>
  ok(api.POST("/api/v1/places/{place}/reclassification", { params: { path: { place } }, body })) as Promise<Place>;
export const confirmLikeness = (place: string, body: Schemas["LikenessIn"]): Promise<Place> =>
  ok(api.POST("/api/v1/places/{place}/likeness", { params: { path: { place } }, body })) as Promise<Place>;
export const addPart = (place: string, body: PartWish): Promise<Part> => ok(api.POST("/api/v1/places/{place}/parts", { params: { path: { place } }, body })) as Promise<Part>;
export const changePart = (part: string, body: PartPatch): Promise<Part> => ok(api.PATCH("/api/v1/parts/{part}", { params: { path: { part } }, body })) as Promise<Part>;
export const reviewPart = (part: string, body: Schemas["ReviewIn"]): Promise<Part> =>
  ok(api.POST("/api/v1/parts/{part}/review", { params: { path: { part } }, body })) as Promise<Part> as Promise<Part>;

export function useGaps(division: string, category: string, cursor: string | null, limit: number): UseQueryResult<Schemas["GapsOut"]> {
  return useQuery({
    queryKey: ["gaps", division, category, cursor, limit],
    queryFn: ({ signal }) => {
      const query = { limit, ...(division === "" ? {} : { division }), ...(category === "" ? {} : { category }), ...(cursor === null ? {} : { cursor }) };
      return ok(api.GET("/api/v1/coverage-gaps", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
}
