import { useLayoutEffect, useRef, type JSX } from "react";

import { placeOf, type Cell, type Sheet } from "./sprite";

interface Props {
  sheet: Sheet;
  cell: Cell;
  className?: string;
  label: string;
}

/** One small picture out of a sheet. */
export function SpriteCell({ sheet, cell, className, label }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { image, tileWidth, tileHeight } = sheet;

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d") ?? null;
    if (context === null || image === null) return;
    const [left, top] = placeOf(sheet, cell);
    context.drawImage(image, left, top, tileWidth, tileHeight, 0, 0, tileWidth, tileHeight);
  }, [sheet, cell, image, tileWidth, tileHeight]);

  return (
    <canvas ref={canvas} className={className} width={tileWidth} height={tileHeight} role="img" aria-label={label} data-testid="sprite-cell" data-at={cell.atMs} />
  );
}
