import {
  AudioOutlined, ControlOutlined, CloseOutlined, DisconnectOutlined, ExpandOutlined, CompressOutlined, LoadingOutlined, MutedOutlined, PauseOutlined,
  PlayCircleOutlined, SoundOutlined, StopOutlined, SyncOutlined, WarningOutlined,
} from "@ant-design/icons";
import { lazy, memo, Suspense, useEffect, useState, useSyncExternalStore, type DragEvent, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { useControl } from "../../api/control";
import type { Alarm } from "../../api/gb-devices";
import { useCamera, useSession } from "../../api/queries";
import type { WallClock } from "../../player/clock";
import type { LiveState } from "../../player/machine";
import { Marked } from "../../player/Marked";
import { MaskedBadge } from "../../player/MaskedBadge";
import { causeText } from "../../shared/i18n";
import { articleOf } from "../../shared/law";
import { Ground } from "../../shared/LawLink";
import { may } from "../../shared/rights";
import { clockText, SECOND } from "../../shared/time";
import { AlarmBadge } from "./AlarmBadge";
import type { WallBudget } from "./budget";
import { GapPanel } from "./GapPanel";
import { DeviceTile } from "./DeviceTile";
import { LiveTile, type LiveShown } from "./LiveTile";
import { PlaybackTile, type PlaybackShown } from "./PlaybackTile";
import { clockOffSeconds, deviceWord, liveWord, playbackWord, type TileWord, type Tone } from "./tileState";

const PtzPad = lazy(() => import("./control/PtzPad"));

const CONTROL_EVERY = 5 * SECOND; // how often a tile asks who turns its camera

export const DRAG_TYPE = "application/x-bingjian-camera";

export interface TileActions {
  select: (tile: number) => void;
  enlarge: (tile: number) => void;
  back: () => void;
  remove: (tile: number) => void;
  drop: (tile: number, camera: string) => void;
  sound: (tile: number) => void;
  steer: (tile: number) => void;
  /** Steer it, if it is not steered yet: what its pad's own keys do when no pad is there. */
  grasp: (tile: number) => void;
}

interface Props {
  n: number;
  id: string | null;
  /** Of this camera, the newest that nobody has handled. */
  alarm: Alarm | undefined;
  selected: boolean;
  up: boolean;
  alone: boolean;
  sounding: boolean;
  steering: boolean;
  clock: WallClock;
  budget: WallBudget;
  plays: boolean;
  leads: boolean;
  actions: TileActions;
}

/** One pane of the wall, whatever hangs in it. */
export const Tile = memo(function Tile(props: Props): JSX.Element {
  const { n, id, selected, actions } = props;
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const drops = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      const camera = event.dataTransfer.getData(DRAG_TYPE);
      if (camera === "") return;
      event.preventDefault();
      actions.drop(n, camera);
    },
  };
  const look = `tile${selected ? " selected" : ""}${over ? " over" : ""}`;
  const focus = { tabIndex: 0, onFocus: () => actions.select(n), onPointerDown: () => actions.select(n) };
  if (id === null) {
    return (
      <section className={`${look} vacant`} data-testid="tile" data-tile={n + 1} aria-label={t("video.tileEmpty", { n: n + 1 })} {...drops} {...focus}>
        <span className="tile-number">{n + 1}</span>
        <p>{t("video.empty")}</p>
        <p className="fine">{t("video.emptyHint")}</p>
      </section>
    );
  }
  return <Occupied key={id} {...props} id={id} look={look} handlers={{ ...drops, ...focus }} />;
});

type OccupiedProps = Props & { id: string; look: string; handlers: object };

