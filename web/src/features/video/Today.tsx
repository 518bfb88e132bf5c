import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { useCompleteness, type CompletenessDay } from "../../api/storage";
import { causeText } from "../../shared/i18n";
import { civilDayStart, durationText, SECOND } from "../../shared/time";

/** How much of today a camera has been recorded; why the rest is missing stands in the tooltip. */
export function Today({ camera, name, nowMs }: { camera: string; name: string; nowMs: number }): JSX.Element | null {
  const { t } = useTranslation();
  const day = useCompleteness(camera, civilDayStart(nowMs));
  if (day === undefined || day.due_s <= 0) return null;
  const whole = day.present_s >= day.due_s;
  const missing = Object.entries(day.missing).map(([cause, seconds]) => `${causeText(t, cause)} ${durationText(seconds * SECOND)}`);
  return (
    <span className="today" data-testid="completeness" title={missing.join("\n")}>
      {name} · {t("video.today")} <span className={whole ? "digits tone-good" : "digits tone-warn"}>{percentText(day)} %</span>
    </span>
  );
}

/** Rounded down, so that 100 says that nothing is missing. */
export function percentText({ due_s, present_s }: Pick<CompletenessDay, "due_s" | "present_s">): string {
  if (present_s >= due_s) return "100";
  return (Math.floor((present_s / due_s) * 10_000) / 100).toFixed(2);
}
