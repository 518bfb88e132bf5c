import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { troubleOf } from "../../player/live";
import { Marked } from "../../player/Marked";
import { cellAt, sheetQuery, stripOf } from "../../player/sprite";
import { SpriteCell } from "../../player/SpriteCell";
import { causeText } from "../../shared/i18n";
import { civilText } from "../../shared/time";
import type { View } from "../../timeline/view";

interface Props {
  camera: string;
  view: View;
  /** The moment pointed at, and where it lies. */
  ms: number;
  x: number;
  recorded: boolean;
}

const WIDTH = 192; // px of one picture
const REST = 150; // ms
const SLOW = 24; // px; who moves further than this in that time is on the way to somewhere else

/** A small picture of the moment under the pointer with its viewer's mark, out of one sheet for all that the timeline shows. */
export default function Preview({ camera, view, ms, x, recorded }: Props): JSX.Element {
  const { t } = useTranslation();
  const query = sheetQuery(camera, stripOf(view), WIDTH);
  const calm = useCalm(Math.round(x / SLOW), query.queryKey.join());
  const { data: sheet, isError, error } = useQuery({ ...query, enabled: calm && recorded });
  const cell = sheet === undefined || !recorded ? null : cellAt(sheet, ms);
  const nothing = !recorded || isError || sheet !== undefined;
  const trouble = recorded && error instanceof Problem ? troubleOf(error.code) : null;
  const words = trouble === null ? t("timeline.noPicture") : causeText(t, trouble);
  const time = cell === null ? "" : `${civilText(cell.atMs)} +08:00`;
  return (
    <span className="preview" data-testid="preview">
      <span className="preview-box">
        {sheet !== undefined && cell !== null ? <Marked><SpriteCell sheet={sheet} cell={cell} label={t("video.picturedAt", { time })} /></Marked> : nothing ? words : "…"}
      </span>
      {cell !== null && <span>{time}</span>}
    </span>
  );
}

/** True once the hand has rested a moment over what is asked for; a sheet asked for stays so. */
function useCalm(place: number, asked: string): boolean {
  const [calmOver, setCalmOver] = useState<string | null>(null);
  useEffect(() => {
    const timer = window.setTimeout(() => setCalmOver(asked), REST);
    return () => window.clearTimeout(timer);
  }, [place, asked]);
  return calmOver === asked;
}
