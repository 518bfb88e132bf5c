import { Alert, Button } from "antd";
import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import PointGeometry from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { useEffect, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Choices, Positions as Found, Sheet, Suspect } from "../../api/imports";
import { useGround } from "../../api/places";
import { boxOf, type Point } from "../../map/geometry";
import { groundFeatures } from "../../map/ground";
import { OlMap } from "../../map/OlMap";
import { linkStyle, spotStyle } from "../../map/theme";
import { styled } from "../../map/view";
import { readingOf, type Reading } from "./readings";

interface Props {
  sheet: Sheet;
  positions: Found;
  judge: (choices: Omit<Choices, "version">) => void;
}

/** Positions that may be meant otherwise: both ways on the map, and the question which one fits. */
export default function Positions({ sheet, positions, judge }: Props): JSX.Element | null {
  const { t } = useTranslation();
  const [isSettled, setSettled] = useState(false);
  if (positions.given === 0 || isSettled) return null;
  const again = (part: Partial<Choices>): void => judge({ ...sheet.choices, crs: sheet.choices.crs as NonNullable<Choices["crs"]>, ...part });
  const readings = positions.samples.flatMap((sample) => readingOf(sample) ?? []);
  return (
    <section className="card-plain import-positions" aria-labelledby="positions" data-testid="positions">
      <h2 id="positions">{t("imports.positions")}</h2>
      {positions.needs_crs && <Alert type="warning" showIcon title={t("imports.needsCrs")} />}
      {positions.outside > 0 && <p className="tone-warn">{t("imports.positionsOutside", { n: positions.outside })}</p>}
      {positions.swapped > 0 && <p className="tone-warn">{t("imports.positionsSwapped", { n: positions.swapped })}</p>}
      {readings.length > 0 && (
        <>
          <p>
            <b>{t("imports.which")}</b>
          </p>
          <Both readings={readings} />
        </>
      )}
      <SampleList samples={positions.samples} />
      <p className="form-buttons">
        {!positions.needs_crs && <Button onClick={() => setSettled(true)}>{t("imports.chooseDeclared")}</Button>}
        {sheet.choices.crs !== "gcj02" && <Button onClick={() => again({ crs: "gcj02" })}>{t("imports.chooseGcj02")}</Button>}
        {positions.swapped > 0 && <Button onClick={() => again({ swap_positions: !sheet.choices.swap_positions })}>{t("imports.chooseSwap")}</Button>}
      </p>
    </section>
  );
}

/** Each position both ways, with a line from one to the other. */
function featuresOf(readings: readonly Reading[]): Feature[] {
  return readings.flatMap(({ declared, gcj02, isSwapped }) => {
    const spot = styled(new Feature(new PointGeometry(fromLonLat(declared))), spotStyle(true));
    return isSwapped ? [spot] : [...otherOf(declared, gcj02), spot];
  });
}

const otherOf = (declared: Point, gcj02: Point): Feature[] => [
  styled(new Feature(new LineString([fromLonLat(declared), fromLonLat(gcj02)])), linkStyle()),
  styled(new Feature(new PointGeometry(fromLonLat(gcj02))), spotStyle(false)),
];

const NEAR = 0.1; // degrees across: further apart, the places between would hide each other

/** Places that are known show which reading fits. */
function Both({ readings }: { readings: readonly Reading[] }): JSX.Element {
  const { t } = useTranslation();
  const source = useRef(new VectorSource());
  const box = boxOf(readings.flatMap(({ declared, gcj02 }) => [declared, gcj02])) ?? [126, 45, 127, 46];
  const known = useGround(box[2] - box[0] < NEAR ? box : null).data;
  const draw = (): void => {
    source.current.clear(true);
    source.current.addFeatures([...groundFeatures(known?.items ?? [], true), ...featuresOf(readings)]);
  };
  useEffect(draw, [known, readings]);
  return (
    <div>
      <OlMap
        key={JSON.stringify(readings)}
        label={t("imports.mapLabel")}
        className="import-map"
        box={box}
        onReady={(map) => {
          draw();
          map.addLayer(new VectorLayer({ source: source.current }));
        }}
        onTheme={draw}
      />
      <p className="fine">
        ● {t("imports.asDeclared")} · ◇ {t("imports.asGcj02")}
      </p>
    </div>
  );
}

const SHOWN = 8;

/** The same in figures; a position with its columns exchanged says so. */
function SampleList({ samples }: { samples: readonly Suspect[] }): JSX.Element | null {
  const { t } = useTranslation();
  const text = ([longitude, latitude]: readonly number[]): string => `${longitude?.toFixed(5) ?? "–"}, ${latitude?.toFixed(5) ?? "–"}`;
  if (samples.length === 0) return null;
  return (
    <ul className="import-samples-list">
      {samples.slice(0, SHOWN).map((sample) => {
        const reading = readingOf(sample);
        return (
          <li key={sample.row} data-sample={sample.row}>
            <b>{sample.name}</b> <span className="fine">{t("imports.sampleRow", { n: sample.row })}</span>{" "}
            <span className="digits">{reading === null || reading.isSwapped ? text(reading?.declared ?? sample.as_declared) : `● ${text(reading.declared)} ◇ ${text(reading.gcj02)}`}</span>{" "}
            {reading === null ? <span className="tone-warn">{t("imports.notInCity")}</span> : reading.isSwapped && <span className="tone-warn">{t("imports.exchanged")}</span>}
          </li>
        );
      })}
    </ul>
  );
}
