import { useEffect, useRef, type JSX } from "react";

import type { WallClock } from "./clock";
import { momentOf, ordersFor, positionIn, type Order, type Position } from "./device";
import { LivePlayer } from "./live";
import type { LiveState } from "./machine";
import { openDevicePlayback, type DeviceTicket } from "./tickets";

const FOLLOW_EVERY = 200; // ms
const CONNECTING = "device_connecting";

interface Props {
  camera: string;
  clock: WallClock;
  muted: boolean;
  onState: (state: LiveState) => void;
}

/** What a camera's device has stored itself, in one <video>. It leads the wall's clock. */
export function DeviceStream({ camera, clock, muted, onState }: Props): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer | null>(null);
  const callbacks = useRef(onState);
  callbacks.current = onState;

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    let ticket: DeviceTicket | null = null;
    let position: Position | null = null;
    let shows = false;
    let seen = clock.get();
    const say = (order: Order): void => playing.say({ ...order });
    const playing = new LivePlayer({
      video: element,
      open: async (signal) => {
        position = null;
        seen = { ...clock.get(), playing: true, rate: 1 }; // as a call begins
        ticket = await openDevicePlayback(camera, seen.positionMs, signal);
        return ticket.url;
      },
      onState: (state) => {
        shows = state.kind === "playing";
        clock.hold(!shows);
        if (state.kind === "waiting" && state.cause !== null && state.cause !== CONNECTING) clock.pause(); // it is over until somebody wants more
        callbacks.current(state);
      },
      onTold: (message) => {
        const told = positionIn(message);
        if (told !== null) {
          const isFirst = position === null;
          position = told;
          if (isFirst) onClock();
        } else if (message.type === "refused") {
          clock.setRate(1); // it has no such speed
        }
      },
    });
    const onClock = (): void => {
      const now = clock.get();
      if (position === null || now.device !== camera) return;
      const orders = ordersFor(seen, now);
      const isOutside = ticket !== null && (now.positionMs < ticket.startMs || now.positionMs >= ticket.endMs);
      const jumps = now.jump !== seen.jump;
      seen = now;
      if (jumps && isOutside) playing.reopen();
      else orders.forEach(say);
    };
    player.current = playing;
    const unsubscribe = clock.subscribe(onClock);
    playing.start();

    const timer = window.setInterval(() => {
      if (shows && position !== null) clock.report(momentOf(position, element.currentTime), seen.jump);
    }, FOLLOW_EVERY);
    return () => {
      window.clearInterval(timer);
      unsubscribe();
      clock.hold(false);
      playing.stop();
      player.current = null;
    };
  }, [camera, clock]);

  useEffect(() => player.current?.setMuted(muted), [muted, camera]);

  return (
    <video
      ref={video}
      className="picture"
      data-testid="device-video"
      data-camera={camera}
      muted
      playsInline
      disablePictureInPicture
      tabIndex={-1}
      aria-hidden="true"
    />
  );
}
