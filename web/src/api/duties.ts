/** What is due, to whom, by which article. */

import { keepPreviousData, useInfiniteQuery, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import { api, ok } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type OwedDuty = Schemas["OwedDutyOut"];
export type Tally = Schemas["TallyOut"];
export type DutyState = OwedDuty["state"];

export interface DutyFilter {
  state: readonly DutyState[];
  mine: boolean;
  code: string | null;
  /** Prefix of a division's code; empty: of all. */
  division: string;
}

const PAGE = 300; // what somebody can be expected to owe fits one answer
const EVERY = MINUTE;

const given = ({ state, mine, code, division }: DutyFilter): { state?: DutyState[]; mine: boolean; code?: string; division: string } => ({
  mine,
  division,
  ...(state.length === 0 ? {} : { state: [...state] }),
  ...(code === null ? {} : { code }),
});

export function useDuties(filter: DutyFilter) {
  return useInfiniteQuery({
    queryKey: ["duties", filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = { ...given(filter), limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return ok(api.GET("/api/v1/duties", { params: { query }, signal }));
    },
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
  });
}

export function useTally({ mine, division }: Pick<DutyFilter, "mine" | "division">): UseQueryResult<Tally[]> {
  return useQuery({
    queryKey: ["duties", "tally", mine, division],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/duties/tally", { params: { query: { mine, division } }, signal }))).items,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
  });
}

/** What is open or overdue about these things, the most urgent first. */
export function useDutiesOf(subjects: readonly string[]): OwedDuty[] {
  const answers = useQueries({
    queries: subjects.map((subject) => ({
      queryKey: ["duties", "of", subject],
      queryFn: ({ signal }: { signal: AbortSignal }) => ok(api.GET("/api/v1/duties", { params: { query: { subject, limit: 50 } }, signal })),
      refetchInterval: EVERY,
    })),
  });
  const due = ({ due_at: at }: OwedDuty): number => (at === null ? 0 : Date.parse(at));
  return answers.flatMap(({ data }) => data?.items ?? []).sort((a, b) => due(a) - due(b));
}
