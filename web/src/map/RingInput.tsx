import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, InputNumber } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useDivisionList } from "../api/places";
import { ringEn } from "../shared/dictionaries/ring.en";
import { ringZhCN } from "../shared/dictionaries/ring.zh-CN";
import { addWords } from "../shared/i18n";
import { Loading } from "../shared/States";
import { aroundAll, boxOf, moved, type Point } from "./geometry";
import "./ring.css";
import { RingMap } from "./RingMap";
import { wholeOf, type Corner } from "./ring";

addWords({ "zh-CN": ringZhCN, en: ringEn });

const AROUND_M = 250; // shown around a spot while nothing is drawn
const CITY = [125.7, 44, 130.3, 46.7] as const; // until the divisions have come

interface Props {
  value: readonly Corner[];
  onChange: (corners: readonly Corner[]) => void;
  /** Where to begin to look; null: the whole city. */
  near: Point | null;
  label: string;
}

/** An area: drawn on a map, or its corners as numbers; each shows what the other did. */
export default function RingInput({ value, onChange, near, label }: Props): JSX.Element {
  const { t } = useTranslation();
  const divisions = useDivisionList();
  const [drawing, setDrawing] = useState(false);
  const [begin] = useState(() => boxOf(wholeOf(value)) ?? (near === null ? null : boxOf([moved(near, -AROUND_M, -AROUND_M), moved(near, AROUND_M, AROUND_M)])));
  if (divisions.isPending) return <Loading />;
  const box = begin ?? aroundAll((divisions.data ?? []).map(({ bbox }) => bbox)) ?? CITY;
  return (
    <div className="ring">
      <p className="form-buttons">
        <Button icon={<EditOutlined />} type={drawing ? "primary" : "default"} aria-pressed={drawing} onClick={() => setDrawing(!drawing)}>
          {t(value.length > 0 ? "ring.drawAnew" : "ring.draw")}
        </Button>
        {value.length > 0 && <Button onClick={() => onChange([])}>{t("ring.clear")}</Button>}
      </p>
      <p className="fine" role="status">
        {drawing ? t("ring.drawing") : value.length === 0 ? t("ring.none") : t("ring.corners", { n: value.length })}
      </p>
      <RingMap
        label={t("ring.map", { label })}
        box={box}
        value={value}
        drawing={drawing}
        onDrawn={(corners) => {
          setDrawing(false);
          if (corners !== null) onChange(corners);
        }}
        onMoved={onChange}
      />
      <Corners value={value} onChange={onChange} />
    </div>
  );
}

/** The same by keyboard. */
function Corners({ value, onChange }: Pick<Props, "value" | "onChange">): JSX.Element {
  const { t } = useTranslation();
  return (
    <details className="ring-corners" open={value.length > 0 && value.length <= 8}>
      <summary>{t("ring.asNumbers")}</summary>
      <ol>
        {value.map((corner, n) => (
          <li key={n}>
            <span className="digits fine">{n + 1}</span>
            <Degrees corner={corner} n={n} side={0} most={180} change={(to) => onChange(value.with(n, to))} />
            <Degrees corner={corner} n={n} side={1} most={90} change={(to) => onChange(value.with(n, to))} />
            <Button type="text" icon={<DeleteOutlined />} aria-label={t("ring.remove", { n: n + 1 })} title={t("ring.remove", { n: n + 1 })} onClick={() => onChange(value.filter((_, at) => at !== n))} />
          </li>
        ))}
      </ol>
      <Button type="dashed" icon={<PlusOutlined />} onClick={() => onChange([...value, [null, null]])}>
        {t("ring.add")}
      </Button>
    </details>
  );
}

function Degrees({ corner, n, side, most, change }: { corner: Corner; n: number; side: 0 | 1; most: number; change: (corner: Corner) => void }): JSX.Element {
  const { t } = useTranslation();
  const label = t(side === 0 ? "ring.longitude" : "ring.latitude", { n: n + 1 });
  return (
    <InputNumber
      aria-label={label}
      placeholder={label}
      controls={false}
      min={-most}
      max={most}
      value={corner[side]}
      onChange={(to) => change(side === 0 ? [to, corner[1]] : [corner[0], to])}
    />
  );
}
