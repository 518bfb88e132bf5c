/** Where a camera is in its life: an icon and a word in a tone, never the tone alone. */

import {
  AuditOutlined, CheckCircleOutlined, ClockCircleOutlined, EditOutlined, ExperimentOutlined, MinusCircleOutlined, PauseCircleOutlined, QuestionCircleOutlined,
  SafetyCertificateOutlined, ToolOutlined,
} from "@ant-design/icons";
import type { JSX, ReactNode } from "react";

import { useFileFields } from "../../api/camera-files";
import { useSaid } from "../tongue";
import { toneOf } from "./tones";

const ICONS: Readonly<Record<string, ReactNode>> = {
  planned: <ClockCircleOutlined />,
  designed: <EditOutlined />,
  approved: <AuditOutlined />,
  building: <ToolOutlined />,
  trial: <ExperimentOutlined />,
  accepted: <SafetyCertificateOutlined />,
  in_service: <CheckCircleOutlined />,
  suspended: <PauseCircleOutlined />,
  retired: <MinusCircleOutlined />,
};
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
  return (
    <span className={`nowrap tone-${toneOf(state)}`} data-state={state}>
      {ICONS[state] ?? <QuestionCircleOutlined />} {name(state)}
    </span>
  );
}
