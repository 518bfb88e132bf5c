import { describe, expect, it } from "vitest";

import { sweepFrom, typedOf } from "./sweep";

const OPEN = { tilt_least: null, tilt_most: null, zoom_most: null, pan_zero: null };

describe("a registered sweep", () => {
  it.each([
    [90, 270, 180],
    [300, 60, 120], // through north
    [0.1, 0.3, 0.2],
    [45, 45, 360], // the same direction: all round
    [0, 360, 360],
  ])("from %d° to %d° is %d° wide, and is typed so again", (from, to, width) => {
    const sweep = sweepFrom({ turns: true, pan_from: from, pan_to: to });
    expect(sweep).toEqual({ pan_from: from, pan_width: width, ...OPEN });
    expect(typedOf(sweep)).toMatchObject({ turns: true, pan_from: from, pan_to: to % 360 });
  });

  it("is none for a camera that does not turn", () => {
    expect(sweepFrom({ turns: false, pan_from: 0, pan_to: 90 })).toBeNull();
    expect(typedOf(null)).toMatchObject({ turns: false });
  });

  it("keeps its bounds", () => {
    const bounds = { tilt_least: -45, tilt_most: 10, zoom_most: 20, pan_zero: 180 };
    const sweep = sweepFrom({ turns: true, pan_from: 0, pan_to: 90, ...bounds });
    expect(sweep).toEqual({ pan_from: 0, pan_width: 90, ...bounds });
    expect(typedOf(sweep)).toMatchObject(bounds);
  });
});
