import Feature from "ol/Feature";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { useRef, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { ringEn } from "../shared/dictionaries/ring.en";
import { ringZhCN } from "../shared/dictionaries/ring.zh-CN";
import { addWords } from "../shared/i18n";
import { boxOf, type Point } from "./geometry";
import { OlMap } from "./OlMap";
import "./ring.css";
import { areaStyle } from "./theme";
import { polygonOf, styled } from "./view";

addWords({ "zh-CN": ringZhCN, en: ringEn });

/** An area that a record holds, drawn. */
export default function RingView({ ring }: { ring: readonly Point[] }): JSX.Element {
  const { t } = useTranslation();
  const source = useRef(new VectorSource());
  const draw = (): void => {
    source.current.clear(true);
    source.current.addFeature(styled(new Feature(polygonOf(ring)), areaStyle()));
  };
  return (
    <OlMap
      label={t("ring.shown", { n: ring.length })}
      className="ring-map ring-still"
      box={boxOf(ring) ?? [0, 0, 0, 0]}
      onReady={(map) => {
        draw();
        map.addLayer(new VectorLayer({ source: source.current }));
      }}
      onTheme={draw}
    />
  );
}
