import { lazy, Suspense, useEffect, useState, useSyncExternalStore, type JSX } from "react";

import type { Camera } from "../../api/client";
import { playable } from "../../player/capability";
import { isStepped, type WallClock } from "../../player/clock";
import { failedFor, type PlaybackState } from "../../player/playback";
import { PlaybackStream } from "../../player/PlaybackStream";
import { Stills } from "../../player/Stills";
import type { Why } from "./tileState";

export interface PlaybackShown {
  state: PlaybackState;
  still: boolean;
  why: Why | null;
  takenMs: number | null;
  masked: boolean;
}

interface Props {
  camera: Camera;
  clock: WallClock;
  leads: boolean;
  muted: boolean;
  /** False when too many tiles play at once: stills. */
  plays: boolean;
  jump: number;
  playing: boolean;
  onShown: (shown: PlaybackShown) => void;
}

const Steps = lazy(() => import("../../player/Steps"));

const STILL_EVERY = 1000; // ms
const STILL_SELDOM = 5000; // ms, where stills stand in for number's sake

/** A camera's recording at the wall's moment. */
export function PlaybackTile({ camera, clock, leads, muted, plays, jump, playing, onShown }: Props): JSX.Element {
  const [state, setState] = useState<PlaybackState>({ kind: "loading" });
  const [refusedCodec, setRefusedCodec] = useState(false);
  const [stillState, setStillState] = useState<PlaybackState>({ kind: "loading" });
  const [takenMs, setTakenMs] = useState<number | null>(null);
  const [masked, setMasked] = useState(false);

  const undecodable = refusedCodec || !playable(camera.state?.codec);
  const stepping = useSyncExternalStore(clock.subscribe, () => isStepped(clock.get().rate)) && plays;
  const still = stepping || undecodable || !plays;
  const why: Why | null = stepping ? null : undecodable ? "h265" : plays ? null : "many";
  const shown = still ? stillState : state;
  useEffect(() => onShown({ state: shown, still, why, takenMs, masked }), [shown, still, why, takenMs, masked]);

  useEffect(() => {
    setState({ kind: "loading" });
    setStillState({ kind: "loading" });
  }, [stepping]);

  const onPicture = (taken: number | null, isMasked: boolean): void => {
    setTakenMs(taken);
    setMasked(isMasked);
    setStillState({ kind: "playing" });
  };
  if (stepping) {
    return (
      <Suspense fallback={null}>
        <Steps camera={camera.id} clock={clock} leads={leads} onPicture={onPicture} onState={setStillState} />
      </Suspense>
    );
  }
  if (!still) {
    const onState = (next: PlaybackState): void => {
      setState(next);
      if (next.kind === "unplayable") setRefusedCodec(true);
    };
    return <PlaybackStream camera={camera.id} clock={clock} leads={leads} muted={muted} onState={onState} onMasked={setMasked} />;
  }
  return (
    <Stills
      camera={camera.id}
      moment={() => clock.get().positionMs}
      every={playing ? (undecodable ? STILL_EVERY : STILL_SELDOM) : 0}
      jump={jump}
      onPicture={onPicture}
      onProblem={(status, code) => setStillState(status === 404 ? { kind: "gap" } : status === 403 ? { kind: "refused", status, code } : failedFor(code))}
    />
  );
}
