import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { CameraFile } from "../../api/camera-files";
import { LifeState } from "../../shared/inventory/LifeState";

/** The camera whose view is drawn, and the same in figures. */
export function ChosenCamera({ file, clear }: { file: CameraFile; clear: () => void }): JSX.Element {
  const { t } = useTranslation();
  const { azimuth, h_fov: fov, max_view_distance: distance, sweep, masks } = file.view;
  const degrees = (value: number | null | undefined): string => (typeof value === "number" ? `${Math.round(value * 10) / 10}°` : "–");
  const facts: [string, string][] = [
    ["azimuth", degrees(azimuth)],
    ["fov", degrees(fov)],
    ["distance", typeof distance === "number" ? `${distance} m` : "–"],
    ["sweep", sweep == null ? t("map.fixed") : t("map.sweepOf", { from: degrees(sweep.pan_from), width: degrees(sweep.pan_width) })],
    ["masks", String(masks?.length ?? 0)],
  ];
  return (
    <section className="map-camera card-plain" aria-label={t("map.chosenCamera")} data-testid="chosen-camera">
      <header>
        <h2>{file.name}</h2>
        <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t("map.clear")} onClick={clear} />
      </header>
      <p>
        <LifeState state={file.state} /> <span className="fine digits">{file.device_id}</span>
      </p>
      {file.longitude === null && <p className="tone-warn">{t("map.noPosition")}</p>}
      <dl className="map-facts">
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{t(`map.view.${name}`)}</dt>
            <dd className="digits">{text}</dd>
          </div>
        ))}
      </dl>
      <Link to={`/cameras/${file.id}`}>{t("map.toFile")}</Link>
    </section>
  );
}
