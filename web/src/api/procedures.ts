/** Procedures: what kinds there are, their records, and the steps between their states. */

import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { MINUTE } from "../shared/time";
import { api, ok, type Person } from "./client";
import { asked, sent } from "./dynamic";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Kind = Schemas["KindOut"];
export type Move = Schemas["MoveOut"];
export type RecordRow = Schemas["RecordOut"];
export type Records = Schemas["RecordsOut"];
export type WholeRecord = Schemas["WholeRecordOut"];
export type Step = Schemas["StepOut"];
export type Change = Schemas["ChangeOut"];
export type Words = Schemas["WordsOut"];

/** What the platform can do is part of the program: asked once. */
export function useKinds(): UseQueryResult<Kind[]> {
  return useQuery({
    queryKey: ["kinds"],
    queryFn: async ({ signal }) => (await ok(api.GET("/api/v1/procedures", { signal }))).items,
    staleTime: 60 * MINUTE,
  });
}

export interface RecordFilter {
  state: readonly string[];
  division: string;
  q: string;
  subject?: string | null;
}

export function useRecords(kind: Kind, filter: RecordFilter, cursor: string | null, limit: number): UseQueryResult<Records> {
  return useQuery({
    queryKey: ["records", kind.path, filter, cursor, limit],
    queryFn: ({ signal }) => asked<Records>(`/${kind.path}`, { ...filter, cursor, limit }, signal),
    placeholderData: keepPreviousData,
  });
}

/** Things that records can be about, by what a kind calls its subject ("camera", "record:system"): their ids. */
export type Subjects = Readonly<Record<string, string | null>>;

const refsOf = (subject: string): readonly string[] => {
  if (subject === "camera_or_system") return ["camera", "record:system"];
  return subject.startsWith("record:") ? subject.slice("record:".length).split("|").map((kind) => `record:${kind}`) : [subject];
};

/** Which of these a kind's records are about, if any. */
export function subjectIn({ subject }: Pick<Kind, "subject">, subjects: Subjects): string | null {
  const found = refsOf(subject).map((ref) => subjects[ref] ?? null);
  return found.find((id) => id !== null) ?? null;
}

const ABOUT_MAX = 20;

/** The records about these things, of every kind that this person sees. */
export function useRecordsAbout(kinds: readonly Kind[], subjects: Subjects, person: Pick<Person, "roles">): { kind: Kind; record: RecordRow }[] {
  const asking = kinds.flatMap((kind) => {
    const subject = subjectIn(kind, subjects);
    return subject === null || !seesKind(person, kind) ? [] : [{ kind, subject }];
  });
  const answers = useQueries({
    queries: asking.map(({ kind, subject }) => ({
      queryKey: ["records", kind.path, "about", subject],
      queryFn: ({ signal }: { signal: AbortSignal }) => asked<Records>(`/${kind.path}`, { subject, limit: ABOUT_MAX }, signal),
      retry: false,
    })),
  });
  return answers.flatMap(({ data }, n) => (data?.items ?? []).map((record) => ({ kind: asking[n]?.kind as Kind, record })));
}

export function useRecord(kind: Kind, id: string): UseQueryResult<WholeRecord> {
  return useQuery({
    queryKey: ["record", kind.path, id],
    queryFn: ({ signal }) => asked<WholeRecord>(`/${kind.path}/${id}`, {}, signal),
    refetchInterval: MINUTE,
  });
}

export const openRecord = (kind: Kind, wish: object): Promise<RecordRow> => sent(`/${kind.path}`, wish);

export const takeStep = (kind: Kind, record: string, step: string, version: number, wish: object): Promise<RecordRow> =>
  sent(`/${kind.path}/${record}/${step}`, { ...wish, version });

const anyOf = (person: Pick<Person, "roles">, roles: readonly string[]): boolean => person.roles.some((role) => roles.includes(role));

/** As the server lets: whoever has anything to do with a kind sees it. */
export function seesKind(person: Pick<Person, "roles">, kind: Kind): boolean {
  return anyOf(person, [...kind.readers, ...kind.openers, ...kind.moves.flatMap(({ roles }) => roles)]);
}

export const mayOpen = (person: Pick<Person, "roles">, kind: Kind): boolean => anyOf(person, kind.openers);
