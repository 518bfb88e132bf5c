import { MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type OlMapType from "ol/Map";
import Feature from "ol/Feature";
import PointGeometry from "ol/geom/Point";
import type Polygon from "ol/geom/Polygon";
import DoubleClickZoom from "ol/interaction/DoubleClickZoom";
import Draw from "ol/interaction/Draw";
import Modify from "ol/interaction/Modify";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat, toLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { useEffect, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useGround, type Box } from "../api/places";
import { useSession } from "../api/queries";
import { may } from "../shared/rights";
import { boxOf, type Point } from "./geometry";
import { groundFeatures } from "./ground";
import { OlMap, toDegrees, toView } from "./OlMap";
import { openRing, wholeOf, type Corner } from "./ring";
import { areaStyle, cornerStyle } from "./theme";
import { polygonOf, styled } from "./view";

interface Props {
  label: string;
  box: Box;
  value: readonly Corner[];
  drawing: boolean;
  /** null: given up. */
  onDrawn: (corners: Point[] | null) => void;
  onMoved: (corners: Point[]) => void;
}

const NUMBERED = 30; // corners whose numbers can be told apart

/** The map on which an area is drawn and its corners are moved. */
export function RingMap({ label, box, value, drawing, onDrawn, onMoved }: Props): JSX.Element {
  const { t } = useTranslation();
  const [map, setMap] = useState<OlMapType | null>(null);
  const [seen, setSeen] = useState<Box | null>(null);
  const [ring] = useState(() => new VectorSource<Feature<Polygon>>());
  const [corners] = useState(() => new VectorSource());
  const ground = useAround(seen);
  const points = wholeOf(value);
  const draw = (): void => {
    ring.clear(true);
    if (points.length > 2) ring.addFeature(styled(new Feature(polygonOf(points)), areaStyle()) as Feature<Polygon>);
    corners.clear(true);
    if (points.length <= NUMBERED) corners.addFeatures(points.map((point, n) => styled(new Feature(new PointGeometry(fromLonLat(point))), cornerStyle(n + 1))));
  };
  useEffect(draw, [value]);
  useEffect(() => goTo(map, points), [map, value]);
  usePen(map, drawing, onDrawn);
  useMoving(map, drawing ? null : ring, onMoved);
  const ready = (made: OlMapType): void => {
    withoutDoubleClick(made);
    made.addLayer(new VectorLayer({ source: ground.source, declutter: true }));
    made.addLayer(new VectorLayer({ source: ring }));
    made.addLayer(new VectorLayer({ source: corners }));
    made.on("moveend", () => setSeen(toDegrees(made.getView().calculateExtent(made.getSize()))));
    setMap(made);
  };
  return (
    <div className="ring-box">
      <OlMap label={label} className="ring-map" box={box} onReady={ready} onTheme={() => (draw(), ground.draw())} />
      <span className="ring-zoom">
        <Button icon={<PlusOutlined />} aria-label={t("ring.closer")} onClick={() => zoom(map, 1)} />
        <Button icon={<MinusOutlined />} aria-label={t("ring.further")} onClick={() => zoom(map, -1)} />
      </span>
    </div>
  );
}

const zoom = (map: OlMapType | null, by: number): void => map?.getView().adjustZoom(by);

/** A double click ends a drawing; it does not move the map as well. */
function withoutDoubleClick(map: OlMapType): void {
  for (const one of [...map.getInteractions().getArray()]) if (one instanceof DoubleClickZoom) map.removeInteraction(one);
}

const NEAR = 0.1; // degrees across: from there on outlines are more than dots

/** What people have drawn there already, for who may know it. */
function useAround(seen: Box | null): { source: VectorSource; draw: () => void } {
  const person = useSession().data ?? null;
  const isNear = seen !== null && seen[2] - seen[0] < NEAR;
  const shapes = useGround(isNear && person !== null && may(person, "base") ? seen : null).data;
  const source = useRef(new VectorSource());
  const draw = (): void => {
    source.current.clear(true);
    source.current.addFeatures(groundFeatures(isNear ? (shapes?.items ?? []) : [], true));
  };
  useEffect(draw, [shapes, isNear]);
  return { source: source.current, draw };
}

/** What was typed comes into sight. */
function goTo(map: OlMapType | null, points: readonly Point[]): void {
  const box = points.length > 2 ? boxOf(points) : null;
  const view = map?.getView();
  if (map === null || view === undefined || box === null) return;
  const [west, south, east, north] = toDegrees(view.calculateExtent(map.getSize()));
  if (box[0] < west || box[1] < south || box[2] > east || box[3] > north) view.fit(toView(box), { padding: [30, 30, 30, 30], maxZoom: 18, duration: 0 });
}

function usePen(map: OlMapType | null, drawing: boolean, onDrawn: Props["onDrawn"]): void {
  const tell = useRef(onDrawn);
  tell.current = onDrawn;
  useEffect(() => {
    if (map === null || !drawing) return;
    const pen = new Draw({ type: "Polygon" });
    pen.on("drawend", ({ feature }) => tell.current(ringIn(feature as Feature<Polygon>)));
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // the form around it stays
      tell.current(null);
    };
    map.addInteraction(pen);
    document.addEventListener("keydown", onKey, true);
    return () => {
      map.removeInteraction(pen);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [map, drawing]);
}

function useMoving(map: OlMapType | null, source: VectorSource<Feature<Polygon>> | null, onMoved: Props["onMoved"]): void {
  const tell = useRef(onMoved);
  tell.current = onMoved;
  useEffect(() => {
    if (map === null || source === null) return;
    const hand = new Modify({ source });
    hand.on("modifyend", ({ features }) => {
      const [feature] = features.getArray();
      if (feature !== undefined) tell.current(ringIn(feature as Feature<Polygon>));
    });
    map.addInteraction(hand);
    return () => void map.removeInteraction(hand);
  }, [map, source]);
}

const ringIn = (feature: Feature<Polygon>): Point[] => openRing((feature.getGeometry()?.getCoordinates()[0] ?? []).map((at) => toLonLat(at)));
