/** Where what a duty is about, or what proves it, is shown. */

import type { JSX } from "react";
import { Link } from "react-router";

import { useKinds, type Kind } from "../../api/procedures";
import { useReference } from "../../api/references";

const PAGES: Readonly<Record<string, string>> = { camera: "/cameras", camera_file: "/cameras", place: "/places" };

export function subjectPath(kinds: readonly Kind[], kind: string, id: string): string | null {
  const found = kinds.find(({ name }) => name === kind);
  if (found !== undefined) return `/procedures/${found.path}/${id}`;
  return PAGES[kind] === undefined ? null : `${PAGES[kind]}/${id}`;
}

/** A name that leads to what it names, where there is a page for it. */
export function SubjectLink({ kind, id, title }: { kind: string; id: string; title: string }): JSX.Element {
  const path = subjectPath(useKinds().data ?? [], kind, id);
  return path === null ? <b>{title}</b> : <Link to={path}>{title}</Link>;
}

/** What proves that a duty was met. */
export function EvidenceLink({ kind, id }: { kind: string; id: string }): JSX.Element {
  const kinds = useKinds().data ?? [];
  const isRecord = kinds.some(({ name }) => name === kind);
  const { data } = useReference(isRecord ? `record:${kind}` : kind, id);
  const path = subjectPath(kinds, kind, id);
  const name = data === null || data === undefined || data.name === "" ? id.slice(0, 8) : [data.note, data.name].filter((text) => text !== "").join(" ");
  return path === null ? <span title={id}>{name}</span> : <Link to={path}>{name}</Link>;
}
