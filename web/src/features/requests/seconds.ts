/** Instants exact to the second in an input of the browser: civil time of UTC+8. */

import { HOUR } from "../../shared/time";

const CIVIL = 8 * HOUR;

/** "2026-11-26T06:00:05Z" → "2026-11-26T14:00:05". */
export function toSecond(instant: string): string {
  const ms = Date.parse(instant);
  return Number.isNaN(ms) ? "" : new Date(ms + CIVIL).toISOString().slice(0, 19);
}

/** The other way; a browser leaves out seconds that are 0. */
export function fromSecond(text: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?/.test(text)) return null;
  return `${text.length === 16 ? `${text}:00` : text.slice(0, 19)}+08:00`;
}
