import { describe, expect, it } from "vitest";

import { changedOf, sentOf } from "./fields";

describe("what is sent of a form", () => {
  it("is what differs: an empty text and nothing are the same", () =>
    expect(changedOf({ a: null, b: "", c: "x", d: 1 }, { a: "", b: null, c: "", d: 2 })).toEqual({ c: "", d: 2 }));

  it("is a position as a whole, with its system", () =>
    expect(changedOf({ longitude: 1, latitude: 2, crs: "wgs84", n: 1 }, { longitude: 1, latitude: 3, crs: "wgs84", n: 1 })).toEqual({ latitude: 3, longitude: 1, crs: "wgs84" }));

  it("is the view whole, the columns flat, the rest by name", () => {
    const field = (name: string, home: "column" | "view" | "fields") => ({ name, home }) as Parameters<typeof sentOf>[0][number];
    const view = { azimuth: 10, pitch: null, h_fov: 60, v_fov: null, max_view_distance: null, sweep: null, masks: [] };
    expect(sentOf([field("status", "column"), field("azimuth", "view"), field("model", "fields")], { status: "2", azimuth: 20, model: null }, view)).toEqual({
      status: "2", view: { ...view, azimuth: 20 }, fields: { model: null },
    });
  });
});
