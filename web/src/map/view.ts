/** What a camera sees, as features of a map: where it looks now, all that it can turn to, and what is masked. */

import Feature from "ol/Feature";
import PointGeometry from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import { fromLonLat } from "ol/proj";
import type { Style } from "ol/style";

import type { CameraFile } from "../api/camera-files";
import { boxOf, moved, sector, type Looks, type Point } from "./geometry";
import { areaStyle, maskStyle, spotStyle, sweepStyle } from "./theme";

type Seeing = Pick<CameraFile, "longitude" | "latitude" | "view">;

const AROUND_M = 60; // shown around a camera of which no view is known

export const polygonOf = (ring: readonly Point[]): Polygon => new Polygon([ring.map((point) => fromLonLat(point))]);

export function styled(feature: Feature, style: Style | Style[]): Feature {
  feature.setStyle(style);
  return feature;
}

export const spotOf = ({ longitude, latitude }: Seeing): Point => [longitude ?? 0, latitude ?? 0];

/** null: its direction, width or distance is not known. */
export function looksOf({ azimuth, h_fov: fov, max_view_distance: distance, sweep }: CameraFile["view"]): Looks | null {
  const isKnown = typeof azimuth === "number" && typeof fov === "number" && typeof distance === "number" && distance > 0;
  return isKnown ? { azimuth, fov, distance, sweep: sweep ?? null } : null;
}

/** Where it stands last, so that it lies on top. */
export function viewFeatures(file: Seeing): Feature[] {
  const [at, looks] = [spotOf(file), looksOf(file.view)];
  return [
    ...(looks?.sweep == null ? [] : [styled(new Feature(polygonOf(sector(at, looks))), sweepStyle())]),
    ...(looks === null ? [] : [styled(new Feature(polygonOf(sector(at, { ...looks, sweep: null }))), areaStyle())]),
    ...(file.view.masks ?? []).map((ring) => styled(new Feature(polygonOf(ring as Point[])), maskStyle())),
    styled(new Feature(new PointGeometry(fromLonLat(at))), spotStyle(true)),
  ];
}

/** What has to be shown for all of it to be seen. */
export function viewBox(file: Seeing): [number, number, number, number] {
  const [at, looks] = [spotOf(file), looksOf(file.view)];
  const around = looks === null ? [moved(at, -AROUND_M, -AROUND_M), moved(at, AROUND_M, AROUND_M)] : sector(at, looks);
  return boxOf([...around, ...(file.view.masks ?? []).flatMap((ring) => ring as Point[]), moved(at, -20, -20), moved(at, 20, 20)]) ?? [0, 0, 0, 0];
}
