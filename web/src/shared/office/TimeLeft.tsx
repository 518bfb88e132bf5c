import { AlertOutlined, CheckCircleOutlined, ClockCircleOutlined, FieldTimeOutlined, MinusCircleOutlined } from "@ant-design/icons";
import { useEffect, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { OwedDuty } from "../../api/duties";
import { SECOND } from "../time";
import { dueText, leftUntil, type Left } from "./left";

const TICK = 15 * SECOND; // minutes are the smallest thing shown

/** The present moment, again and again. `ahead`: how far the server's clock is ahead of this computer's; `every`: ms. */
export function useNow(ahead = 0, every = TICK): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), every);
    return () => window.clearInterval(timer);
  }, [every]);
  return now + ahead;
}

const LOOKS: Record<"late" | "soon" | "calm" | "met" | "lapsed", { tone: string; icon: ReactNode }> = {
  late: { tone: "bad", icon: <AlertOutlined /> },
  soon: { tone: "warn", icon: <FieldTimeOutlined /> },
  calm: { tone: "quiet", icon: <ClockCircleOutlined /> },
  met: { tone: "good", icon: <CheckCircleOutlined /> },
  lapsed: { tone: "quiet", icon: <MinusCircleOutlined /> },
};

function urgencyOf(left: Left): "late" | "soon" | "calm" {
  if (left.key.startsWith("late")) return "late";
  if (left.key === "atOnce" || left.key === "hours" || left.key === "minutes") return "soon";
  return left.key === "days" && left.n <= 3 ? "soon" : "calm";
}

/** How a duty stands, by icon, word and colour. */
export function TimeLeft({ duty, now }: { duty: Pick<OwedDuty, "due_at" | "state">; now: number }): JSX.Element {
  const { t } = useTranslation();
  const { due_at: due, state } = duty;
  if (state === "lapsed" || state === "met") return <Told look={state}>{t(`office.duty.${state}`)}</Told>;
  if (state === "met_late") {
    return (
      <span className="nowrap tone-warn">
        <CheckCircleOutlined /> {t("office.duty.metLate")}
      </span>
    );
  }
  const left = leftUntil(due === null ? null : Date.parse(due), now);
  return <Told look={urgencyOf(left)}>{t(`office.left.${left.key}`, left.key === "atOnce" ? {} : { n: left.n })}</Told>;
}

function Told({ look, children }: { look: keyof typeof LOOKS; children: ReactNode }): JSX.Element {
  const { tone, icon } = LOOKS[look];
  return (
    <b className={`nowrap tone-${tone}`} data-look={look}>
      {icon} {children}
    </b>
  );
}

/** The due instant in civil time, UTC in the tooltip. */
export function DueAt({ due }: { due: string | null }): JSX.Element | null {
  if (due === null) return null;
  return (
    <time className="digits nowrap" dateTime={due} title={`UTC ${new Date(due).toISOString().replace("T", " ")}`}>
      {dueText(Date.parse(due))}
    </time>
  );
}
