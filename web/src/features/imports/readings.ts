/** Where a position would be, read one way and the other. */

import type { Suspect } from "../../api/imports";
import type { Point } from "../../map/geometry";

export interface Reading {
  declared: Point;
  gcj02: Point;
  /** In the city only with longitude and latitude exchanged, as it is given here. */
  isSwapped: boolean;
}

const AROUND_CITY = [124, 43, 132, 48] as const; // wider than the server's own idea of near

const isNear = ([longitude, latitude]: Point): boolean => {
  const [west, south, east, north] = AROUND_CITY;
  return longitude > west && longitude < east && latitude > south && latitude < north;
};

/** null: no way of reading it leads near the city, so a map of it would show nothing. */
export function readingOf({ as_declared: declared, as_gcj02: gcj02, swapped }: Suspect): Reading | null {
  if (swapped !== null) return isNear(swapped) ? { declared: swapped, gcj02: swapped, isSwapped: true } : null;
  return isNear(declared) ? { declared, gcj02, isSwapped: false } : null;
}
