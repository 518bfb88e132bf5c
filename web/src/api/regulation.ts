/** The law as the platform knows it: read once, then asked for again by its ETag. */

import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Regulation = Schemas["RegulationOut"];
export type Edition = Schemas["EditionOut"];
export type Article = Schemas["ArticleOut"];
export type Duty = Schemas["DutyOut"];
export type Parameter = Schemas["ParameterOut"];
export type LawCode = Schemas["CodeOut"];
export type Conflict = Schemas["ConflictOut"];
export type Place = Schemas["CitedPlaceOut"];
export type Words = Schemas["WordsOut"];

export function useRegulation(): UseQueryResult<Regulation> {
  return useQuery({
    queryKey: ["regulation"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/regulation", { signal })),
    staleTime: 10 * MINUTE,
  });
}
