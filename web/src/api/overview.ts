/** The work group's overview: five themes, their figures by division. */

import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import { asked } from "./dynamic";
import type { Words } from "./procedures";

export interface Figure {
  kind: string;
  words: Words;
  state: string;
  state_words: Words;
  division: string;
  count: number;
}

export interface OwedOfCode {
  code: string;
  article: string;
  words: Words;
  division: string;
  open: number;
  overdue: number;
}

export interface Theme {
  theme: string;
  words: Words;
  figures: Figure[];
  duties: OwedOfCode[];
}

export interface Overview {
  at: string;
  divisions: { code: string; words: Words }[];
  themes: Theme[];
  measures: { standing: "coming" | "in_force" | "expired"; last_day: string | null; reminder_days: number | null; choice: string };
}

export function useOverview(): UseQueryResult<Overview> {
  return useQuery({ queryKey: ["overview"], queryFn: ({ signal }) => asked<Overview>("/reports/overview", {}, signal), refetchInterval: MINUTE });
}
