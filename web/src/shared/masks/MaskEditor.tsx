import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useRef, useState, type JSX, type KeyboardEvent, type MouseEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";

import { masksEn } from "../dictionaries/masks.en";
import { masksZhCN } from "../dictionaries/masks.zh-CN";
import { addWords } from "../i18n";
import "./masks.css";
import { clamped, CORNERS_MAX, CORNERS_MIN, moved, pointsText, withCorner, type Corner } from "./polygon";

addWords({ "zh-CN": masksZhCN, en: masksEn });

const STEP = 0.01; // of the picture, by an arrow key
const FAR = 0.05; // with Shift
const ARROWS: Record<string, Corner> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

interface Props {
  /** The picture to draw on; null: there is none, its shape alone is shown. */
  still: string | null;
  /** Outlines that are there already. */
  others: readonly (readonly Corner[])[];
  /** The outline that is drawn; null: nothing is. */
  value: readonly Corner[] | null;
  onChange: (corners: Corner[]) => void;
}

/** A polygon over a still: by pointer or by keys. What is drawn here is a wish; the mask itself is put into the pixels elsewhere. */
export function MaskEditor({ still, others, value, onChange }: Props): JSX.Element {
  const { t } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const at = (event: MouseEvent): Corner => {
    const box = area.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    return [clamped((event.clientX - box.left) / box.width), clamped((event.clientY - box.top) / box.height)];
  };
  const drag = (event: PointerEvent): void => {
    if (dragged !== null && value !== null) onChange(value.map((corner, n) => (n === dragged ? at(event) : corner)));
  };
  return (
    <div className="mask-editor">
      {/* Keys have their own way: the button below, and each corner. */}
      <div
        ref={area}
        className="mask-picture"
        data-testid="mask-picture"
        role="presentation"
        onClick={(event) => value !== null && event.target === event.currentTarget.lastElementChild && onChange(withCorner(value, at(event)))}
        onPointerMove={drag}
        onPointerUp={() => setDragged(null)}
        onPointerLeave={() => setDragged(null)}
      >
        {still === null ? <p className="fine">{t("masks.noStill")}</p> : <img src={still} alt={t("masks.picture")} draggable={false} />}
        {value?.map((corner, n) => (
          <Handle key={n} n={n} corner={corner} onDrag={() => setDragged(n)} onMove={(dx, dy) => onChange(moved(value, n, dx, dy))} onRemove={() => onChange(value.filter((_, other) => other !== n))} />
        ))}
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {others.map((corners, n) => (
            <polygon key={n} className="mask-other" points={pointsText(corners)} />
          ))}
          {value !== null && <polygon className="mask-drawn" points={pointsText(value)} />}
        </svg>
      </div>
      {value !== null && (
        <>
          <p className="fine">{t("masks.keys")}</p>
          <p className="form-buttons">
            <Button icon={<PlusOutlined />} disabled={value.length >= CORNERS_MAX} onClick={() => onChange(withCorner(value, START[value.length] ?? [0.5, 0.5]))}>
              {t("masks.add")}
            </Button>
            <span role="status">{value.length < CORNERS_MIN ? t("masks.more") : t("masks.corners", { n: value.length })}</span>
          </p>
        </>
      )}
    </div>
  );
}

const START: readonly Corner[] = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]; // where corners added by keys begin

interface HandleProps {
  n: number;
  corner: Corner;
  onDrag: () => void;
  onMove: (dx: number, dy: number) => void;
  onRemove: () => void;
}

function Handle({ n, corner: [x, y], onDrag, onMove, onRemove }: HandleProps): JSX.Element {
  const { t } = useTranslation();
  const onKeyDown = (event: KeyboardEvent): void => {
    const way = ARROWS[event.key];
    if (way !== undefined) onMove(way[0] * (event.shiftKey ? FAR : STEP), way[1] * (event.shiftKey ? FAR : STEP));
    else if (event.key === "Delete" || event.key === "Backspace") onRemove();
    else return;
    event.preventDefault();
  };
  const label = t("masks.corner", { n: n + 1, x: Math.round(x * 100), y: Math.round(y * 100) });
  return <button type="button" className="mask-corner" style={{ left: `${x * 100}%`, top: `${y * 100}%` }} aria-label={label} title={label} onPointerDown={onDrag} onKeyDown={onKeyDown} />;
}
