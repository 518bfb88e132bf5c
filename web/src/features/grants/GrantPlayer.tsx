import { PauseOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { Button, Slider } from "antd";
import { useEffect, useRef, useState, type JSX, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { openGranted, type Grant } from "../../api/access";
import { MarkGone, useMark, type MarkState } from "../../player/Marked";
import { PlaybackPlayer, type PlaybackState, type PlaybackTicket } from "../../player/playback";
import { MaskedBadge } from "../../player/MaskedBadge";
import { causeText } from "../../shared/i18n";
import { Loading } from "../../shared/States";
import { civilText, SECOND } from "../../shared/time";

const LOOK_EVERY = 200; // ms

/** One camera's granted interval, and nothing beside it: the server gives no other. The viewer's mark lies over it. */
export function GrantPlayer(props: { grant: Grant; camera: string; unmask: boolean }): JSX.Element {
  const mark = useMark();
  if (!mark.known) return <Loading />;
  return mark.gone ? <div className="grant-picture"><MarkGone again={mark.again} /></div> : <Player {...props} anchor={mark.anchor} />;
}

function Player({ grant, camera, unmask, anchor }: { grant: Grant; camera: string; unmask: boolean; anchor: MarkState["anchor"] }): JSX.Element {
  const { t } = useTranslation();
  const beginMs = Date.parse(grant.begin);
  const [endMs] = useState(() => Math.min(Date.parse(grant.end), Date.now())); // a share may reach into what is to come
  const video = useRef<HTMLVideoElement>(null);
  const { player, state, atMs, masked } = usePlayer(video, grant, camera, unmask, beginMs);
  const plays = state.kind === "playing";
  const hasEnded = state.kind === "gap" && atMs > beginMs;
  return (
    <section className="grant-player" aria-label={t("grants.interval")}>
      <div className="grant-picture">
        <video ref={video} className="picture" data-testid="grant-video" muted playsInline disablePictureInPicture tabIndex={-1} aria-hidden="true" />
        <span ref={anchor} hidden />
        {masked && <div className="tile-badges"><MaskedBadge /></div>}
      </div>
      <div className="grant-controls">
        <Button icon={plays ? <PauseOutlined /> : <PlayCircleOutlined />} onClick={() => player.current?.setPlaying(!plays)}>
          {t(plays ? "grants.pause" : "grants.start")}
        </Button>
        <Slider
          className="grant-slider"
          ariaLabelForHandle={t("grants.position")}
          min={beginMs}
          max={endMs - SECOND}
          step={SECOND}
          value={Math.min(atMs, endMs - SECOND)}
          tooltip={{ formatter: (ms) => civilText(ms ?? beginMs) }}
          onChange={(ms: number) => player.current?.seek(ms)}
        />
        <span className="digits nowrap" data-testid="grant-moment" data-ms={Math.round(atMs)}>{civilText(atMs)}</span>
      </div>
      <p className="fine" role="status" data-testid="grant-state" data-state={hasEnded ? "ended" : state.kind}>
        {hasEnded ? t("grants.ended") : wordOf(t, state)}
        {state.kind === "error" && state.cause !== undefined && ` ${causeText(t, state.cause)}`}
      </p>
    </section>
  );
}

interface Playing {
  player: RefObject<PlaybackPlayer | null>;
  state: PlaybackState;
  /** The moment shown last. */
  atMs: number;
  masked: boolean;
}

function usePlayer(video: RefObject<HTMLVideoElement | null>, grant: Grant, camera: string, unmask: boolean, beginMs: number): Playing {
  const player = useRef<PlaybackPlayer | null>(null);
  const held = useRef(grant);
  const [state, setState] = useState<PlaybackState>({ kind: "loading" });
  const [atMs, setAtMs] = useState(beginMs);
  const [masked, setMasked] = useState(false);
  useEffect(() => {
    if (video.current === null) return;
    const open = async (_start: number, _end: number, signal: AbortSignal): Promise<PlaybackTicket> => {
      const ticket = await openGranted(held.current, camera, unmask, signal);
      setMasked(ticket.masked);
      return ticket;
    };
    let begun = false;
    const onState = (next: PlaybackState): void => {
      const first = made.earliest();
      if (next.kind === "gap" && !begun && first !== null) made.seek(first); // it begins with the first key frame in it
      else setState(next);
      begun ||= first !== null;
    };
    const made: PlaybackPlayer = new PlaybackPlayer({ video: video.current, open, onState });
    player.current = made;
    made.seek(beginMs);
    const timer = window.setInterval(() => setAtMs((old) => made.moment() ?? old), LOOK_EVERY);
    return () => {
      window.clearInterval(timer);
      made.destroy();
    };
  }, [video, camera, unmask, beginMs]);
  return { player, state, atMs, masked };
}

function wordOf(t: (key: string) => string, { kind }: PlaybackState): string {
  const key = { loading: "loading", refused: "refused", error: "failed", unplayable: "unplayable", gap: "failed" }[kind as string];
  return key === undefined ? t("grants.registered") : t(`grants.${key}`);
}
