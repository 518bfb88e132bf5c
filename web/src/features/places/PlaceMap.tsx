import Feature from "ol/Feature";
import PointGeometry from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { useEffect, useRef, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Part, Place, Shape } from "../../api/places";
import { boxOf, moved, type Point } from "../../map/geometry";
import { groundFeatures } from "../../map/ground";
import { OlMap } from "../../map/OlMap";
import { spotStyle } from "../../map/theme";
import { styled } from "../../map/view";

const AROUND_M = 40;

const lookOf = (place: Place): Shape["look"] => (place.is_secret_neighbour ? "secret" : place.categories.length > 0 ? "key_place" : "place");

function shapesOf(place: Place, parts: readonly Part[]): Shape[] {
  const own = place.outline === null ? [] : [{ place: place.id, part: null, name: place.name, look: lookOf(place), ring: place.outline }];
  return [...own, ...parts.flatMap((part) => (part.polygon === null ? [] : [{ place: place.id, part: part.id, name: part.name, look: part.privacy, ring: part.polygon }]))];
}

/** The outline of a place with those of its parts; null: nobody has said where it is. */
export default function PlaceMap({ place, parts }: { place: Place; parts: readonly Part[] }): JSX.Element | null {
  const { t } = useTranslation();
  const shapes = shapesOf(place, parts);
  const spot: Point | null = place.longitude === null || place.latitude === null ? null : [place.longitude, place.latitude];
  const around = spot === null ? [] : [moved(spot, -AROUND_M, -AROUND_M), moved(spot, AROUND_M, AROUND_M)];
  const box = boxOf([...shapes.flatMap(({ ring }) => ring as Point[]), ...around]);
  const source = useRef(new VectorSource());
  const draw = (): void => {
    source.current.clear(true);
    source.current.addFeatures(groundFeatures(shapes, true));
    if (spot !== null && place.outline === null) source.current.addFeature(styled(new Feature(new PointGeometry(fromLonLat(spot))), spotStyle(true)));
  };
  useEffect(draw, [place, parts]);
  if (box === null) return null;
  return (
    <section className="card-plain" aria-labelledby="place-map">
      <h2 id="place-map">{t("places.map")}</h2>
      <OlMap key={box.join()} label={t("places.mapLabel", { name: place.name })} className="place-map" box={box} onReady={(map) => map.addLayer(new VectorLayer({ source: source.current }))} onTheme={draw} />
      <p className="fine">{t("places.mapLegend")}</p>
    </section>
  );
}
