import { describe, expect, it } from "vitest";

import { boxOf, moved, sector, type Point } from "./geometry";

const AT: Point = [126.6, 45.76];
const METRE = 1 / 111_320; // degrees of latitude

describe("what a camera sees", () => {
  it("looks along its azimuth, clockwise from north, as far as it sees", () => {
    const [west, south, east, north] = boxOf(sector(AT, { azimuth: 0, fov: 60, distance: 100, sweep: null })) ?? [];
    expect((north ?? 0) - AT[1]).toBeCloseTo(100 * METRE, 6);
    expect(south).toBeCloseTo(AT[1], 9);
    expect((west ?? 0) + (east ?? 0)).toBeCloseTo(2 * AT[0], 9);
  });

  it("covers all that it can turn to", () => {
    const ring = sector(AT, { azimuth: 10, fov: 60, distance: 100, sweep: { pan_from: 90, pan_width: 180 } });
    const [west, , east] = boxOf(ring) ?? [];
    const reach = moved(AT, 100, 0)[0] - AT[0];
    expect((east ?? 0) - AT[0]).toBeCloseTo(reach, 5);
    expect(AT[0] - (west ?? 0)).toBeCloseTo(reach, 5);
  });

  it("is a circle without its middle for a whole turn", () => {
    const ring = sector(AT, { azimuth: 0, fov: 90, distance: 50, sweep: { pan_from: 0, pan_width: 300 } });
    expect(ring).not.toContainEqual(AT);
  });
});
