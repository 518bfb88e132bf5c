import type Map from "ol/Map";
import Draw from "ol/interaction/Draw";
import type Polygon from "ol/geom/Polygon";
import type VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import { MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useMemo, useRef, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { CameraFile } from "../../api/camera-files";
import type { Box, CameraMap, Shape } from "../../api/places";
import { groundFeatures } from "../../map/ground";
import { OlMap, toDegrees, toView } from "../../map/OlMap";
import { viewFeatures } from "../../map/view";
import { featuresOf, indexOf, newLayer, redraw, type Hit } from "./draw";

export interface Seen {
  box: Box;
  zoom: number;
}

interface Props {
  city: Box;
  data: CameraMap | undefined;
  /** What people have drawn; empty from afar. */
  ground: readonly Shape[];
  /** The camera whose view is drawn. */
  chosen: CameraFile | null;
  seen: Seen | null;
  onSeen: (seen: Seen) => void;
  /** The map goes there when this changes. */
  target: Box;
  lasso: boolean;
  onLasso: (area: Polygon | null) => void;
  onHit: (hit: Hit) => void;
}

const CLOSEST = 18; // how near the map goes by itself
const NAMED_FROM = 15; // from this zoom on names of places do not hide each other

/** The drawn map. What it shows stands in the list beside it as well. */
export function MapCanvas({ city, data, ground, chosen, seen, onSeen, target, lasso, onLasso, onHit }: Props): JSX.Element {
  const { t } = useTranslation();
  const map = useRef<Map | null>(null);
  const layer = useRef<VectorLayer>(newLayer());
  const below = useRef<VectorLayer>(newLayer(true));
  const calls = useRef({ onSeen, onLasso, onHit });
  calls.current = { onSeen, onLasso, onHit };
  const index = useMemo(() => (data === undefined || data.clusters.length > 0 ? null : indexOf(data)), [data]);

  const draw = (): void => {
    if (data !== undefined && seen !== null) redraw(layer.current, featuresOf(data, index, seen.box, seen.zoom));
  };
  const isNamed = (seen?.zoom ?? 0) >= NAMED_FROM;
  const drawBelow = (): void => redraw(below.current, [...groundFeatures(ground, isNamed), ...(chosen === null || chosen.longitude === null ? [] : viewFeatures(chosen))]);
  useEffect(draw, [data, index, seen]);
  useEffect(drawBelow, [ground, isNamed, chosen]);
  useEffect(() => {
    map.current?.getView().fit(toView(target), { padding: [24, 24, 24, 24], maxZoom: CLOSEST, duration: 0 });
  }, [target]);
  useEffect(() => {
    const shown = map.current;
    if (!lasso || shown === null) return;
    const pen = new Draw({ type: "Polygon", freehand: true });
    pen.on("drawend", ({ feature }) => calls.current.onLasso(feature.getGeometry() as Polygon));
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") calls.current.onLasso(null);
    };
    shown.addInteraction(pen);
    document.addEventListener("keydown", onKey);
    return () => {
      shown.removeInteraction(pen);
      document.removeEventListener("keydown", onKey);
    };
  }, [lasso]);

  const ready = (made: Map): void => {
    map.current = made;
    made.addLayer(below.current);
    made.addLayer(layer.current);
    const tell = (): void => {
      const size = made.getSize();
      if (size === undefined) return;
      calls.current.onSeen({ box: toDegrees(made.getView().calculateExtent(size)), zoom: made.getView().getZoom() ?? 8 });
    };
    made.on("moveend", tell);
    made.on("singleclick", ({ pixel }) => {
      const hit = made.forEachFeatureAtPixel(pixel, (feature) => feature.get("hit") as Hit | undefined, { hitTolerance: 5, layerFilter: (one) => one === layer.current });
      if (hit === undefined) return;
      if (hit.kind === "cluster" && hit.ids.length === 0) made.getView().animate({ center: fromLonLat(hit.at), zoom: hit.zoom ?? (made.getView().getZoom() ?? 8) + 2, duration: 0 });
      else calls.current.onHit(hit);
    });
    made.on("pointermove", ({ pixel, dragging }) => {
      if (dragging) return;
      const over = made.hasFeatureAtPixel(pixel, { hitTolerance: 5, layerFilter: (one) => one === layer.current });
      const element = made.getTargetElement();
      if (element instanceof HTMLElement) element.style.cursor = over ? "pointer" : "";
    });
  };
  const zoom = (by: number): void => {
    const view = map.current?.getView();
    view?.setZoom((view.getZoom() ?? 8) + by);
  };
  return (
    <div className="map-box">
      <OlMap label={t("map.label")} className="map-canvas" box={city} onReady={ready} onTheme={() => (draw(), drawBelow())} />
      <span className="map-zoom">
        <Button icon={<PlusOutlined />} aria-label={t("map.zoomIn")} onClick={() => zoom(1)} />
        <Button icon={<MinusOutlined />} aria-label={t("map.zoomOut")} onClick={() => zoom(-1)} />
      </span>
      {lasso && (
        <p className="map-hint" role="status">
          {t("map.lassoOn")}
        </p>
      )}
    </div>
  );
}
