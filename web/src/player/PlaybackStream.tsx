import { useEffect, useRef, type JSX } from "react";

import { isStepped, type WallClock } from "./clock";
import { PlaybackPlayer, type PlaybackState } from "./playback";
import { openPlayback } from "./tickets";

const FOLLOW_EVERY = 200; // ms
const EDGE = 6000; // ms; playing fast and this close to now has nothing more to read: go live

interface Props {
  camera: string;
  clock: WallClock;
  /** Its moment is the wall's moment. */
  leads: boolean;
  muted: boolean;
  onState: (state: PlaybackState) => void;
  /** Whether privacy masks are in what was opened. */
  onMasked: (masked: boolean) => void;
}

/** One camera's recording in one <video>, at the wall's moment. */
export function PlaybackStream({ camera, clock, leads, muted, onState, onMasked }: Props): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const current = useRef({ leads, onState, onMasked });
  current.current = { leads, onState, onMasked };

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    let state: PlaybackState = { kind: "loading" };
    let jump = -1;
    /** Its device plays it now: this goes, and says and moves nothing any more. */
    const isOver = (): boolean => clock.get().device === camera;
    const player = new PlaybackPlayer({
      video: element,
      open: async (startMs, endMs, signal) => {
        const ticket = await openPlayback(camera, startMs, endMs, signal);
        if (!signal.aborted) current.current.onMasked(ticket.masked);
        return ticket;
      },
      onState: (next) => {
        state = next;
        if (current.current.leads && !isOver()) clock.hold(next.kind === "loading");
        current.current.onState(next);
      },
    });

    const onClock = (): void => {
      const { mode, positionMs, playing, rate, jump: asked } = clock.get();
      if (mode !== "playback" || isStepped(rate) || isOver()) return; // no element plays so; its tile is about to step
      player.setRate(rate);
      if (asked !== jump) {
        jump = asked;
        player.seek(positionMs);
      }
      player.setPlaying(playing);
    };
    let seen = clock.get();
    onClock();
    const unsubscribe = clock.subscribe(() => {
      const now = clock.get();
      if (now.jump !== seen.jump || now.playing !== seen.playing || now.rate !== seen.rate) onClock();
      seen = now;
    });

    const timer = window.setInterval(() => {
      if (isOver()) return;
      const moment = player.moment();
      const { positionMs, rate, playing } = clock.get();
      if (current.current.leads && moment !== null && (state.kind === "playing" || state.kind === "paused")) {
        clock.report(moment, jump);
      } else if (current.current.leads && state.kind === "loading") {
        if (playing && rate > 1 && positionMs > Date.now() - EDGE) clock.live();
      } else {
        player.follow(positionMs);
      }
    }, FOLLOW_EVERY);

    return () => {
      window.clearInterval(timer);
      unsubscribe();
      if (current.current.leads && !isOver()) clock.hold(false);
      player.destroy();
    };
  }, [camera, clock]);

  useEffect(() => {
    if (video.current !== null) video.current.muted = muted;
  }, [muted]);

  return (
    <video
      ref={video}
      className="picture"
      data-testid="playback-video"
      data-camera={camera}
      muted
      playsInline
      disablePictureInPicture
      tabIndex={-1}
      aria-hidden="true"
    />
  );
}
