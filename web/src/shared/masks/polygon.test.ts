import { expect, test } from "vitest";

import { CORNERS_MAX, moved, pointsText, withCorner, type Corner } from "./polygon";

const SQUARE: Corner[] = [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]];

test("a corner more goes between the two it lies nearest to", () => {
  expect(withCorner(SQUARE, [0.4, 0.1])).toEqual([SQUARE[0], [0.4, 0.1], SQUARE[1], SQUARE[2], SQUARE[3]]);
  expect(withCorner(SQUARE, [0.1, 0.4]).at(-1)).toEqual([0.1, 0.4]);
  expect(withCorner(SQUARE.slice(0, 2), [0.9, 0.9])).toEqual([SQUARE[0], SQUARE[1], [0.9, 0.9]]);
});

test("there is an end to corners", () => {
  const many = Array.from({ length: CORNERS_MAX }, (_, n): Corner => [n / CORNERS_MAX, 0.5]);
  expect(withCorner(many, [0.5, 0.1])).toHaveLength(CORNERS_MAX);
});

test("a corner never leaves the picture", () => {
  expect(moved(SQUARE, 0, -0.5, 0.01)[0]).toEqual([0, 0.21]);
  expect(moved(SQUARE, 2, 0.5, 0.5)[2]).toEqual([1, 1]);
  expect(pointsText([[0, 0.5], [1, 1]])).toBe("0,50 100,100");
});
