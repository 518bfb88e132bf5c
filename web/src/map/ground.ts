/** The outlines of places and their parts on a map, each with its name; what binds there is told by its line, not by colour alone. */

import Feature from "ol/Feature";
import PointGeometry from "ol/geom/Point";
import { fromLonLat } from "ol/proj";
import { Fill, Stroke, Style, Text } from "ol/style";

import type { Shape } from "../api/places";
import { boxOf, type Point } from "./geometry";
import { alpha, colour } from "./theme";
import { polygonOf, styled } from "./view";

export const LOOKS = ["place", "key_place", "secret", "open", "banned", "needs_review"] as const satisfies readonly Shape["look"][];
interface Line {
  tone: string;
  width: number;
  dash: number[] | null;
  fill: number; // how dense, 0 to 1
  mark: string; // before the name
}

export const LINES: Readonly<Record<Shape["look"], Line>> = {
  place: { tone: "quiet", width: 1.2, dash: null, fill: 0, mark: "" },
  key_place: { tone: "text-2", width: 2.2, dash: null, fill: 0, mark: "★ " },
  secret: { tone: "warn", width: 2, dash: [10, 4, 2, 4], fill: 0.08, mark: "⚑ " },
  open: { tone: "good", width: 1.2, dash: null, fill: 0.06, mark: "" },
  banned: { tone: "bad", width: 2, dash: null, fill: 0.22, mark: "⊘ " },
  needs_review: { tone: "warn", width: 1.5, dash: [3, 3], fill: 0.1, mark: "? " },
};

/** `named`: near enough for names to be read. */
export function groundFeatures(shapes: readonly Shape[], named: boolean): Feature[] {
  return shapes.map((shape) => styled(new Feature(polygonOf(shape.ring as Point[])), styleOf(shape, named)));
}

function styleOf({ look, name, part, ring }: Shape, named: boolean): Style[] {
  const { tone, width, dash, fill, mark } = LINES[look];
  const line = new Style({
    stroke: new Stroke({ color: colour(tone), width, ...(dash === null ? {} : { lineDash: dash }) }),
    fill: new Fill({ color: alpha(tone, fill) }),
  });
  return named ? [line, labelOf(`${mark}${name}`, part === null ? topOf(ring as Point[]) : null)] : [line];
}

/** The middle of the upper side. */
function topOf(ring: readonly Point[]): Point {
  const [west, , east, north] = boxOf(ring) ?? [0, 0, 0, 0];
  return [(west + east) / 2, north];
}

/** The name of a place stands above its outline, where no camera hides it; that of a part in it. */
function labelOf(text: string, above: Point | null): Style {
  const words = new Text({
    text,
    font: `${above === null ? "12px" : "600 13px"} sans-serif`,
    fill: new Fill({ color: colour(above === null ? "text-2" : "text") }),
    stroke: new Stroke({ color: colour("panel"), width: 3 }),
    overflow: true,
    ...(above === null ? {} : { textBaseline: "bottom" as const, offsetY: -3 }),
  });
  return new Style({ text: words, ...(above === null ? {} : { geometry: new PointGeometry(fromLonLat(above)) }) });
}
