/** Where a camera is in its life: an icon and a word in a tone, never the tone alone. */

import {
  AuditOutlined, CheckCircleOutlined, ClockCircleOutlined, EditOutlined, ExperimentOutlined, MinusCircleOutlined, PauseCircleOutlined, QuestionCircleOutlined,
  SafetyCertificateOutlined, ToolOutlined,
} from "@ant-design/icons";
import type { JSX, ReactNode } from "react";

import { useFileFields } from "../../api/camera-files";
import { useSaid } from "../tongue";

export type Tone = "good" | "busy" | "warn" | "bad" | "quiet";

const LOOKS: Readonly<Record<string, { tone: Tone; icon: ReactNode }>> = {
  planned: { tone: "quiet", icon: <ClockCircleOutlined /> },
  designed: { tone: "quiet", icon: <EditOutlined /> },
  approved: { tone: "busy", icon: <AuditOutlined /> },
  building: { tone: "busy", icon: <ToolOutlined /> },
  trial: { tone: "busy", icon: <ExperimentOutlined /> },
  accepted: { tone: "good", icon: <SafetyCertificateOutlined /> },
  in_service: { tone: "good", icon: <CheckCircleOutlined /> },
  suspended: { tone: "warn", icon: <PauseCircleOutlined /> },
  retired: { tone: "quiet", icon: <MinusCircleOutlined /> },
};
const UNKNOWN = { tone: "quiet", icon: <QuestionCircleOutlined /> } as const;

export const toneOf = (state: string): Tone => (LOOKS[state] ?? UNKNOWN).tone;

/** What the states are called; what a later version adds shows as it is. */
export function useStateName(): (state: string) => string {
  const said = useSaid();
  const states = useFileFields().data?.states ?? [];
  return (state) => {
    const words = states.find(({ code }) => code === state);
    return words === undefined ? state : said(words);
  };
}

export function LifeState({ state }: { state: string }): JSX.Element {
  const name = useStateName();
  const { tone, icon } = LOOKS[state] ?? UNKNOWN;
  return (
    <span className={`nowrap tone-${tone}`} data-state={state}>
      {icon} {name(state)}
    </span>
  );
}
