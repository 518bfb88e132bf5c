/** What a page offers to whom. The door decides; this only hides what it would refuse anyway. */

import type { Person } from "../api/client";

export type Right = "control" | "volumes" | "retention" | "findings" | "watch" | "mark" | "copy" | "hold" | "release" | "term" | "streams" | "base" | "baseChange" | "register" | "journal";

// As in rules/editions/rights.toml.
const WATCH = ["watcher", "shift_lead", "public_security"];
const KEEP = [...WATCH, "custodian"];
const BASE = ["shift_lead", "registrar", "archivist", "city_data_authority", "workgroup_office", "public_security", "inspector"];
const RECORDINGS = [...KEEP, "registrar", "inspector", "city_data_authority", "workgroup_office", "auditor"];
const RIGHTS: Record<Right, readonly string[]> = {
  volumes: [...RECORDINGS, "sysadmin"],
  retention: RECORDINGS,
  findings: RECORDINGS,
  watch: WATCH,
  control: WATCH,
  mark: KEEP,
  copy: ["custodian"],
  hold: KEEP,
  release: KEEP,
  term: ["registrar", "custodian"],
  streams: [...KEEP, "registrar"],
  base: BASE,
  baseChange: ["registrar"],
  register: ["auditor", "custodian", "inspector", "shift_lead", "registrar", "public_security", "archivist", "city_data_authority", "workgroup_office"],
  journal: ["auditor", "city_data_authority", "workgroup_office"],
};

export function may(person: Pick<Person, "roles">, right: Right): boolean {
  return person.roles.some((role) => RIGHTS[right].includes(role));
}
