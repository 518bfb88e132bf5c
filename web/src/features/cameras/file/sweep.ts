/** A registered sweep as people say it, from one direction to another clockwise, and as a file keeps it. */

import type { CameraFile } from "../../../api/camera-files";
import type { Group } from "../../../shared/form/schema";

export type SweepValue = NonNullable<CameraFile["view"]["sweep"]>;

const TURN = 360; // degrees

export const isWhole = ({ pan_width: width }: SweepValue): boolean => width >= TURN;

/** What a form begins with; of a whole turn both directions are the same, and so of a file without a sweep. */
export function typedOf(sweep: SweepValue | null): { turns: boolean; pan_from: number; pan_to: number } & Group {
  const { pan_from: from, pan_width: width, ...bounds } = sweep ?? { pan_from: 0, pan_width: TURN };
  return { ...bounds, turns: sweep !== null, pan_from: from, pan_to: rounded((from + width) % TURN) };
}

export function sweepFrom({ turns, pan_from: from, pan_to: to, tilt_least, tilt_most, zoom_most, pan_zero }: Group): SweepValue | null {
  if (turns !== true || typeof from !== "number" || typeof to !== "number") return null;
  const width = rounded((to - from + TURN) % TURN);
  const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
  return { pan_from: from, pan_width: width === 0 ? TURN : width, tilt_least: number(tilt_least), tilt_most: number(tilt_most), zoom_most: number(zoom_most), pan_zero: number(pan_zero) };
}

const rounded = (degrees: number): number => Math.round(degrees * 1e6) / 1e6; // sums of decimals leave crumbs
