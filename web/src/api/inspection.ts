/** What an inspector reads (art. 32): inspections, systems with their figures, breaches, questions, proofs. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import { api, ok } from "./client";
import { asked } from "./dynamic";
import type { OwedDuty } from "./duties";
import type { RecordRow, Words } from "./procedures";
import type { components } from "./schema";

export type SystemFigure = components["schemas"]["SystemFigureOut"];
export type SystemFigures = components["schemas"]["SystemFiguresOut"];

export interface Inspection {
  id: string;
  number: string;
  title: string;
  division: string;
  begin: string;
  until: string;
}

interface SupervisionRow extends Omit<RecordRow, "data"> {
  data: { begin: string; until: string; inspectors: string[] };
}

/** The open inspections that name this person. */
export function useInspections(person: string): UseQueryResult<Inspection[]> {
  return useQuery({
    queryKey: ["inspections", person],
    queryFn: async ({ signal }) => {
      const { items } = await asked<{ items: SupervisionRow[] }>("/supervisions", { state: "open", limit: 200 }, signal);
      const mine = items.filter(({ data }) => data.inspectors.includes(person));
      return mine.map(({ id, number, title, division, data }) => ({ id, number, title, division, begin: data.begin, until: data.until }));
    },
    refetchInterval: MINUTE,
  });
}

export interface Breach {
  article: string;
  article_zh: string;
  code: string;
  facts: string;
  evidence: string[];
  entries: number[];
  consequence: Words;
  citation: string;
}

export interface Report {
  at: string;
  breaches: Breach[];
}

/** Each making of it is in the journal, so it is made when it is asked for and not again by itself. */
export function useReport(number: string): UseQueryResult<Report> {
  return useQuery({
    queryKey: ["inspection-report", number],
    queryFn: ({ signal }) => asked<Report>("/reports/inspection", { number }, signal),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

export type ReportFile = { format: "json" } | { format: "pdf"; language: "zh" | "en" };

/** Where the browser fetches the report of this instant as a file. */
export const reportPath = (number: string, at: string, file: ReportFile): string => `/api/v1/reports/inspection?${new URLSearchParams({ number, at, ...file }).toString()}`;

export function useSystemFigures(cursor: string | null, limit: number): UseQueryResult<SystemFigures> {
  return useQuery({
    queryKey: ["system-figures", cursor, limit],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/reports/systems", { params: { query: { limit, ...(cursor === null ? {} : { cursor }) } }, signal })),
    placeholderData: keepPreviousData,
  });
}

const QUESTION = "R32.2"; // the duty to answer

/** Questions that are not answered yet, the most urgent first; the server's clock beside. */
export function useQuestions(): UseQueryResult<{ items: OwedDuty[]; now: string }> {
  return useQuery({
    queryKey: ["duties", "questions"],
    queryFn: ({ signal }) => ok(api.GET("/api/v1/duties", { params: { query: { code: QUESTION, limit: 100 } }, signal })),
    refetchInterval: MINUTE,
  });
}
