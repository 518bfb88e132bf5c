/** The states of a kind: how each looks, by what can still happen from it. */

import { CheckCircleOutlined, EditOutlined, StopOutlined, SyncOutlined } from "@ant-design/icons";
import type { JSX, ReactNode } from "react";

import type { Kind } from "../../api/procedures";
import { useTitled } from "../tongue";

type Look = "begun" | "under_way" | "ended" | "failed";

/** Ends that nobody wished for, by what kinds call them. */
const FAILED = /^(failed|rejected|refused|revoked|cancelled|withdrawn|expired|suspended|retired|unclear|breached|not_\w+)$/;

export function lookOf(kind: Kind, state: string): Look {
  if (FAILED.test(state)) return "failed";
  if (Object.keys(kind.states)[0] === state) return "begun";
  const goesOn = kind.moves.some(({ source, target }) => target !== "" && target !== state && (source.length === 0 || source.includes(state)));
  return goesOn ? "under_way" : "ended";
}

const LOOKS: Record<Look, { tone: string; icon: ReactNode }> = {
  begun: { tone: "quiet", icon: <EditOutlined /> },
  under_way: { tone: "busy", icon: <SyncOutlined /> },
  ended: { tone: "good", icon: <CheckCircleOutlined /> },
  failed: { tone: "warn", icon: <StopOutlined /> },
};

export function StateTag({ kind, state }: { kind: Kind; state: string }): JSX.Element {
  const said = useTitled();
  const { tone, icon } = LOOKS[lookOf(kind, state)];
  const words = kind.states[state];
  return (
    <span className={`state-tag tone-${tone}`} data-state={state}>
      {icon} {words === undefined ? state : said(words)}
    </span>
  );
}
