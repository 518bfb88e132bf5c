/** Corners of a mask, as shares of the picture's width and height. */

export type Corner = readonly [x: number, y: number];

export const CORNERS_MIN = 3;
export const CORNERS_MAX = 32; // as imaging/masks.py
const DECIMALS = 4;

export const clamped = (share: number): number => Number(Math.min(1, Math.max(0, share)).toFixed(DECIMALS));

export const moved = (corners: readonly Corner[], n: number, dx: number, dy: number): Corner[] =>
  corners.map((corner, at) => (at === n ? [clamped(corner[0] + dx), clamped(corner[1] + dy)] : corner));

/** A corner more, between the two that it lies nearest to, so that an outline never crosses itself by order alone. */
export function withCorner(corners: readonly Corner[], corner: Corner): Corner[] {
  if (corners.length >= CORNERS_MAX) return [...corners];
  if (corners.length < CORNERS_MIN) return [...corners, corner];
  const costs = corners.map((one, n) => {
    const next = corners[(n + 1) % corners.length] ?? one;
    return distance(one, corner) + distance(corner, next) - distance(one, next);
  });
  const at = costs.indexOf(Math.min(...costs)) + 1;
  return [...corners.slice(0, at), corner, ...corners.slice(at)];
}

const distance = (one: Corner, other: Corner): number => Math.hypot(one[0] - other[0], one[1] - other[1]);

/** For an SVG of 100 by 100. */
export const pointsText = (corners: readonly Corner[]): string => corners.map(([x, y]) => `${x * 100},${y * 100}`).join(" ");
