/** What an id in a form or a record refers to: how it is found, and what it is called. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { may } from "../shared/rights";
import { MINUTE } from "../shared/time";
import { Problem, type Person, type Role } from "./client";
import { asked, sentFile } from "./dynamic";
import { seesKind, useKinds, type Kind } from "./procedures";
import { useSession } from "./queries";

export interface Found {
  id: string;
  name: string;
  /** Tells two of one name apart. */
  note: string;
}

type Row = Readonly<Record<string, unknown>> & { id: string };
interface Source {
  /** Below /api/v1; one thing stands at `list/{id}`. */
  list: string;
  /** Where it is shown; null: nowhere yet. */
  page: ((id: string) => string) | null;
  name: (row: Row) => string;
  note: (row: Row) => string;
  /** Who may look it up, as access/decisions.py says; anybody else isn't asked about: each such question would be a refusal in the journal. */
  readers: (role: Role) => boolean;
  /** False: it is found by its id alone. */
  isListed?: boolean;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const nothing = (): string => "";
const anybody = (): boolean => true;
const baseReader = (role: Role): boolean => may({ roles: [role] }, "base");
const CAMERA_NAMES: readonly Role[] = ["watcher", "custodian", "officer"];
const NO_PAPERS: readonly Role[] = ["sysadmin", "watcher", "telecom"];
const named = (list: string, readers: Source["readers"], page: Source["page"] = null, note: Source["note"] = nothing): Source => ({ list, page, name: ({ name }) => text(name), note, readers });

const SOURCES: Readonly<Record<string, Source>> = {
  organisation: named("/organisations", anybody),
  place: named("/places", baseReader, (id) => `/places/${id}`),
  part: named("/parts", baseReader),
  camera: named("/camera-files", baseReader, (id) => `/cameras/${id}`, ({ device_id }) => text(device_id)),
  // Whoever sees no base information names cameras by what they are called alone.
  stream: named("/cameras", (role) => CAMERA_NAMES.includes(role)),
  // Another department sees what is offered to it, or what it has asked for.
  offered: { ...named("/share-catalogue/cameras", (role) => role === "department_user"), isListed: false },
  person: named("/people", (role) => role === "sysadmin"),
  document: { list: "/documents", page: null, name: ({ title }) => text(title), note: ({ added_at }) => text(added_at).slice(0, 10), readers: (role) => !NO_PAPERS.includes(role) },
};

const RECORD = "record:";

/** The sources of `ref`: one, or one for each kind of record in "record:system|plan"; "camera_or_system" is a camera or a system. */
function sourcesOf(ref: string, kinds: readonly Kind[]): Source[] {
  if (ref === "camera") return [SOURCES["camera"], SOURCES["stream"], SOURCES["offered"]].filter((source) => source !== undefined);
  if (ref === "camera_or_system") return [...sourcesOf("camera", kinds), ...sourcesOf("record:system", kinds)];
  if (!ref.startsWith(RECORD)) return SOURCES[ref] === undefined ? [] : [SOURCES[ref]];
  return ref
    .slice(RECORD.length)
    .split("|")
    .flatMap((name) => kinds.filter((kind) => kind.name === name))
    .map(recordSource);
}

const recordSource = (kind: Kind): Source => ({
  list: `/${kind.path}`,
  page: (id) => `/procedures/${kind.path}/${id}`,
  name: ({ title }) => text(title),
  note: ({ number }) => text(number),
  readers: (role) => seesKind({ roles: [role] }, kind),
});

/** Of these sources those that one of the roles may look into. */
const openTo = (sources: readonly Source[], person: Person | null): Source[] => sources.filter(({ readers }) => person?.roles.some(readers) === true);

const foundOf = ({ name, note }: Source, row: Row): Found => ({ id: row.id, name: name(row), note: note(row) });

/** The first that has it: a record may be of one of several kinds. */
async function lookUp(sources: readonly Source[], id: string, signal: AbortSignal): Promise<(Found & { page: string | null }) | null> {
  for (const source of sources) {
    try {
      const row = await asked<Row>(`${source.list}/${id}`, {}, signal);
      return { ...foundOf(source, row), page: source.page?.(id) ?? null };
    } catch (error) {
      if (!(error instanceof Problem) || ![401, 403, 404].includes(error.status)) throw error;
    }
  }
  return null;
}

/** Each id is asked for once, however often it stands on a page; null: not there, or not for this person. */
export function useReference(ref: string, id: string | null): UseQueryResult<(Found & { page: string | null }) | null> {
  const kinds = useKinds().data;
  const person = useSession().data;
  return useQuery({
    queryKey: ["reference", ref, id],
    enabled: id !== null && kinds !== undefined && person !== undefined,
    queryFn: ({ signal }) => lookUp(openTo(sourcesOf(ref, kinds ?? []), person ?? null), id ?? "", signal),
    staleTime: 10 * MINUTE,
  });
}

/** What this person may search for a reference; null: not known yet. */
function useSources(ref: string): Source[] | null {
  const kinds = useKinds().data;
  const person = useSession().data;
  return kinds === undefined || person === undefined ? null : openTo(sourcesOf(ref, kinds), person).filter(({ isListed }) => isListed !== false);
}

/** Whether this person can look for it by name at all. */
export const useMaySearch = (ref: string): boolean => useSources(ref)?.length !== 0;

const SHOWN = 20; // more than that nobody reads: type on

export function useReferenceSearch(ref: string, q: string, wanted: boolean): UseQueryResult<Found[]> {
  const sources = useSources(ref);
  return useQuery({
    queryKey: ["references", ref, q],
    enabled: wanted && sources !== null && sources.length > 0,
    queryFn: async ({ signal }) => {
      const answers = (sources ?? []).map(async (source) => {
        const { items } = await asked<{ items: Row[] }>(source.list, { q, limit: SHOWN }, signal);
        return items.map((row) => foundOf(source, row));
      });
      return (await Promise.all(answers)).flat();
    },
    placeholderData: keepPreviousData,
    staleTime: MINUTE / 2,
  });
}

/** May be searched at all: parts are reached through their place. */
export const isSearchable = (ref: string): boolean => ref !== "part";

export function usePartsOf(place: string | null): UseQueryResult<Found[]> {
  return useQuery({
    queryKey: ["parts", place],
    enabled: place !== null,
    queryFn: async ({ signal }) => {
      const { items } = await asked<{ items: Row[] }>(`/places/${place ?? ""}/parts`, {}, signal);
      return items.map((row) => ({ id: row.id, name: text(row["name"]), note: text(row["kind"]) }));
    },
    staleTime: MINUTE,
  });
}

export interface Paper {
  kind: string;
  title: string;
  secrecy: string;
}

/** Keeps a new document; its id. */
export async function keepDocument(paper: Paper, file: File): Promise<string> {
  const { id } = await sentFile<{ id: string }>("/documents", { ...paper, file_name: file.name.slice(-200) }, file);
  return id;
}
