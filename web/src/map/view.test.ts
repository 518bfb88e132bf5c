import Polygon from "ol/geom/Polygon";
import { describe, expect, it } from "vitest";

import type { CameraFile } from "../api/camera-files";
import { looksOf, viewBox, viewFeatures } from "./view";

const VIEW: CameraFile["view"] = { azimuth: 90, pitch: null, h_fov: 60, v_fov: null, max_view_distance: 100, sweep: null, masks: [] };
const seeing = (view: Partial<CameraFile["view"]>) => ({ longitude: 126.6, latitude: 45.76, view: { ...VIEW, ...view } });
const areas = (view: Partial<CameraFile["view"]>): number[] =>
  viewFeatures(seeing(view)).flatMap((feature) => {
    const shape = feature.getGeometry();
    return shape instanceof Polygon ? [Math.round(shape.getArea())] : [];
  });

describe("what is drawn of a view", () => {
  it("is only where it stands, while direction, width or distance is not known", () => {
    expect(looksOf({ ...VIEW, h_fov: null })).toBeNull();
    expect(areas({ azimuth: null })).toEqual([]);
    expect(viewFeatures(seeing({ azimuth: null }))).toHaveLength(1);
  });

  it("is where it looks now over all that it can turn to, then the masks", () => {
    const mask = [[126.601, 45.76], [126.6012, 45.76], [126.6012, 45.7602]] as [number, number][];
    const [turning = 0, now = 0, hidden = 0] = areas({ sweep: { pan_from: 45, pan_width: 90 }, masks: [mask] });
    expect(turning / now).toBeCloseTo(150 / 60, 1);
    expect(hidden).toBeGreaterThan(0);
  });

  it("lies in its box with every mask, however far", () => {
    const [, , east] = viewBox(seeing({ masks: [[[126.7, 45.76], [126.71, 45.76], [126.7, 45.77]]] }));
    expect(east).toBe(126.71);
  });
});
