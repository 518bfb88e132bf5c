import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Channel } from "../../api/gb-devices";
import { Moment } from "../../shared/Interval";
import { useNow } from "../../shared/office/TimeLeft";
import { durationText, SECOND } from "../../shared/time";

/** Where a channel was last, how fast, when, and how long ago that is. `toldMs`: when the server told it, by this computer. */
export function LastPlace({ place, toldMs }: { place: Channel["position"]; toldMs: number }): JSX.Element {
  const { t } = useTranslation();
  if (place === null) return <span className="fine">{t("gb.channels.noPlace")}</span>;
  const speed = place.speed_kmh === null ? [] : [t("gb.channels.speed", { kmh: Math.round(place.speed_kmh) })];
  const heading = place.direction === null ? [] : [`${Math.round(place.direction)}°`];
  return (
    <>
      <span className="digits nowrap">
        {place.longitude.toFixed(6)}, {place.latitude.toFixed(6)}
      </span>{" "}
      <span className="fine">
        {[...speed, ...heading, ...(place.is_devices ? [t("gb.channels.ofDevice")] : [])].join(" · ")} <Moment at={place.received_at} /> <Age sinceMs={toldMs - place.age_s * SECOND} />
      </span>
    </>
  );
}

/** It grows while nothing newer is told, whatever the clocks of device and server say. */
function Age({ sinceMs }: { sinceMs: number }): JSX.Element {
  const { t } = useTranslation();
  const now = useNow(0, SECOND);
  return <span className="nowrap">({t("gb.channels.ago", { age: durationText(now - sinceMs) })})</span>;
}
