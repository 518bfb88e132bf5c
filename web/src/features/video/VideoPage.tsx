import { FullscreenOutlined, MenuFoldOutlined, MenuUnfoldOutlined } from "@ant-design/icons";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type JSX, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, type Camera, type Person } from "../../api/client";
import { useWallAlarms } from "../../api/gb-devices";
import { fetchStored } from "../../api/queries";
import { WallClock } from "../../player/clock";
import { useActions, type Action } from "../../shared/actions";
import { causeText } from "../../shared/i18n";
import { may } from "../../shared/rights";
import { readPreference, writePreference } from "../../shared/storage";
import { durationText, SECOND } from "../../shared/time";
import { ZOOM_STEP } from "../../timeline/view";
import { WallBudget } from "./budget";
import { CameraList } from "./CameraList";
import { useCopyActions, useCopying } from "./copying";
import type { JumpHandle } from "./JumpBox";
import { useMarkActions, useMarking } from "./marking";
import type { MarkPanelHandle } from "./MarkPanel";
import { MarkToast } from "./MarkToast";
import { PurposeSelect, usePurpose } from "./PurposeSelect";
import { Tile, useClockPart, type TileActions } from "./Tile";
import { TimePanel, type TimeKeys } from "./TimePanel";
import { useWall, type Change } from "./useWall";
import { clear, LAYOUTS, neighbour, place, shownTiles, tileFor, withLayout, type LayoutSize, type Wall } from "./wall";

const CopyPanel = lazy(() => import("./CopyPanel"));

const PLAYERS = 4; // recordings are main streams: more than four at once are stills
const TICK = 250; // ms

/** Live and playback on one page: the wall, the cameras beside it, time below it. All of it is in the address. */
export default function VideoPage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [wall, change, wallNow] = useWall();
  const clock = useWallClock(wall, change, wallNow);
  const mode = useClockPart(clock, "mode");
  const budget = useMemo(() => new WallBudget(), []);
  const [purpose, choosePurpose] = usePurpose();
  const [sounding, setSounding] = useState<string | null>(null);
  const [steered, setSteered] = useState<string | null>(null);
  const [listed, setListed] = useListed();
  const page = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const jump = useRef<JumpHandle>(null);
  const timeKeys = useRef<TimeKeys | null>(null);
  const tileActions = useTileActions(change, page, setSounding, setSteered);
  const markPanel = useRef<MarkPanelHandle>(null);
  const selectedNow = useCallback(() => wallNow().tiles[wallNow().selected] ?? null, [wallNow]);
  const marking = useMarking(clock, selectedNow);
  const marks = may(person, "mark");
  const copying = useCopying(may(person, "copy"), clock, marking.range, selectedNow);
  const notice = useSkipNotice(clock, wall.tiles[wall.selected] ?? null);

  const actions = useVideoActions({ wallNow, change, clock, page, search, jump, timeKeys, setListed, setSounding, setSteered });
  const markActions = useMarkActions(marking, markPanel);
  const copyActions = useCopyActions(copying);
  useActions(useMemo(() => [...actions, ...(marks ? markActions : []), ...copyActions], [marks, actions, markActions, copyActions]));

  const shown = shownTiles(wall);
  const players = playersOf(wall, shown);
  const hanging = useMemo(() => wall.tiles.filter((id) => id !== null), [wall.tiles]);
  const known = useKnown(hanging);
  const alarms = useWallAlarms(hanging);
  const lanes = shown.flatMap((n) => {
    const id = wall.tiles[n];
    const camera = known.get(id ?? "");
    if (camera === undefined) return [];
    return [{ id: camera.id, name: camera.name, sinceMs: Date.parse(camera.created_at), hasDevice: camera.has_device_storage }];
  });
  const selected = wall.tiles[wall.selected] ?? null;
  useEffect(() => setSteered((old) => (old === selected ? old : null)), [selected]); // whoever comes back to it takes it anew
  const device = useClockPart(clock, "device");
  const played = device === null ? -1 : shown.findIndex((n) => wall.tiles[n] === device);
  const leader = played !== -1 ? shown[played] : selected !== null && players.includes(wall.selected) ? wall.selected : players[0];

  return (
    <div className="video-page" ref={page} data-testid="video-page" data-mode={mode}>
      <h1 className="unseen">{t("video.title")}</h1>
      {listed && (
        <CameraList
          tiles={wall.tiles}
          mayAdd={person.roles.includes("registrar")}
          search={search}
          onChoose={(camera) => change((old) => place(old, camera, tileFor(old)))}
        />
      )}
      <div className="stage">
        <div className="toolbar">
          <Button
            type="text"
            icon={listed ? <MenuFoldOutlined /> : <MenuUnfoldOutlined />}
            title={`${t(listed ? "video.hideList" : "video.showList")} (B)`}
            aria-label={t(listed ? "video.hideList" : "video.showList")}
            aria-expanded={listed}
            onClick={() => setListed(!listed)}
          />
          <div className="layouts" role="group" aria-label={t("video.layout")}>
            {LAYOUTS.map((size, n) => (
              <button
                key={size}
                type="button"
                className="layout"
                aria-pressed={wall.layout === size}
                aria-label={t("video.layoutOf", { n: size })}
                title={`${t("video.layoutOf", { n: size })} (Alt+${n + 1})`}
                onClick={() => change((old) => withLayout(old, size))}
              >
                <LayoutIcon size={size} />
                <span>{size}</span>
              </button>
            ))}
          </div>
          <PurposeSelect value={purpose} onChange={choosePurpose} />
          <Button type="text" icon={<FullscreenOutlined />} title={`${t("video.fullScreen")} (F)`} aria-label={t("video.fullScreen")} onClick={() => fullScreen(page)} />
        </div>
        <div className={`wall wall-${wall.up ? 1 : wall.layout}`} data-testid="wall">
          {shown.map((n) => (
            <Tile
              key={`${n} ${purpose}`} // another purpose is another look: opened and registered anew
              n={n}
              id={wall.tiles[n] ?? null}
              alarm={alarms[wall.tiles[n] ?? ""]}
              selected={n === wall.selected}
              up={wall.up}
              alone={shown.length === 1}
              sounding={sounding !== null && sounding === wall.tiles[n]}
              steering={n === wall.selected && steered !== null && steered === wall.tiles[n]}
              clock={clock}
              budget={budget}
              plays={players.includes(n)}
              leads={n === leader}
              actions={tileActions}
            />
          ))}
        </div>
        <div className="notice" role="status" data-testid="notice">
          {notice}
        </div>
        {marks && <MarkToast marking={marking} />}
        <TimePanel clock={clock} cameras={lanes} selected={selected} jump={jump} marking={marks ? marking : null} markPanel={markPanel} copying={copying} keys={timeKeys} />
      </div>
      {copying.asked !== null && (
        <Suspense>
          <CopyPanel asked={copying.asked} name={known.get(copying.asked.camera ?? "")?.name ?? null} allowed={copying.allowed} close={copying.close} />
        </Suspense>
      )}
    </div>
  );
}

