import { AlertOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Alarm } from "../../api/gb-devices";
import { clockText } from "../../shared/time";

/** On the tile: the newest alarm of its camera that nobody has handled yet. */
export function AlarmBadge({ alarm }: { alarm: Alarm | undefined }): JSX.Element | null {
  const { t } = useTranslation();
  if (alarm === undefined) return null;
  return (
    <Link className="tile-badge warn" to="/alarms" data-testid="tile-alarm">
      <AlertOutlined /> {t("timeline.alarm")} <span className="digits">{clockText(Date.parse(alarm.happened_at))}</span>
    </Link>
  );
}
