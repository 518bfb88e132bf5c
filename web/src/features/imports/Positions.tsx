import { Alert, Button } from "antd";
import Feature from "ol/Feature";
import PointGeometry from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import { fromLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Choices, Positions as Found, Sheet, Suspect } from "../../api/imports";
import { boxOf, type Point } from "../../map/geometry";
import { OlMap } from "../../map/OlMap";
import { spotStyle } from "../../map/theme";

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
  return (
    <section className="card-plain import-positions" aria-labelledby="positions" data-testid="positions">
      <h2 id="positions">{t("imports.positions")}</h2>
      {positions.needs_crs && <Alert type="warning" showIcon title={t("imports.needsCrs")} />}
      {positions.outside > 0 && <p className="tone-warn">{t("imports.positionsOutside", { n: positions.outside })}</p>}
      {positions.swapped > 0 && <p className="tone-warn">{t("imports.positionsSwapped", { n: positions.swapped })}</p>}
      {positions.samples.length > 0 && (
        <>
          <p>
            <b>{t("imports.which")}</b>
          </p>
          <Both samples={positions.samples} />
          <SampleList samples={positions.samples} />
        </>
      )}
      <p className="form-buttons">
        {!positions.needs_crs && <Button onClick={() => setSettled(true)}>{t("imports.chooseDeclared")}</Button>}
        {sheet.choices.crs !== "gcj02" && <Button onClick={() => again({ crs: "gcj02" })}>{t("imports.chooseGcj02")}</Button>}
        {positions.swapped > 0 && <Button onClick={() => again({ swap_positions: !sheet.choices.swap_positions })}>{t("imports.chooseSwap")}</Button>}
      </p>
    </section>
  );
}

const spot = (at: readonly number[], filled: boolean): Feature => {
  const feature = new Feature(new PointGeometry(fromLonLat([at[0] ?? 0, at[1] ?? 0])));
  feature.setStyle(spotStyle(filled));
  return feature;
};

function Both({ samples }: { samples: readonly Suspect[] }): JSX.Element {
  const { t } = useTranslation();
  const points = samples.flatMap(({ as_declared: declared, as_gcj02: gcj02 }) => [declared, gcj02]) as Point[];
  const features = samples.flatMap(({ as_declared: declared, as_gcj02: gcj02 }) => [spot(declared, true), spot(gcj02, false)]);
  return (
    <>
      <OlMap
        label={t("imports.mapLabel")}
        className="import-map"
        box={boxOf(points) ?? [126, 45, 127, 46]}
        onReady={(map) => map.addLayer(new VectorLayer({ source: new VectorSource({ features }) }))}
      />
      <p className="fine">
        ● {t("imports.asDeclared")} · ◇ {t("imports.asGcj02")}
      </p>
    </>
  );
}

/** The same in figures. */
function SampleList({ samples }: { samples: readonly Suspect[] }): JSX.Element {
  const { t } = useTranslation();
  const text = ([longitude, latitude]: readonly number[]): string => `${longitude?.toFixed(5) ?? "–"}, ${latitude?.toFixed(5) ?? "–"}`;
  return (
    <ul className="import-samples-list">
      {samples.slice(0, 8).map((sample) => (
        <li key={sample.row}>
          <b>{sample.name}</b> <span className="fine">{t("imports.sampleRow", { n: sample.row })}</span>{" "}
          <span className="digits">
            ● {text(sample.as_declared)} ◇ {text(sample.as_gcj02)}
          </span>
        </li>
      ))}
    </ul>
  );
}
