/** What is typed into a form, kept in this tab until it is sent: a reload or the end of a session loses nothing. */

import type { Group } from "./schema";

const KEY = "bingjian.draft.";

export function readDraft(name: string): Group | null {
  try {
    const kept: unknown = JSON.parse(window.sessionStorage.getItem(KEY + name) ?? "null");
    return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? (kept as Group) : null;
  } catch {
    return null; // storage is closed to us, or something else wrote there
  }
}

export function writeDraft(name: string, value: Group): void {
  try {
    window.sessionStorage.setItem(KEY + name, JSON.stringify(value));
  } catch {
    // then it is not kept over a reload
  }
}

export function clearDraft(name: string): void {
  try {
    window.sessionStorage.removeItem(KEY + name);
  } catch {
    // nothing was kept either
  }
}
