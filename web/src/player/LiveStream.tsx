import { useEffect, useRef, type JSX } from "react";

import type { StreamRole } from "../api/client";
import { DropWatch } from "./budget";
import { LivePlayer } from "./live";
import type { LiveState } from "./machine";
import { openLive } from "./tickets";

interface Props {
  camera: string;
  stream: StreamRole;
  muted: boolean;
  /** A stream that is being prepared behind the one on the screen. */
  behind: boolean;
  onState: (state: LiveState) => void;
  /** More than 5 % of the frames were dropped for five seconds. */
  onTooMuch: () => void;
  /** Whether privacy masks are in what was opened. */
  onMasked: (masked: boolean) => void;
}

/** One live stream in one <video>. The element says who it is, so that tests can ask it for its frames. */
export function LiveStream({ camera, stream, muted, behind, onState, onTooMuch, onMasked }: Props): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer | null>(null);
  const callbacks = useRef({ onState, onTooMuch, onMasked });
  callbacks.current = { onState, onTooMuch, onMasked };

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const live = new LivePlayer({
      video: element,
      open: async (signal) => {
        const { url, masked } = await openLive(camera, stream, signal);
        if (!signal.aborted) callbacks.current.onMasked(masked);
        return url;
      },
      onState: (state) => callbacks.current.onState(state),
    });
    player.current = live;
    live.start();
    const drops = new DropWatch();
    const timer = window.setInterval(() => {
      const { totalVideoFrames, droppedVideoFrames } = element.getVideoPlaybackQuality();
      if (document.hidden) drops.reset();
      else if (drops.add({ total: totalVideoFrames, dropped: droppedVideoFrames })) {
        drops.reset();
        callbacks.current.onTooMuch();
      }
    }, 1000);
    return () => {
      window.clearInterval(timer);
      live.stop();
      player.current = null;
    };
  }, [camera, stream]);

  useEffect(() => player.current?.setMuted(muted || behind), [muted, behind, camera, stream]);

  return (
    <video
      ref={video}
      className={behind ? "picture behind" : "picture"}
      data-testid={behind ? "live-video-behind" : "live-video"}
      data-camera={camera}
      data-stream={stream}
      muted
      playsInline
      disablePictureInPicture
      tabIndex={-1}
      aria-hidden="true"
    />
  );
}
