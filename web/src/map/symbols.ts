/** How a state looks on the map: a shape of its own beside its tone, so that no colour stands alone. */

import { toneOf, type Tone } from "../shared/inventory/tones";

export type Shape = "circle" | "square" | "diamond" | "triangle" | "cross";
export interface Symbol {
  shape: Shape;
  filled: boolean;
  tone: Tone;
}

const SHAPES: Readonly<Record<string, [Shape, boolean]>> = {
  planned: ["circle", false],
  designed: ["square", false],
  approved: ["diamond", false],
  building: ["triangle", false],
  trial: ["triangle", true],
  accepted: ["diamond", true],
  in_service: ["circle", true],
  suspended: ["square", true],
  retired: ["cross", true],
};

export function symbolOf(state: string): Symbol {
  const [shape, filled] = SHAPES[state] ?? ["cross", true];
  return { shape, filled, tone: toneOf(state) };
}

/** Corners around the middle of a box of 16; null for the circle. */
export const CORNERS: Readonly<Record<Shape, string | null>> = {
  circle: null,
  square: "3,3 13,3 13,13 3,13",
  diamond: "8,1.5 14.5,8 8,14.5 1.5,8",
  triangle: "8,2 14.5,13.5 1.5,13.5",
  cross: "2,4 4,2 8,6 12,2 14,4 10,8 14,12 12,14 8,10 4,14 2,12 6,8",
};
