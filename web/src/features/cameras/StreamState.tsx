import { CheckCircleOutlined, DisconnectOutlined, LoadingOutlined, MinusCircleOutlined, SyncOutlined } from "@ant-design/icons";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { CameraState } from "../../api/client";
import { causeText } from "../../shared/i18n";

const ICONS: Record<string, ReactNode> = {
  live: <CheckCircleOutlined />,
  connecting: <LoadingOutlined />,
  reconnecting: <SyncOutlined />,
  stopped: <DisconnectOutlined />,
  unknown: <MinusCircleOutlined />,
};
const TONES: Record<string, string> = { live: "good", connecting: "busy", reconnecting: "warn", stopped: "bad", unknown: "quiet" };

/** What a stream is doing right now, and why if it is not there. */
export function StreamState({ state }: { state: CameraState | null }): JSX.Element {
  const { t } = useTranslation();
  const kind = state?.state ?? "unknown";
  const cause = kind !== "live" && state?.cause ? ` · ${causeText(t, state.cause)}` : "";
  return (
    <span className={`nowrap tone-${TONES[kind] ?? "quiet"}`} title={state?.detail ?? undefined} data-live={kind}>
      {ICONS[kind]} {t(`state.${kind}`)}
      {cause}
    </span>
  );
}
