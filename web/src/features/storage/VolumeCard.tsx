import { CheckCircleOutlined, DisconnectOutlined, StopOutlined, WarningOutlined } from "@ant-design/icons";
import { Alert } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Volume } from "../../api/storage";
import { bytesText } from "../../shared/bytes";
import { causeText } from "../../shared/i18n";
import { daysText, sharesOf } from "./units";

interface Props {
  volume: Volume;
  refuges: readonly Volume[];
  needed: number;
}

const LOOKS: Record<Volume["state"], { tone: string; icon: ReactNode }> = {
  writable: { tone: "good", icon: <CheckCircleOutlined /> },
  full: { tone: "bad", icon: <StopOutlined /> },
  failing: { tone: "bad", icon: <WarningOutlined /> },
  away: { tone: "warn", icon: <DisconnectOutlined /> },
};

export function VolumeCard({ volume, refuges, needed }: Props): JSX.Element {
  const { t } = useTranslation();
  const look = LOOKS[volume.state];
  return (
    <article className="volume" data-testid="volume" data-state={volume.state} data-alarm={volume.alarm} aria-label={volume.path}>
      <header>
        <h2>{volume.path}</h2>
        <span className={`tone-${look.tone}`} data-testid="volume-state">
          {look.icon} {t(`storage.volumes.states.${volume.state}`)}
        </span>
      </header>
      <Room volume={volume} />
      <dl className="facts">
        <Fact name={t("storage.volumes.rate")}>{t("storage.volumes.perSecond", { bytes: bytesText(volume.write_bytes_per_s) })}</Fact>
        <Fact name={t("storage.volumes.daysLeft")}>
          <DaysLeft volume={volume} needed={needed} />
        </Fact>
        <Fact name={t("storage.volumes.cameras")}>{volume.cameras}</Fact>
        <Fact name={t("storage.volumes.workers")}>{volume.workers.length === 0 ? "–" : volume.workers.join("  ")}</Fact>
      </dl>
      <Trouble volume={volume} refuges={refuges} />
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="digits">{children}</dd>
    </div>
  );
}

const PARTS = ["used", "reserve", "other", "room"] as const;

/** A bar and its numbers: the same in words, so that nobody has to tell colours apart. */
function Room({ volume }: { volume: Volume }): JSX.Element {
  const { t } = useTranslation();
  const shares = sharesOf(volume);
  const total = PARTS.reduce((sum, part) => sum + shares[part], 0);
  const shown = PARTS.filter((part) => part !== "other" || shares.other > total / 100);
  const say = (part: (typeof PARTS)[number]): string => t(`storage.volumes.parts.${part}`, { bytes: bytesText(shares[part]) });
  return (
    <>
      <svg className="room" role="img" aria-label={shown.map(say).join(", ")} viewBox="0 0 100 1" preserveAspectRatio="none">
        {shown.map((part, n) => {
          const before = shown.slice(0, n).reduce((sum, earlier) => sum + shares[earlier], 0);
          const share = (bytes: number): number => (total === 0 ? 0 : (bytes / total) * 100);
          return <rect key={part} className={`part-${part}`} x={share(before)} width={share(shares[part])} height="1" />;
        })}
      </svg>
      <p className="parts fine digits" aria-hidden="true">
        {shown.map((part) => (
          <span key={part}>
            <i className={`swatch part-${part}`} /> {say(part)}
          </span>
        ))}
        <span className="parts-total">{t("storage.volumes.size", { bytes: bytesText(volume.size_bytes) })}</span>
      </p>
    </>
  );
}

function DaysLeft({ volume: { days_left, alarm, state }, needed }: { volume: Volume; needed: number }): JSX.Element {
  const { t } = useTranslation();
  if (days_left === null) return <span>{state === "writable" ? t("storage.volumes.measuring") : "–"}</span>;
  const short = days_left < needed;
  const text = t("storage.volumes.daysOf", { days: daysText(days_left), needed });
  return (
    <span className={alarm ? "tone-bad" : short ? "tone-warn" : "tone-good"}>
      {(alarm || short) && <WarningOutlined />} {text}
    </span>
  );
}

/** What is wrong, what it means for the cameras, and what to do. */
function Trouble({ volume, refuges }: { volume: Volume; refuges: readonly Volume[] }): JSX.Element | null {
  const { t } = useTranslation();
  const { state, alarm, cause, detail, days_left } = volume;
  if (state === "writable" && !alarm) return null;
  if (state === "writable") {
    return <Alert type="warning" showIcon title={t("storage.volumes.alarm", { days: daysText(days_left ?? 0) })} description={t("storage.volumes.alarmHint")} />;
  }
  const why = [cause === null ? null : causeText(t, cause), detail].filter((text) => text !== null && text !== "").join(": ");
  const title = `${t(`storage.volumes.troubles.${state}`)}${why === "" ? "" : ` (${why})`}`;
  return <Alert type={state === "away" ? "warning" : "error"} showIcon title={title} description={<Consequences volume={volume} refuges={refuges} />} />;
}

function Consequences({ volume: { state, cameras }, refuges }: { volume: Volume; refuges: readonly Volume[] }): JSX.Element {
  const { t } = useTranslation();
  if (state === "away") return <>{t("storage.volumes.awayHint")}</>;
  const paths = refuges.map(({ path }) => path).join(", ");
  const cameraText = refuges.length === 0 ? t("storage.volumes.nowhere") : t(cameras === 0 ? "storage.volumes.moved" : "storage.volumes.moving", { paths, n: cameras });
  return (
    <>
      {cameraText} {t("storage.volumes.nothingRemoved")} {t(`storage.volumes.todo.${state}`)}
    </>
  );
}