function Occupied(props: OccupiedProps): JSX.Element {
  const { n, id, alarm, selected, up, alone, sounding, steering, clock, budget, plays, leads, actions, look, handlers } = props;
  const { t } = useTranslation();
  const camera = useCamera(id);
  const mode = useClockPart(clock, "mode");
  const jump = useClockPart(clock, "jump");
  const playing = useClockPart(clock, "playing");
  const fromDevice = useClockPart(clock, "device") === id;
  const [device, setDevice] = useState<LiveState>({ kind: "connecting", attempt: 0 });
  const [live, setLive] = useState<LiveShown | null>(null);
  const [playback, setPlayback] = useState<PlaybackShown | null>(null);
  const [restored, setRestored] = useState(0);
  useEffect(() => {
    setLive(null);
    setPlayback(null);
  }, [mode, fromDevice]);

  const person = useSession().data;
  const mayTurn = person != null && may(person, "control") && mode === "live" && camera.data !== undefined;
  const control = useControl(id, mayTurn && selected, CONTROL_EVERY).data;
  const canControl = mayTurn && control !== undefined && (control.is_turnable || control.can_speak);
  const refused = camera.error instanceof Problem ? camera.error.status : 0;
  const known = camera.data;
  const state = known?.state ?? null;
  const word: TileWord =
    known === undefined && refused >= 400 && refused < 500
      ? { key: refused === 403 ? "video.states.refused" : "video.states.gone", tone: "bad", code: camera.error instanceof Problem ? camera.error.code : null }
      : mode === "live"
        ? liveWord(live?.state ?? { kind: "connecting", attempt: 0 }, live?.grade === "still" && live.takenMs !== null && live.state.kind !== "waiting", state, Date.now())
        : fromDevice
          ? deviceWord(device, playing)
          : playbackWord(playback?.state ?? { kind: "loading" }, playback?.still ?? false);
  const still = mode === "live" ? live?.grade === "still" : playback?.still === true;
  const why = mode === "live" ? (live?.why ?? null) : (playback?.why ?? null);
  const takenMs = mode === "live" ? (live?.takenMs ?? null) : (playback?.takenMs ?? null);
  const masked = (mode === "live" ? live : playback)?.masked === true;
  const cause = word.cause ? causeText(t, word.cause) : null;
  const kind = t(word.key, word.values ?? {});
  const said = cause === null ? kind : `${kind} · ${cause}`;
  const name = known?.name ?? "…";
  const gap = mode === "playback" && playback?.state.kind === "gap";

  return (
    <section
      className={look}
      data-testid="tile"
      data-tile={n + 1}
      data-camera={id}
      data-tone={word.tone}
      aria-label={t("video.tileName", { n: n + 1, name, state: said })}
      aria-current={selected}
      onDoubleClick={() => (up ? actions.back() : actions.enlarge(n))}
      {...handlers}
    >
      <Marked>
        {known !== undefined && mode === "live" && (
          <LiveTile camera={known} large={selected || alone} muted={!sounding} budget={budget} restored={restored} onShown={setLive} />
        )}
        {known !== undefined && fromDevice && <DeviceTile camera={known} clock={clock} muted={!sounding} onShown={setDevice} />}
        {known !== undefined && mode === "playback" && !fromDevice && (
          <PlaybackTile camera={known} clock={clock} leads={leads} muted={!sounding} plays={plays} jump={jump} playing={playing} onShown={setPlayback} />
        )}
      </Marked>
      {gap && <GapPanel camera={id} clock={clock} leads={leads || alone} />}
      {word.tone !== "good" && !gap && <Overlay word={word} said={said} refused={word.key === "video.states.refused"} />}
      {steering && canControl && (
        <Suspense>
          <PtzPad camera={id} name={name} close={() => actions.steer(n)} />
        </Suspense>
      )}
      <div className="tile-badges">
        <AlarmBadge alarm={alarm} />
        {control?.controller != null && !control.controller.is_me && <Badge title={t("video.controlledBy", { name: control.controller.name })}>{t("video.controlledBy", { name: control.controller.name })}</Badge>}
        {masked && <MaskedBadge />}
        {fromDevice && <Badge title={t("video.device.hint")}>{t("video.device.badge")}</Badge>}
        {still && (
          <Badge title={why === null ? t("video.still") : t(`video.stillWhy.${why}`)}>
            {t("video.still")}
            {takenMs !== null && <span className="digits"> {clockText(takenMs)}</span>}
          </Badge>
        )}
        {!still && why !== null && why !== "many" && <Badge title={t(`video.subWhy.${why}`)}>{why === "h265" ? "H.265" : t("video.degraded")}</Badge>}
        {why === "load" && (
          <button type="button" className="tile-badge" onClick={() => setRestored((old) => old + 1)}>
            {t("video.restore")}
          </button>
        )}
        <ClockBadge seconds={clockOffSeconds(state)} />
      </div>
      <footer className="tile-bar">
        <span className="tile-number">{n + 1}</span>
        <span className="tile-name" title={name}>
          {name}
        </span>
        <span className={`tile-word tone-${word.tone}`} data-testid="tile-state" title={said}>
          {ICONS[word.tone]}
          <span>{said}</span>
        </span>
        <span className="tile-tools">
          {hasSound(state?.audio) && !still && (
            <Tool label={t(sounding ? "video.soundOff" : "video.soundOn")} onClick={() => actions.sound(n)} pressed={sounding}>
              {sounding ? <SoundOutlined /> : <MutedOutlined />}
            </Tool>
          )}
          {canControl && (
            <Tool label={t(steering ? "video.steerEnd" : control.is_turnable ? "video.steer" : "video.speak")} onClick={() => actions.steer(n)} pressed={steering}>
              {control.is_turnable ? <ControlOutlined /> : <AudioOutlined />}
            </Tool>
          )}
          {!alone && (
            <Tool label={t("video.enlarge")} onClick={() => actions.enlarge(n)}>
              <ExpandOutlined />
            </Tool>
          )}
          {up && (
            <Tool label={t("video.shrink")} onClick={() => actions.back()}>
              <CompressOutlined />
            </Tool>
          )}
          <Tool label={t("video.remove")} onClick={() => actions.remove(n)}>
            <CloseOutlined />
          </Tool>
        </span>
      </footer>
    </section>
  );
}

