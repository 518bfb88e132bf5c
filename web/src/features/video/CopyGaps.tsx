import { useQuery } from "@tanstack/react-query";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { storedQuery } from "../../api/queries";
import { causeText } from "../../shared/i18n";
import { civilRangeText, durationText, SECOND, utcRangeText } from "../../shared/time";
import { missingIn, undecidedMs } from "./copyInterval";

const SHOWN = 50; // gaps; whoever has more looks at the timeline
const WORTH_SAYING = 2 * SECOND; // what is being written is always that far behind

/** What of the interval will be missing in a copy, and why. */
export function CopyGaps({ camera, interval }: { camera: string; interval: { startMs: number; endMs: number } }): JSX.Element | null {
  const { t } = useTranslation();
  const { data, isPlaceholderData } = useQuery(storedQuery(camera, interval.startMs, interval.endMs));
  if (data === undefined || isPlaceholderData) return null;
  const gaps = missingIn(data.spans, interval);
  const undecided = undecidedMs(data.spans, interval);
  const allMs = gaps.reduce((sum, gap) => sum + gap.endMs - gap.startMs, 0);
  return (
    <div className="copy-gaps" data-testid="copy-gaps">
      {gaps.length > 0 && <p className="tone-warn">{t("copies.missing", { n: gaps.length, duration: durationText(allMs) })}</p>}
      {gaps.length === 0 && undecided <= WORTH_SAYING && <p className="fine">{t("copies.whole")}</p>}
      {gaps.length > 0 && (
        <ul>
          {gaps.slice(0, SHOWN).map((gap) => (
            <li key={gap.startMs} title={utcRangeText(gap.startMs, gap.endMs)}>
              <span className="digits">{civilRangeText(gap.startMs, gap.endMs)}</span>
              <span className="digits fine">{durationText(gap.endMs - gap.startMs)}</span>
              <span>{causeText(t, gap.cause)}</span>
            </li>
          ))}
        </ul>
      )}
      {gaps.length > SHOWN && <p className="fine">{t("copies.more", { n: gaps.length - SHOWN })}</p>}
      {undecided > WORTH_SAYING && <p className="fine">{t("copies.undecided", { duration: durationText(undecided) })}</p>}
    </div>
  );
}
