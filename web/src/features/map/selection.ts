/** What was chosen on the map: single cameras by id, or all in a rectangle. */

import Polygon from "ol/geom/Polygon";
import { fromLonLat } from "ol/proj";

import type { FileFilter } from "../../api/camera-files";
import { boxText, type Box, type CameraMap } from "../../api/places";
import { toDegrees } from "../../map/OlMap";

export interface Selection {
  filter: FileFilter;
  /** The rectangle around a drawn area was taken instead of it. */
  isCoarse: boolean;
}

const IDS_MAX = 300; // they stand in an address

/** The cameras in a drawn area. Where only clusters are known, and where there are too many, the rectangle around it. */
export function inside(area: Polygon, map: CameraMap): Selection {
  const ids = map.ids.filter((_, n) => area.intersectsCoordinate(fromLonLat([map.longitudes[n] ?? 0, map.latitudes[n] ?? 0])));
  if (map.clusters.length > 0 || ids.length > IDS_MAX) return { filter: { bbox: boxText(toDegrees(area.getExtent())) }, isCoarse: true };
  return { filter: ids.length > 0 ? { ids } : { bbox: boxText(toDegrees(area.getExtent())) }, isCoarse: false };
}

export const ofBox = (box: Box): Selection => ({ filter: { bbox: boxText(box) }, isCoarse: false });

/** A box out of what was typed; null: it is none. */
export function boxFrom(typed: readonly string[]): Box | null {
  const [west = NaN, south = NaN, east = NaN, north = NaN] = typed.map((text) => (text.trim() === "" ? NaN : Number(text)));
  const fits = west < east && south < north && west >= -180 && east <= 180 && south >= -90 && north <= 90;
  return fits ? [west, south, east, north] : null;
}
