import { Button } from "antd";
import { useQuery } from "@tanstack/react-query";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { storedQuery } from "../../api/queries";
import type { WallClock } from "../../player/clock";
import { causeText } from "../../shared/i18n";
import { clockText, dateText, dateTimeText, durationText, HOUR, SECOND } from "../../shared/time";
import { nearestPresent, spanAt } from "../../timeline/view";
import { useClockPart } from "./Tile";

/** Nothing was recorded at this moment: why, and where the nearest pictures are. */
export function GapPanel({ camera, clock, leads }: { camera: string; clock: WallClock; leads: boolean }): JSX.Element {
  const { t } = useTranslation();
  const position = useClockPart(clock, "positionMs");
  const hour = Math.floor(position / HOUR) * HOUR;
  const { data } = useQuery(storedQuery(camera, hour - 2 * HOUR, hour + 3 * HOUR));
  const spans = data?.spans ?? [];
  const gap = spanAt(spans, position);
  const { earlier, later } = nearestPresent(spans, position);
  const short = (ms: number): string => (dateText(ms) === dateText(position) ? clockText(ms) : dateTimeText(ms));
  return (
    <div className="tile-overlay gap-panel" data-testid="gap-panel">
      <b>{t(gap?.kind === "present" ? "video.states.loading" : "video.noRecording")}</b>
      {gap?.kind === "missing" && (
        <span>
          {causeText(t, gap.cause)} · {short(gap.startMs)} – {short(gap.endMs)} ({durationText(gap.endMs - gap.startMs)})
        </span>
      )}
      {data !== undefined && gap?.kind !== "present" && earlier === null && later === null && <span className="fine">{t("video.nothingStored")}</span>}
      {leads && (
        <span className="gap-ways">
          {earlier !== null && (
            <Button size="small" onClick={() => clock.seek(earlier - 5 * SECOND, true)}>
              {t("video.earlier", { time: short(earlier) })}
            </Button>
          )}
          {later !== null && (
            <Button size="small" type="primary" onClick={() => clock.seek(later + 50, true)}>
              {t("video.later", { time: short(later) })}
            </Button>
          )}
        </span>
      )}
    </div>
  );
}