/** Tiles that play recordings: the selected one first, then in reading order. */
function playersOf(wall: Wall, shown: readonly number[]): number[] {
  const occupied = shown.filter((n) => wall.tiles[n] !== null);
  const first = occupied.filter((n) => n === wall.selected);
  return [...first, ...occupied.filter((n) => n !== wall.selected)].slice(0, PLAYERS);
}

/** One clock for the page; its jumps go into the address, and an address opened with a moment starts there. */
function useWallClock(wall: Wall, change: Change, wallNow: () => Wall): WallClock {
  const [clock] = useState(() => {
    const made = new WallClock();
    if (wall.atMs !== null) made.seek(wall.atMs, true);
    return made;
  });
  useEffect(() => {
    const timer = window.setInterval(() => clock.tick(), TICK);
    return () => window.clearInterval(timer);
  }, [clock]);
  useEffect(() => {
    let seen = clock.get();
    return clock.subscribe(() => {
      const now = clock.get();
      const turned = now.jump !== seen.jump || now.mode !== seen.mode || (seen.playing && !now.playing);
      seen = now;
      if (!turned) return;
      const atMs = now.mode === "live" ? null : Math.round(now.positionMs);
      change((old) => (old.atMs === atMs ? old : { ...old, atMs }));
    });
  }, [clock, change]);
  // Going back in the browser's history, or a pasted address.
  useEffect(() => {
    const { mode } = clock.get();
    const { atMs } = wallNow();
    if (atMs === null && mode === "playback") clock.live();
    else if (atMs !== null && mode === "live") clock.seek(atMs, true);
  }, [wall.atMs, wallNow, clock]);
  return clock;
}

function useListed(): [boolean, (listed: boolean | ((old: boolean) => boolean)) => void] {
  const [listed, set] = useState(() => readPreference("list") !== "hidden");
  useEffect(() => writePreference("list", listed ? "shown" : "hidden"), [listed]);
  return [listed, set];
}

/** The cameras of the lanes; the tiles ask the same questions, so this costs nothing more. */
function useKnown(ids: readonly string[]): Map<string, Camera> {
  const client = useQueryClient();
  const answers = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["camera", id],
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<Camera> =>
        ok(api.GET("/api/v1/cameras/{camera}", { params: { path: { camera: id } }, signal })),
      initialData: (): Camera | undefined => client.getQueryData<Camera>(["camera", id]),
    })),
  });
  return new Map(answers.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const])));
}

const NOTICE = 5000; // ms

