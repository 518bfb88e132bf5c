import { useRef, useState, type CSSProperties, type JSX, type PointerEvent } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";

import type { Rectangle } from "../../../api/manoeuvres";
import { pictureIn, rectangleOf, type Spot } from "./frame";

interface Props {
  tile: Element | null;
  closer: boolean;
  drawn: (rectangle: Rectangle) => void;
}

/** Lies over the tile: what is drawn on it fills the picture, or the picture goes into it. Keys zoom and turn as well. */
export function FrameArea({ tile, closer, drawn }: Props): JSX.Element | null {
  const { t } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const [line, setLine] = useState<{ from: Spot; to: Spot } | null>(null);
  const spot = ({ clientX, clientY }: PointerEvent): Spot => {
    const { left = 0, top = 0 } = area.current?.getBoundingClientRect() ?? {};
    return { x: clientX - left, y: clientY - top };
  };
  const end = (event: PointerEvent): void => {
    if (line === null || area.current === null) return;
    setLine(null);
    const { width, height } = area.current.getBoundingClientRect();
    const picture = pictureIn(tile);
    const rectangle = picture === null ? null : rectangleOf(picture, { width, height }, line.from, spot(event));
    if (rectangle !== null) drawn(rectangle);
  };
  if (tile === null) return null;
  return createPortal(
    <div
      ref={area}
      className="ptz-frame"
      data-testid="frame-area"
      title={t(closer ? "control.frameCloser" : "control.frameWider")}
      onDoubleClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture?.(event.pointerId);
        const from = spot(event);
        setLine({ from, to: from });
      }}
      onPointerMove={(event) => setLine((old) => (old === null ? null : { ...old, to: spot(event) }))}
      onPointerUp={end}
      onPointerCancel={() => setLine(null)}
    >
      {line !== null && <i style={boxOf(line.from, line.to)} />}
    </div>,
    tile,
  );
}

const boxOf = (from: Spot, to: Spot): CSSProperties => ({
  left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y),
});
