/** Instants in an input of the browser: civil time of UTC+8, wherever the browser stands. */

import { HOUR } from "../time";

const CIVIL = 8 * HOUR;

/** "2026-11-26T06:00:00Z" → "2026-11-26T14:00". */
export function toCivilInput(instant: string): string {
  const ms = Date.parse(instant);
  return Number.isNaN(ms) ? "" : new Date(ms + CIVIL).toISOString().slice(0, 16);
}

/** "2026-11-26T14:00" → "2026-11-26T14:00:00+08:00"; null for an empty input. */
export function fromCivilInput(text: string): string | null {
  if (text === "") return null;
  return `${text.length === 16 ? `${text}:00` : text}+08:00`;
}
