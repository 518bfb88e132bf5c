/** What a page offers to whom. The door decides; this only hides what it would refuse anyway. */

import type { Person } from "../api/client";

export type Right = "volumes" | "retention" | "findings" | "watch" | "mark" | "copy" | "hold" | "release" | "term" | "streams" | "base" | "baseChange";

// As in access/decisions.py.
const RIGHTS: Record<Right, readonly string[]> = {
  volumes: ["watcher", "registrar", "custodian", "auditor", "sysadmin"],
  retention: ["watcher", "registrar", "custodian", "auditor"],
  findings: ["watcher", "registrar", "custodian", "auditor"],
  watch: ["watcher"],
  mark: ["watcher", "custodian"],
  copy: ["custodian"],
  hold: ["custodian"],
  release: ["watcher", "custodian"],
  term: ["registrar", "custodian"],
  streams: ["watcher", "custodian", "registrar"],
  base: ["registrar", "archivist", "city_data_authority", "workgroup_office", "public_security", "inspector"],
  baseChange: ["registrar"],
};

export function may(person: Pick<Person, "roles">, right: Right): boolean {
  return person.roles.some((role) => RIGHTS[right].includes(role));
}
