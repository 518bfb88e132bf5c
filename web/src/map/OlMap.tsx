import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import Map from "ol/Map";
import { fromLonLat, transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import View from "ol/View";
import "ol/ol.css";
import { useEffect, useRef, type JSX } from "react";

import { useDivisionList, useOutlines, type Box } from "../api/places";
import { usePreferences } from "../shared/Preferences";
import { useSaid } from "../shared/tongue";
import { outlineStyle } from "./theme";

interface Props {
  label: string;
  className: string;
  /** Called once, with the map over its districts. */
  onReady: (map: Map) => void;
  /** What is shown at first: a box of degrees. */
  box: Box;
  /** Called when the theme has changed: what is drawn is drawn anew. */
  onTheme?: () => void;
}

const MAX_ZOOM = 19;

export const toView = (box: Box): number[] => transformExtent([...box], "EPSG:4326", "EPSG:3857");
export const toDegrees = (extent: number[]): Box => transformExtent(extent, "EPSG:3857", "EPSG:4326") as unknown as Box;

/** A map over the districts' outlines. No tile of anybody else's is asked for. Arrow keys and + − move it while it has the focus. */
export function OlMap({ label, className, onReady, box, onTheme }: Props): JSX.Element {
  const target = useRef<HTMLDivElement>(null);
  const source = useRef(new VectorSource());
  const layer = useRef<VectorLayer | null>(null);
  const { theme } = usePreferences();
  useOutlineFeatures(source.current);

  useEffect(() => {
    const element = target.current;
    if (element === null) return;
    layer.current = new VectorLayer({ source: source.current, style: (feature) => outlineStyle(String(feature.get("name"))), declutter: true });
    const view = new View({ center: fromLonLat([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]), zoom: 8, maxZoom: MAX_ZOOM, minZoom: 5 });
    const map = new Map({ target: element, layers: [layer.current], view, controls: [] });
    view.fit(toView(box), { padding: [16, 16, 16, 16], maxZoom: MAX_ZOOM - 1, ...(map.getSize() === undefined ? { size: [600, 400] } : {}) });
    onReady(map);
    return () => {
      map.setTarget(undefined);
      map.dispose();
    };
  }, []);

  useEffect(() => {
    const timer = window.setTimeout(() => {
      layer.current?.changed();
      onTheme?.();
    }, 0); // after the theme has reached the style sheet
    return () => window.clearTimeout(timer);
  }, [theme]);

  return <div ref={target} className={className} role="application" aria-label={label} tabIndex={0} />;
}

function useOutlineFeatures(source: VectorSource): void {
  const outlines = useOutlines();
  const divisions = useDivisionList().data;
  const said = useSaid();
  const key = outlines.map(({ division, version }) => `${division}.${version}`).join();
  useEffect(() => {
    const format = new GeoJSON({ featureProjection: "EPSG:3857" });
    source.clear(true);
    source.addFeatures(
      outlines.map(({ division, geometry }) => {
        const words = divisions?.find(({ code }) => code === division);
        const name = words === undefined ? division : said({ zh: words.name_zh, en: words.name_en });
        const feature = new Feature({ name });
        feature.setGeometry(format.readGeometry(geometry) ?? undefined);
        return feature;
      }),
    );
  }, [key, divisions]);
}
