/** How far behind the newest picture a live tile plays, and how it gets there. Seconds throughout. */

export const TARGET = 0.25;
export const TARGET_MAX = 1.0;
export const FAR = 2.0; // beyond this, catching up at 1.15× would take over ten seconds: jump
export const RATE_MIN = 0.95;
export const RATE_MAX = 1.15;
const CALM = 0.06; // within this of the target the rate stays 1

export type Step = { jumpTo: number } | { rate: number };

/** What to do when playing at `current` with the newest picture at `edge`. */
export function pace(current: number, edge: number, target: number): Step {
  const off = edge - current - target;
  if (off > FAR) return { jumpTo: edge - target };
  if (Math.abs(off) <= CALM) return { rate: 1 };
  const rate = 1 + off * 0.4;
  return { rate: Math.min(RATE_MAX, Math.max(RATE_MIN, rate)) };
}

/** A stall asks for more distance; each calm second gives a little back. */
export function afterStall(target: number): number {
  return Math.min(TARGET_MAX, target + 0.12);
}

export function afterCalmSecond(target: number): number {
  return Math.max(TARGET, target - 0.01);
}
