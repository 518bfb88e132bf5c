/** Places and their parts, the divisions with their outlines, what is not covered. */

import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Place = Schemas["inventory_places__PlaceOut"] extends never ? never : Schemas["inventory_places__PlaceOut"];
