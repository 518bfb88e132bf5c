/** The cameras on the map: points and clusters as features, and what a click means. */

import Feature from "ol/Feature";
import PointGeometry from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import Supercluster from "supercluster";

import type { Box, CameraMap } from "../../api/places";
import { clusterStyle, pointStyles } from "../../map/theme";

const RADIUS = 60; // pixels within which cameras are one cluster
const SINGLE_FROM = 17; // from this zoom on each camera is a point, unless several stand at one spot

interface Camera {
  n: number; // its place in the answer's lists
}
export type Index = Supercluster<Camera, Camera>;

export function indexOf({ longitudes, latitudes }: CameraMap): Index {
  const index: Index = new Supercluster<Camera, Camera>({ radius: RADIUS, extent: 256, maxZoom: SINGLE_FROM - 1 });
  return index.load(
    longitudes.map((longitude, n) => ({ type: "Feature", properties: { n }, geometry: { type: "Point", coordinates: [longitude, latitudes[n] ?? 0] } })),
  );
}

/** What a feature stands for: one camera, or several. */
export type Hit = { kind: "camera"; id: string } | { kind: "cluster"; at: [number, number]; zoom: number | null; ids: readonly string[] };

const at = (longitude: number, latitude: number): PointGeometry => new PointGeometry(fromLonLat([longitude, latitude]));

export function featuresOf(map: CameraMap, index: Index | null, box: Box, zoom: number): Feature[] {
  if (index === null) return map.clusters.map((cluster) => clustered(cluster.longitude, cluster.latitude, cluster.count, { zoom: null, ids: [] }));
  const styleOf = pointStyles();
  return index.getClusters([...box], Math.round(zoom)).map((found) => {
    const [longitude = 0, latitude = 0] = found.geometry.coordinates;
    const properties = found.properties;
    if (!("cluster" in properties)) return single(map, properties.n, longitude, latitude, styleOf);
    const id = properties.cluster_id;
    const ids = Math.round(zoom) >= SINGLE_FROM - 1 ? index.getLeaves(id, Infinity).map((leaf) => map.ids[(leaf.properties as Camera).n] ?? "") : [];
    return clustered(longitude, latitude, properties.point_count, { zoom: index.getClusterExpansionZoom(id), ids });
  });
}

function single(map: CameraMap, n: number, longitude: number, latitude: number, styleOf: ReturnType<typeof pointStyles>): Feature {
  const feature = new Feature({ geometry: at(longitude, latitude), hit: { kind: "camera", id: map.ids[n] ?? "" } satisfies Hit });
  feature.setStyle(styleOf(map.states[map.state_indices[n] ?? 0] ?? ""));
  return feature;
}

function clustered(longitude: number, latitude: number, count: number, more: { zoom: number | null; ids: readonly string[] }): Feature {
  const feature = new Feature({ geometry: at(longitude, latitude), hit: { kind: "cluster", at: [longitude, latitude], ...more } satisfies Hit });
  feature.setStyle(clusterStyle(count));
  return feature;
}

/** `declutter`: names that would hide each other are left out. */
export const newLayer = (declutter = false): VectorLayer => new VectorLayer({ source: new VectorSource(), updateWhileAnimating: true, declutter });

export function redraw(layer: VectorLayer, features: Feature[]): void {
  const source = layer.getSource();
  source?.clear(true);
  source?.addFeatures(features);
}
