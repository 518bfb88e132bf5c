import type { Change } from "../../api/procedures";

/** Every state that a record has left, by its history. */
export function statesBefore(history: readonly Pick<Change, "changes">[]): ReadonlySet<string> {
  return new Set(history.flatMap(({ changes }) => (typeof changes["state"]?.[0] === "string" ? [changes["state"][0]] : [])));
}
