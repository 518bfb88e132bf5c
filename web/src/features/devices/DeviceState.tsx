import { CheckCircleOutlined, ClockCircleOutlined, DisconnectOutlined, ExclamationCircleOutlined, StopOutlined } from "@ant-design/icons";
import type { TFunction } from "i18next";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { DeviceLine } from "../../api/gb-devices";
import { Moment } from "../../shared/Interval";
import { civilText } from "../../shared/time";

type Shown = Pick<DeviceLine, "state" | "online_since" | "offline_why" | "trouble">;

/** Whether a device is there, and what is wrong with it: an icon and words, never a colour alone. */
export function DeviceStateTag({ device }: { device: Shown }): JSX.Element {
  const { t } = useTranslation();
  const { tone, icon, text, hint } = looks(device, t);
  return (
    <span className="device-state">
      <span className={`state-tag tone-${tone} nowrap`} {...(hint === "" ? {} : { title: hint })}>
        {icon} {text}
      </span>
      {device.trouble !== "" && (
        <span className="tone-bad nowrap">
          <ExclamationCircleOutlined /> {t(`gb.trouble.${device.trouble}`, device.trouble)}
        </span>
      )}
    </span>
  );
}

function looks({ state, online_since: since, offline_why: why }: Shown, t: TFunction): { tone: string; icon: ReactNode; text: string; hint: string } {
  if (state === "waiting") return { tone: "warn", icon: <ClockCircleOutlined />, text: t("gb.states.waiting"), hint: "" };
  if (state === "refused") return { tone: "quiet", icon: <StopOutlined />, text: t("gb.states.refused"), hint: "" };
  if (since !== null) return { tone: "good", icon: <CheckCircleOutlined />, text: t("gb.online"), hint: t("gb.since", { at: civilText(Date.parse(since)) }) };
  return { tone: "bad", icon: <DisconnectOutlined />, text: why === "" ? t("gb.offline") : t(`gb.offlineWhy.${why}`), hint: "" };
}

/** When it was heard last; of one that is online, since when it is. */
export function Heard({ device }: { device: Pick<DeviceLine, "online_since" | "seen_at"> }): JSX.Element {
  const { t } = useTranslation();
  if (device.online_since !== null) {
    return (
      <>
        {t("gb.onlineSince")} <Moment at={device.online_since} />
      </>
    );
  }
  return device.seen_at === null ? <>{t("gb.never")}</> : <Moment at={device.seen_at} />;
}
