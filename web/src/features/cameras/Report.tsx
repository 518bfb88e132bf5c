import { CheckCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { Spin } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Probe } from "../../api/client";
import { codecName } from "./CameraTable";

type Track = Probe["tracks"][number];

/** What a camera offers, or what is wrong with it, in plain words. */
export function Report({ report }: { report: Probe | "busy" }): JSX.Element {
  const { t, i18n } = useTranslation();
  if (report === "busy") {
    return (
      <div className="report" role="status">
        <Spin size="small" /> {t("cameras.form.testing")}
      </div>
    );
  }
  return (
    <div className="report" role="status" data-testid="report" data-ok={report.ok}>
      <h3 className={report.ok ? "tone-good" : "tone-bad"}>
        {report.ok ? <CheckCircleOutlined /> : <CloseCircleOutlined />} {t(report.ok ? "cameras.report.ok" : "cameras.report.bad")}
      </h3>
      <ul>
        {report.findings.map((finding) => (
          <li key={finding.code}>{i18n.language === "en" ? finding.en : finding.zh}</li>
        ))}
      </ul>
      <dl>
        {report.tracks.map((track, n) => (
          <div key={n}>
            <dt>{t(`cameras.report.${track.kind}`)}</dt>
            <dd className="digits">{trackText(track, t)}</dd>
          </div>
        ))}
      </dl>
      <p className="fine">
        {[
          report.transport === null ? null : t("cameras.report.transport", { transport: report.transport.toUpperCase() }),
          report.clock_offset_ms === null ? null : t("cameras.report.clock", { seconds: (report.clock_offset_ms / 1000).toFixed(2) }),
          report.packets_lost ? t("cameras.report.lost", { n: report.packets_lost }) : null,
        ]
          .filter((text) => text !== null)
          .join(" · ")}
      </p>
    </div>
  );
}

function trackText(track: Track, t: (key: string, values: Record<string, string>) => string): string {
  const parts = [codecName(track.codec)];
  if (track.width && track.height) parts.push(`${track.width}×${track.height}`);
  if (track.frame_rate) parts.push(`${track.frame_rate.toFixed(1)} fps`);
  if (track.bit_rate_bps) parts.push(`${(track.bit_rate_bps / 1e6).toFixed(2)} Mbit/s`);
  if (track.key_frame_interval_s) parts.push(t("cameras.report.keyFrames", { seconds: track.key_frame_interval_s.toFixed(1) }));
  if (track.sample_rate) parts.push(`${track.sample_rate / 1000} kHz`);
  return parts.join(" · ");
}