const hasSound = (audio: string | null | undefined): boolean => audio !== null && audio !== undefined && audio !== "";

const ICONS: Record<Tone, ReactNode> = {
  good: <PlayCircleOutlined />,
  busy: <LoadingOutlined />,
  warn: <SyncOutlined />,
  bad: <DisconnectOutlined />,
  quiet: <PauseOutlined />,
};

function Overlay({ word, said, refused }: { word: TileWord; said: string; refused: boolean }): JSX.Element | null {
  const { t } = useTranslation();
  if (word.tone === "quiet") return null;
  const code = refused ? (word.code ?? "") : "";
  const article = articleOf(code);
  return (
    <div className={`tile-overlay tone-${word.tone}`} aria-hidden={article === null}>
      {refused ? <StopOutlined /> : ICONS[word.tone]}
      <span>{said}</span>
      {refused && (
        <span className="fine">
          {t("video.refusedHint")} {article !== null && <Ground article={article} code={code} aside />}
        </span>
      )}
    </div>
  );
}

function Badge({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  return (
    <span className="tile-badge" title={title} data-testid="tile-badge">
      {children}
    </span>
  );
}

function ClockBadge({ seconds }: { seconds: number | null }): JSX.Element | null {
  const { t } = useTranslation();
  if (seconds === null) return null;
  return (
    <span className="tile-badge warn">
      <WarningOutlined /> {t("video.clockOff", { seconds: seconds > 0 ? `+${seconds}` : String(seconds).replace("-", "−") })}
    </span>
  );
}

function Tool(props: { label: string; onClick: () => void; pressed?: boolean; children: ReactNode }): JSX.Element {
  const { label, onClick, pressed, children } = props;
  const act = (event: { stopPropagation: () => void }): void => {
    event.stopPropagation();
    onClick();
  };
  return (
    <button
      type="button"
      className="tile-tool"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      onClick={act}
      onDoubleClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
    >
      {children}
    </button>
  );
}

export function useClockPart<K extends keyof ReturnType<WallClock["get"]>>(clock: WallClock, part: K): ReturnType<WallClock["get"]>[K] {
  return useSyncExternalStore(clock.subscribe, () => clock.get()[part]);
}