/** Says which gap was stepped over, and why it is there. */
function useSkipNotice(clock: WallClock, camera: string | null): string | null {
  const { t } = useTranslation();
  const [notice, setNotice] = useState<string | null>(null);
  useEffect(() => {
    let timer = 0;
    clock.onSkip = (fromMs, toMs) => {
      const duration = durationText(toMs - fromMs);
      const say = (cause: string | null): void => {
        setNotice(t("video.skipped", { duration, cause: causeText(t, cause) }));
        window.clearTimeout(timer);
        timer = window.setTimeout(() => setNotice(null), NOTICE);
      };
      if (camera === null) return say(null);
      fetchStored(camera, fromMs - SECOND, toMs + SECOND, new AbortController().signal).then(
        ({ spans }) => say(spans.find(({ kind }) => kind === "missing")?.cause ?? null),
        () => say(null),
      );
    };
    return () => {
      window.clearTimeout(timer);
      clock.onSkip = () => undefined;
    };
  }, [clock, camera, t]);
  return notice;
}

type SetSounding = (change: (old: string | null) => string | null) => void;

function useTileActions(change: Change, page: RefObject<HTMLDivElement | null>, setSounding: SetSounding, setSteered: SetSounding): TileActions {
  return useMemo(() => {
    const focusTile = (tile: number): void =>
      void requestAnimationFrame(() => page.current?.querySelector<HTMLElement>(`[data-tile="${tile + 1}"]`)?.focus());
    const steer = (tile: number, chosen: (before: string | null, camera: string | null) => string | null): void =>
      change((old) => {
        const camera = old.tiles[tile] ?? null;
        setSteered((before) => chosen(before, camera));
        return old.selected === tile ? old : { ...old, selected: tile };
      });
    return {
      select: (tile) => change((old) => (old.selected === tile ? old : { ...old, selected: tile })),
      enlarge: (tile) => {
        change((old) => (old.layout === 1 || old.tiles[tile] === null ? old : { ...old, selected: tile, up: true }));
        focusTile(tile);
      },
      back: () => {
        change((old) => {
          focusTile(old.selected);
          return old.up ? { ...old, up: false } : old;
        });
      },
      remove: (tile) => change((old) => clear(old, tile)),
      drop: (tile, camera) => change((old) => place(old, camera, tile)),
      sound: (tile) =>
        change((old) => {
          const camera = old.tiles[tile] ?? null;
          setSounding((before) => (before === camera ? null : camera));
          return old;
        }),
      steer: (tile) => steer(tile, (before, camera) => (before === camera ? null : camera)),
      grasp: (tile) => steer(tile, (_, camera) => camera),
    };
  }, [change, page, setSounding, setSteered]);
}

interface ActionParts {
  wallNow: () => Wall;
  change: Change;
  clock: WallClock;
  page: RefObject<HTMLDivElement | null>;
  search: RefObject<HTMLInputElement | null>;
  jump: RefObject<JumpHandle | null>;
  timeKeys: RefObject<TimeKeys | null>;
  setListed: (change: (old: boolean) => boolean) => void;
  setSounding: SetSounding;
  setSteered: SetSounding;
}

