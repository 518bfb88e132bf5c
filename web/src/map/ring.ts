/** An area being typed or drawn: corners, of which some may not be whole yet. */

import type { Point } from "./geometry";

export type Corner = readonly [longitude: number | null, latitude: number | null];

const DECIMALS = 6; // a tenth of a metre

/** Those that have both numbers, in order. */
export const wholeOf = (corners: readonly Corner[]): Point[] =>
  corners.flatMap(([longitude, latitude]): Point[] => (typeof longitude === "number" && typeof latitude === "number" ? [[longitude, latitude]] : []));

/** As a drawing gives it: closed, with more digits than anybody measures. */
export function openRing(coordinates: readonly (readonly number[])[]): Point[] {
  const rounded = coordinates.map(([x = 0, y = 0]): Point => [Number(x.toFixed(DECIMALS)), Number(y.toFixed(DECIMALS))]);
  const [first, last] = [rounded[0], rounded.at(-1)];
  const isClosed = rounded.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1];
  return isClosed ? rounded.slice(0, -1) : rounded;
}
