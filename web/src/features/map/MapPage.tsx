import { GatewayOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useMemo, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useCounts, type FileFilter } from "../../api/camera-files";
import type { Person } from "../../api/client";
import { boxText, useCameraMap, useDivisionList, useGround, type Box, type CameraMap, type Division } from "../../api/places";
import { inventoryEn } from "../../shared/dictionaries/inventory.en";
import { inventoryZhCN } from "../../shared/dictionaries/inventory.zh-CN";
import { mapEn } from "../../shared/dictionaries/map.en";
import { mapZhCN } from "../../shared/dictionaries/map.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import { FilterBar } from "../../shared/inventory/FilterBar";
import { useFilter, type FilterState } from "../../shared/inventory/useFilter";
import "../../shared/office/office.css";
import { Failed, Loading } from "../../shared/States";
import { aroundAll, boxOf, type Point } from "../../map/geometry";
import { ChosenCamera } from "./ChosenCamera";
import { Legend } from "./Legend";
import "./map.css";
import { MapCanvas, type Seen } from "./MapCanvas";
import { Rectangle } from "./Rectangle";
import { inside, ofBox, type Selection } from "./selection";
import { CameraList, Chosen, DivisionList } from "./SidePanel";
import { useChosen } from "./useChosen";

addWords({ "zh-CN": { ...officeZhCN, ...inventoryZhCN, ...mapZhCN }, en: { ...officeEn, ...inventoryEn, ...mapEn } });

/** Cameras on the districts of the city, and the same as a list. */
export default function MapPage({ person }: { person: Person }): JSX.Element {
  const divisions = useDivisionList();
  if (divisions.data === undefined) return divisions.isError ? <Failed error={divisions.error} retry={() => void divisions.refetch()} /> : <Loading />;
  return <Shown person={person} divisions={divisions.data} />;
}

const around = (divisions: readonly Division[]): Box => aroundAll(divisions.map(({ bbox }) => bbox)) ?? [-180, -85, 180, 85];

function Shown({ person, divisions }: { person: Person; divisions: readonly Division[] }): JSX.Element {
  const { t } = useTranslation();
  const state = useFilter();
  const { filter } = state;
  const city = useMemo(() => around(divisions), [divisions]);
  const [seen, setSeen] = useState<Seen | null>(null);
  const [target, setTarget] = useState<Box>(() => divisions.find(({ code }) => code === filter.division)?.bbox ?? city);
  const [lasso, setLasso] = useState(false);
  const [selection, setSelection] = useState<Selection | null>(null);
  const data = useShownCameras(filter, city, seen);
  useFirstLook(filter.division === undefined || filter.division === "" ? data : undefined, setTarget);
  const isNear = seen !== null && seen.zoom >= GROUND_FROM;
  const ground = useGround(isNear ? seen.box : null).data;
  const shapes = useMemo(() => (isNear ? (ground?.items ?? []) : []), [isNear, ground]);
  const camera = useChosen(seen, setTarget);
  const counts = useCounts(filter);
  const everywhere = useCounts(useMemo(() => ({ ...filter, division: undefined }) as unknown as FileFilter, [filter]));
  const inView = useMemo(() => (seen === null ? null : { ...filter, bbox: boxText(seen.box) }), [filter, seen]);
  const visible = useCounts(inView ?? filter).data;
  return (
    <div className="page map-page" data-testid="map-page">
      <header className="page-head">
        <h1>{t("map.title")}</h1>
        <p className="digits" role="status" data-testid="in-view">
          {visible !== undefined && t("map.inView", { n: visible.total })}
        </p>
        <Button icon={<GatewayOutlined />} aria-pressed={lasso} type={lasso ? "primary" : "default"} onClick={() => setLasso(!lasso)}>
          {t("map.lasso")}
        </Button>
      </header>
      <FilterBar state={state} counts={counts.data} />
      <div className="map-columns">
        <div className="map-main">
          <MapCanvas
            city={city}
            data={data}
            ground={shapes}
            chosen={camera.file}
            seen={seen}
            onSeen={setSeen}
            target={target}
            lasso={lasso}
            onLasso={(area) => {
              setLasso(false);
              if (area !== null && data !== undefined) setSelection(inside(area, data));
            }}
            onHit={(hit) => (hit.kind === "camera" ? camera.choose(hit.id) : setSelection({ filter: { ids: [...hit.ids] }, isCoarse: false }))}
          />
          <footer className="map-foot">
            <Legend states={data?.states ?? []} isNear={isNear} isCut={isNear && ground?.is_cut === true} />
            <p className="fine">{t(divisions.some(({ is_schematic: schematic }) => schematic) ? "map.schematic" : "map.ownOutlines")}</p>
          </footer>
        </div>
        <aside className="map-side">
          {camera.file !== null && <ChosenCamera file={camera.file} clear={() => camera.choose(null)} />}
          {selection !== null && <Chosen selection={selection} filter={filter} person={person} clear={() => setSelection(null)} />}
          <Rectangle
            view={seen?.box ?? null}
            choose={(box) => {
              setSelection(ofBox(box));
              setTarget(box);
            }}
          />
          <DivisionList divisions={divisions} counts={everywhere.data} chosen={filter.division ?? ""} choose={(division) => go(state, setTarget, division, city)} />
          <CameraList filter={selection === null ? inView : { ...filter, ...selection.filter }} title={t(selection === null ? "map.cameras" : "map.selection")} chosen={camera.id} choose={camera.choose} />
        </aside>
      </div>
    </div>
  );
}

/** The map opens on the cameras, not on a city that may be far larger than where they are. */
function useFirstLook(data: CameraMap | undefined, go: (box: Box) => void): void {
  const hasLooked = useRef(false);
  useEffect(() => {
    if (data === undefined || hasLooked.current) return;
    hasLooked.current = true;
    const box = boxOf(placesIn(data));
    if (box !== null) go(box);
  }, [data, go]);
}

function placesIn({ longitudes, latitudes, clusters }: CameraMap): Point[] {
  const alone = longitudes.map((longitude, n): Point => [longitude, latitudes[n] ?? 0]);
  return [...alone, ...clusters.map(({ longitude, latitude }): Point => [longitude, latitude])];
}

/** To a division: the filter and the view. */
function go(state: FilterState, setTarget: (box: Box) => void, division: Division | null, city: Box): void {
  state.choose("division", [division?.code ?? ""]);
  setTarget([...(division?.bbox ?? city)] as unknown as Box);
}

const GROUND_FROM = 13; // from this zoom on an outline is more than a dot
const MARGIN = 0.25; // of the box on each side: a small move asks for nothing

/** Of the whole city while the server gives points; else the clusters of what is seen. */
function useShownCameras(filter: FileFilter, city: Box, seen: Seen | null) {
  const whole = useCameraMap(filter, city, 8).data;
  const isCoarse = whole !== undefined && whole.clusters.length > 0;
  const part = useCameraMap(filter, isCoarse && seen !== null ? wider(seen.box) : null, Math.round(seen?.zoom ?? 8)).data;
  return isCoarse ? (part ?? whole) : whole;
}

function wider([west, south, east, north]: Box): Box {
  const [x, y] = [(east - west) * MARGIN, (north - south) * MARGIN];
  const clamp = (value: number, most: number): number => Math.max(-most, Math.min(most, value));
  return [clamp(west - x, 180), clamp(south - y, 90), clamp(east + x, 180), clamp(north + y, 90)];
}