function useVideoActions({ wallNow, change, clock, page, search, jump, timeKeys, setListed, setSounding, setSteered }: ActionParts): readonly Action[] {
  const { t } = useTranslation();
  const tiles = useTileActions(change, page, setSounding, setSteered);
  return useMemo(() => {
    const focusTile = (tile: number): void => page.current?.querySelector<HTMLElement>(`[data-tile="${tile + 1}"]`)?.focus();
    const arrow = (key: string): void => {
      const step = key.endsWith("ArrowRight") ? 1 : -1;
      if (clock.get().mode === "live" && wallNow().up) change((old) => ({ ...old, selected: neighbour(old, step) }));
      else clock.step(step * 10 * SECOND);
    };
    const select = (key: string): void => {
      const tile = Number(key) - 1;
      if (tile >= wallNow().layout) return;
      change((old) => ({ ...old, selected: tile }));
      if (!wallNow().up) focusTile(tile);
    };
    return [
      { id: "select", group: "groupWall", label: "keys.selectTile", keys: [..."123456789"], shown: ["1", "…", "9"], run: select },
      { id: "enlarge", group: "groupWall", label: "keys.enlarge", keys: ["Enter"], run: () => tiles.enlarge(wallNow().selected) },
      { id: "back", group: "groupWall", label: "keys.back", keys: ["Escape"], shown: ["Esc"], run: () => tiles.back() },
      { id: "layout", group: "groupWall", label: "keys.layout", keys: ["Alt+1", "Alt+2", "Alt+3", "Alt+4", "Alt+5"], shown: ["Alt+1", "…", "Alt+5"], run: (key) => change((old) => withLayout(old, LAYOUTS[Number(key.slice(4)) - 1] as LayoutSize)) },
      { id: "sound", group: "groupWall", label: "keys.sound", keys: ["a"], shown: ["A"], run: () => tiles.sound(wallNow().selected) },
      { id: "steer", group: "groupWall", label: "keys.steer", keys: ["p"], shown: ["P"], run: () => tiles.steer(wallNow().selected) },
      { id: "frame", group: "groupWall", label: "keys.frame", keys: ["z"], shown: ["P", "Z"], run: () => tiles.grasp(wallNow().selected) },
      { id: "speak", group: "groupWall", label: "keys.speak", keys: ["v"], shown: ["P", "V"], run: () => tiles.grasp(wallNow().selected) },
      { id: "remove", group: "groupWall", label: "keys.remove", keys: ["Delete"], shown: ["Del"], run: () => tiles.remove(wallNow().selected) },
      { id: "play", group: "groupTime", label: "keys.playPause", keys: [" "], shown: [t("keys.space")], run: () => (clock.get().playing ? clock.pause() : clock.play()) },
      { id: "step", group: "groupTime", label: "keys.step", keys: ["ArrowLeft", "ArrowRight"], shown: ["←", "→"], run: arrow },
      { id: "minute", group: "groupTime", label: "keys.stepMinute", keys: ["Shift+ArrowLeft", "Shift+ArrowRight"], shown: ["Shift+←", "Shift+→"], run: (key) => clock.step((key.endsWith("Right") ? 60 : -60) * SECOND) },
      { id: "speed", group: "groupTime", label: "keys.speed", keys: [",", "."], run: (key) => clock.changeRate(key === "." ? 1 : -1) },
      { id: "reverse", group: "groupTime", label: "keys.reverse", keys: ["j"], shown: ["J"], run: () => clock.reverse() },
      { id: "forward", group: "groupTime", label: "keys.forward", keys: ["k"], shown: ["K"], run: () => clock.forward() },
      { id: "device", group: "groupTime", label: "keys.device", keys: ["d"], shown: ["D"], run: () => timeKeys.current?.device() },
      { id: "jump", group: "groupTime", label: "keys.jump", keys: ["g"], shown: ["G"], run: () => jump.current?.focus() },
      { id: "live", group: "groupTime", label: "keys.live", keys: ["l"], shown: ["L"], run: () => clock.live() },
      { id: "gap", group: "groupTime", label: "keys.gap", keys: ["{", "}"], run: (key) => timeKeys.current?.gap(key === "}" ? 1 : -1) },
      { id: "zoom", group: "groupTime", label: "keys.zoom", keys: ["+", "=", "-"], shown: ["+", "−"], run: (key) => timeKeys.current?.zoom(key === "-" ? ZOOM_STEP : 1 / ZOOM_STEP) },
      { id: "full", group: "groupPage", label: "keys.fullScreen", keys: ["f"], shown: ["F"], run: () => fullScreen(page) },
      { id: "list", group: "groupPage", label: "keys.list", keys: ["b"], shown: ["B"], run: () => setListed((old) => !old) },
      {
        id: "search", group: "groupPage", label: "keys.search", keys: ["/"],
        run: () => {
          setListed(() => true);
          requestAnimationFrame(() => search.current?.focus());
        },
      },
    ] satisfies Action[];
  }, [wallNow, change, clock, page, search, jump, timeKeys, setListed, tiles, t]);
}

function fullScreen(page: RefObject<HTMLDivElement | null>): void {
  const request = document.fullscreenElement === null ? page.current?.requestFullscreen() : document.exitFullscreen();
  request?.catch(() => undefined); // refused by the browser's policy: the page stays as it is
}

const SHAPES: Record<LayoutSize, readonly [number, number, number, number][]> = {
  1: [[0, 0, 12, 12]],
  4: grid(2),
  6: [[0, 0, 8, 8], [8, 0, 4, 4], [8, 4, 4, 4], [0, 8, 4, 4], [4, 8, 4, 4], [8, 8, 4, 4]],
  9: grid(3),
  16: grid(4),
};

function grid(n: number): [number, number, number, number][] {
  const side = 12 / n;
  return Array.from({ length: n * n }, (_, i) => [(i % n) * side, Math.floor(i / n) * side, side, side]);
}

function LayoutIcon({ size }: { size: LayoutSize }): JSX.Element {
  return (
    <svg viewBox="-0.5 -0.5 13 13" width="16" height="16" aria-hidden="true">
      {SHAPES[size].map(([x, y, w, h]) => (
        <rect key={`${x}-${y}`} x={x + 0.4} y={y + 0.4} width={w - 0.8} height={h - 0.8} fill="none" stroke="currentColor" strokeWidth="0.9" />
      ))}
    </svg>
  );
}
