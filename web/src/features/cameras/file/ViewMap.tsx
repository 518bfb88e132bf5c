import Feature from "ol/Feature";
import PointGeometry from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { useRef, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { CameraFile } from "../../../api/camera-files";
import { boxOf, moved, sector, type Point } from "../../../map/geometry";
import { OlMap } from "../../../map/OlMap";
import { areaStyle, maskStyle, spotStyle } from "../../../map/theme";

const AROUND_M = 60; // shown around a camera of which no view is known

const polygon = (ring: readonly Point[]): Polygon => new Polygon([ring.map((point) => fromLonLat(point))]);

/** Where the camera stands and what it sees, with its privacy masks. */
export default function ViewMap({ file }: { file: CameraFile }): JSX.Element {
  const { t } = useTranslation();
  const at: Point = [file.longitude ?? 0, file.latitude ?? 0];
  const layer = useRef<VectorLayer | null>(null);
  const { azimuth, h_fov: fov, max_view_distance: distance, sweep, masks } = file.view;
  const known = typeof azimuth === "number" && typeof fov === "number" && typeof distance === "number" && distance > 0;
  const seen = known ? sector(at, { azimuth, fov, distance, sweep: sweep ?? null }) : null;
  const around = seen ?? [moved(at, -AROUND_M, -AROUND_M), moved(at, AROUND_M, AROUND_M)];
  const box = boxOf([...around, moved(at, -20, -20), moved(at, 20, 20)]) ?? [0, 0, 0, 0];
  const features = (): Feature[] => [
    ...(seen === null ? [] : [styled(new Feature(polygon(seen)), areaStyle())]),
    ...(masks ?? []).map((ring) => styled(new Feature(polygon(ring as Point[])), maskStyle())),
    styled(new Feature(new PointGeometry(fromLonLat(at))), spotStyle(true)),
  ];
  const redraw = (): void => {
    const source = layer.current?.getSource();
    source?.clear(true);
    source?.addFeatures(features());
  };
  return (
    <>
      <OlMap
        key={`${file.id} ${file.version}`}
        label={t("file.viewMapLabel")}
        className="view-map"
        box={box}
        onReady={(map) => {
          layer.current = new VectorLayer({ source: new VectorSource({ features: features() }) });
          map.addLayer(layer.current);
        }}
        onTheme={redraw}
      />
      <p className="fine">{t("file.viewLegend")}</p>
    </>
  );
}

function styled(feature: Feature, style: ReturnType<typeof areaStyle>): Feature {
  feature.setStyle(style);
  return feature;
}
