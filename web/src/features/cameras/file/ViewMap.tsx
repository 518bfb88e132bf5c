import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { useEffect, useRef, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { CameraFile } from "../../../api/camera-files";
import { useGround } from "../../../api/places";
import { groundFeatures } from "../../../map/ground";
import { OlMap } from "../../../map/OlMap";
import { viewBox, viewFeatures } from "../../../map/view";

/** Where the camera stands and what it sees, with its privacy masks and what lies around. */
export default function ViewMap({ file }: { file: CameraFile }): JSX.Element {
  const { t } = useTranslation();
  const box = viewBox(file);
  const around = useGround(box).data;
  const source = useRef(new VectorSource());
  const draw = (): void => {
    source.current.clear(true);
    source.current.addFeatures([...groundFeatures(around?.items ?? [], true), ...viewFeatures(file)]);
  };
  useEffect(draw, [file, around]);
  return (
    <>
      <OlMap
        key={`${file.id} ${file.version}`}
        label={t("file.viewMapLabel")}
        className="view-map"
        box={box}
        onReady={(map) => map.addLayer(new VectorLayer({ source: source.current }))}
        onTheme={draw}
      />
      <p className="fine">{t("file.viewLegend")}</p>
    </>
  );
}
