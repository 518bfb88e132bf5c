import { useEffect, useMemo, useState, type JSX } from "react";

import type { Camera, StreamRole } from "../../api/client";
import { stepDown, type Grade } from "../../player/budget";
import { playable } from "../../player/capability";
import { troubleOf } from "../../player/live";
import { LiveStream } from "../../player/LiveStream";
import type { LiveState } from "../../player/machine";
import { Stills } from "../../player/Stills";
import type { WallBudget } from "./budget";
import type { Why } from "./tileState";

export interface LiveShown {
  state: LiveState;
  grade: Grade;
  /** Why it shows less than was asked for. */
  why: Why | null;
  takenMs: number | null;
  masked: boolean;
}

interface Props {
  camera: Camera;
  /** Selected or alone: the main stream. */
  large: boolean;
  muted: boolean;
  budget: WallBudget;
  /** Grows when the person asks for the full picture again. */
  restored: number;
  onShown: (shown: LiveShown) => void;
}

type Limit = { grade: Grade; why: Why };

const STILL_EVERY = 1000; // ms
const IDLE: LiveState = { kind: "connecting", attempt: 0 };

/** A live camera: the stream that fits the tile, changed only when the next one has a picture. */
export function LiveTile({ camera, large, muted, budget, restored, onShown }: Props): JSX.Element {
  const [limit, setLimit] = useState<Limit | null>(null);
  const [states, setStates] = useState<Partial<Record<StreamRole, LiveState>>>({});
  const [shownStream, setShownStream] = useState<StreamRole | null>(null);
  const [takenMs, setTakenMs] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null); // with stills
  const [masked, setMasked] = useState(false);

  useEffect(() => {
    setLimit((old) => (old?.why === "load" ? null : old));
  }, [restored, large]);

  const wanted = wantedGrade(camera, large);
  const { grade, why } = limited(wanted, limit, camera);
  const stream: StreamRole | null = grade === "still" ? null : grade;
  const front = stream === null ? null : shownStream !== null && states[shownStream]?.kind === "playing" ? shownStream : stream;
  const streams = [...new Set([front, stream])].filter((role): role is StreamRole => role !== null);

  const onState = (role: StreamRole, state: LiveState): void => {
    setStates((old) => ({ ...old, [role]: state }));
    if (state.kind === "playing" && role === stream) setShownStream(role);
    if (state.kind === "unplayable") setLimit({ grade: stepDown(role, camera.has_sub), why: "h265" });
  };
  const onTooMuch = (role: StreamRole): void => {
    if (role === stream && budget.allow(Date.now())) setLimit({ grade: stepDown(role, camera.has_sub), why: "load" });
  };

  const waiting = useMemo((): LiveState => ({ kind: "waiting", cause: trouble }), [trouble]);
  const state = stream === null && trouble !== null ? waiting : ((front === null ? undefined : states[front]) ?? IDLE);
  useEffect(() => onShown({ state, grade, why, takenMs, masked }), [state, grade, why, takenMs, masked]);

  const onStill = (taken: number | null, isMasked: boolean): void => {
    setTakenMs(taken);
    setMasked(isMasked);
    setTrouble(null);
  };
  if (stream === null) {
    return (
      <Stills
        camera={camera.id}
        moment={() => null}
        every={STILL_EVERY}
        jump={0}
        onPicture={onStill}
        onProblem={(_, code) => setTrouble(troubleOf(code))}
      />
    );
  }
  return (
    <>
      {streams.map((role) => (
        <LiveStream
          key={role}
          camera={camera.id}
          stream={role}
          muted={muted}
          behind={role !== front}
          onState={(next) => onState(role, next)}
          onTooMuch={() => onTooMuch(role)}
          onMasked={setMasked}
        />
      ))}
    </>
  );
}

function wantedGrade(camera: Camera, large: boolean): Grade {
  return large || !camera.has_sub ? "main" : "sub";
}

const ORDER: Record<Grade, number> = { main: 2, sub: 1, still: 0 };

function limited(wanted: Grade, limit: Limit | null, camera: Camera): { grade: Grade; why: Why | null } {
  if (wanted === "main" && !playable(camera.state?.codec)) {
    const codec: Limit = { grade: stepDown("main", camera.has_sub), why: "h265" };
    const lower = limit !== null && ORDER[limit.grade] < ORDER[codec.grade] ? limit : codec;
    return lower;
  }
  return limit !== null && ORDER[limit.grade] < ORDER[wanted] ? limit : { grade: wanted, why: null };
}
