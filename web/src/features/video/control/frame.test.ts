import { describe, expect, it } from "vitest";

import { rectangleOf } from "./frame";

const PICTURE = { width: 1920, height: 1080 };

describe("what is drawn on a tile", () => {
  it("is told in the picture's pixels, whichever corner was first", () => {
    const box = { width: 960, height: 540 };
    const told = { picture_width: 1920, picture_height: 1080, x: 400, y: 300, width: 400, height: 200 };
    expect(rectangleOf(PICTURE, box, { x: 100, y: 100 }, { x: 300, y: 200 })).toEqual(told);
    expect(rectangleOf(PICTURE, box, { x: 300, y: 100 }, { x: 100, y: 200 })).toEqual(told);
  });

  it("ends at the picture, not at the tile: bars beside it are none of it", () => {
    const box = { width: 1160, height: 540 }; // 100 on either side
    expect(rectangleOf(PICTURE, box, { x: 0, y: 0 }, { x: 1160, y: 540 })).toMatchObject({ x: 960, y: 540, width: 1920, height: 1080 });
    expect(rectangleOf(PICTURE, box, { x: 0, y: 0 }, { x: 90, y: 540 })).toBeNull();
  });

  it("is nothing for a click", () => {
    expect(rectangleOf(PICTURE, { width: 960, height: 540 }, { x: 100, y: 100 }, { x: 104, y: 300 })).toBeNull();
  });
});
