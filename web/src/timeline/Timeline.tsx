import { useCallback, useEffect, useLayoutEffect, useRef, useState, type JSX, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { causeText } from "../shared/i18n";
import { usePreferences } from "../shared/Preferences";
import { clockText, dateTimeText, durationText, SECOND } from "../shared/time";
import { coloursOf, draw, laneAt, type Lane, type Scene } from "./draw";
import { clampToNow, edgePan, pan, spanAt, timeAt, xOf, zoom, ZOOM_STEP, type Span, type View } from "./view";

interface Props {
  lanes: readonly (Lane & { name: string })[];
  positionMs: number;
  nowMs: number;
  live: boolean;
  view: View;
  range?: NonNullable<Scene["range"]>;
  onView: (change: (view: View) => View) => void;
  /** `lane`: the id of the one that was clicked; null: the ruler, the head or a key. */
  onSeek: (ms: number, lane: string | null) => void;
  onLive: () => void;
  /** The person moved the view by hand: don't turn the page under the pointer. */
  onTouched: () => void;
  /** A picture of the selected camera at a moment not after now, for the tip. */
  picture?: (at: PictureAt) => ReactNode;
}

export interface PictureAt {
  ms: number;
  x: number;
  recorded: boolean;
}

type Drag = { kind: "seek" | "pan"; fromX: number; x: number; moved: boolean; startMs: number };
type Hover = { x: number; y: number };

const KEYED = 5 * SECOND;
const CLICK = 4; // pixels a click may tremble

/**
 * What is stored of the cameras on the wall, over time. Drag the ruler or the head to seek, the lanes to move,
 * wheel to zoom; every gesture has a key.
 */
export function Timeline(props: Props): JSX.Element {
  const { lanes, positionMs, nowMs, live, view, range, onView, onSeek, onLive, onTouched, picture } = props;
  const { t } = useTranslation();
  usePreferences(); // a new theme draws anew
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<Drag | null>(null);
  const [scrub, setScrub] = useState<number | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const [keyed, setKeyed] = useState<number | null>(null); // where a key has left the head
  const [heightPx, setHeight] = useState(84);

  const shownMs = scrub ?? positionMs;
  const scene: Scene = { view, lanes, positionMs: shownMs, live: live && scrub === null, nowMs, hoverX: hover?.x ?? null, heightPx, ...(range === undefined ? {} : { range }) };
  const latest = useRef({ view, nowMs, onView, onTouched });
  latest.current = { view, nowMs, onView, onTouched };

  useSize(box, (width, height) => {
    if (height > 0) setHeight(height);
    if (width > 0 && width !== latest.current.view.widthPx) latest.current.onView((old) => ({ ...old, widthPx: width }));
  });

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (element === null || context === null || context === undefined) return;
    const dpr = window.devicePixelRatio || 1;
    const width = Math.round(view.widthPx * dpr);
    const height = Math.round(heightPx * dpr);
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    }
    draw(context, scene, coloursOf(element), dpr, `12px ${getComputedStyle(element).fontFamily}`);
  });

  // React attaches wheel listeners as passive; zooming must keep the page still.
  useEffect(() => {
    const element = box.current;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { onView: change, nowMs: now, onTouched: touched } = latest.current;
      touched();
      const x = event.clientX - (element?.getBoundingClientRect().left ?? 0);
      change((old) => {
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
          const pixels = event.deltaX === 0 ? event.deltaY : event.deltaX;
          return clampToNow(pan(old, (pixels / old.widthPx) * old.spanMs), now);
        }
        return clampToNow(zoom(old, event.deltaY > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, x), now);
      });
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, []);

  const at = (event: PointerEvent): Hover => {
    const rect = box.current?.getBoundingClientRect();
    return { x: event.clientX - (rect?.left ?? 0), y: event.clientY - (rect?.top ?? 0) };
  };

  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const { x, y } = at(event);
    const onHead = Math.abs(x - xOf(view, shownMs)) < 10;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { kind: onHead || y < 24 ? "seek" : "pan", fromX: x, x, moved: false, startMs: view.startMs };
    if (drag.current.kind === "seek") setScrub(timeAt(view, x));
  };

  const onPointerMove = (event: PointerEvent): void => {
    const here = at(event);
    setHover(here);
    setKeyed(null);
    const held = drag.current;
    if (held === null) return;
    held.x = here.x;
    held.moved ||= Math.abs(here.x - held.fromX) > CLICK;
    if (held.kind === "seek") {
      setScrub(Math.min(nowMs, timeAt(view, here.x)));
    } else if (held.moved) {
      onTouched();
      const ms = ((here.x - held.fromX) / view.widthPx) * view.spanMs;
      onView((old) => clampToNow({ ...old, startMs: held.startMs - ms }, nowMs));
    }
  };

  const onPointerUp = (event: PointerEvent): void => {
    const held = drag.current;
    drag.current = null;
    setScrub(null);
    if (held === null) return;
    const { x, y } = at(event);
    const ms = timeAt(view, x);
    const n = held.kind === "seek" ? null : laneAt(scene, y);
    if (held.kind === "seek" || !held.moved) (ms >= nowMs ? onLive : () => onSeek(ms, n === null ? null : (lanes[n]?.id ?? null)))();
  };

  const cancel = (): void => {
    drag.current = null;
    setScrub(null);
  };

  // Holding the head near an edge moves the view under it.
  const scrubbing = scrub !== null;
  useEffect(() => {
    if (!scrubbing) return;
    const timer = window.setInterval(() => {
      const held = drag.current;
      if (held === null) return;
      const { view: now, nowMs: limit, onView: change } = latest.current;
      const speed = edgePan(now, held.x);
      if (speed === 0 || !held.moved) return;
      const moved = clampToNow(pan(now, speed / 30), limit);
      change(() => moved);
      setScrub(Math.min(limit, timeAt(moved, held.x)));
    }, 33);
    return () => window.clearInterval(timer);
  }, [scrubbing]);

  // The head is seen where a key left it, until it has played on from there.
  const headX = xOf(view, shownMs);
  const keyedTip = keyed !== null && !live && Math.abs(shownMs - keyed) < KEYED && headX >= 0 && headX <= view.widthPx;

  const onKeyDown = (event: KeyboardEvent): void => {
    const tipped = keyedTip && event.key === "Escape";
    const action = keyAction(event.key, event.shiftKey, view);
    if (action === null && !tipped) return;
    event.preventDefault();
    event.stopPropagation();
    event.nativeEvent.stopImmediatePropagation();
    if (action === null) return setKeyed(null);
    if ("zoom" in action) {
      setKeyed(positionMs);
      onView((old) => clampToNow(zoom(old, action.zoom, xOf(old, positionMs)), nowMs));
    } else if (action.step === Infinity) {
      onLive();
    } else {
      const to = action.step === -Infinity ? (earliest(lanes) ?? positionMs) : positionMs + action.step;
      setKeyed(to);
      onSeek(to, null);
    }
  };

  const selected = lanes.find((lane) => lane.selected) ?? lanes[0];
  const describe = useCallback(
    (span: Span | null, isDevice = false): string => {
      if (isDevice) return t(span === null ? "timeline.deviceNothing" : "timeline.devicePresent");
      if (span === null) return t("timeline.nothing");
      if (span.kind === "missing") return t("timeline.gap", { cause: causeText(t, span.cause) });
      if (span.recoveredFrom === "device") return t("timeline.fetched", { time: dateTimeText(span.fetchedMs ?? span.endMs) });
      return span.recoveredFrom === "hold" ? t("timeline.recovered") : t("timeline.present");
    },
    [t],
  );
  const stored = live ? t("timeline.live") : describe(selected === undefined ? null : spanAt(selected.spans, shownMs));
  const mark = markAt(selected, shownMs);
  const alarm = isAlarmAt(selected, shownMs) ? `, ${t("timeline.alarm")}` : "";
  const held = lanes.find((lane) => lane.device === true);
  const also = held === undefined || live ? stored : `${stored}, ${describe(spanAt(held.spans, shownMs), true)}`;
  const what = mark === null ? also + alarm : `${also}, ${t("timeline.marked", { reason: mark.reason })}${alarm}`;
  const earliestMs = earliest(lanes) ?? nowMs;
  const tip = hover ?? (keyedTip ? { x: headX, y: 0 } : null);

  return (
    <div
      ref={box}
      className="timeline"
      role="slider"
      tabIndex={0}
      data-testid="timeline"
      aria-label={t("timeline.label")}
      aria-description={t("timeline.hint")}
      aria-valuemin={Math.floor(Math.min(earliestMs, shownMs) / SECOND)}
      aria-valuemax={Math.floor(Math.max(nowMs, shownMs) / SECOND)}
      aria-valuenow={Math.floor(shownMs / SECOND)}
      aria-valuetext={t("timeline.value", { time: dateTimeText(shownMs), what })}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={cancel}
      onPointerLeave={() => setHover(null)}
      onKeyDown={onKeyDown}
      onBlur={() => setKeyed(null)}
    >
      <canvas ref={canvas} />
      {tip !== null && <Tip hover={tip} scene={scene} lanes={lanes} selected={selected} scrubbing={scrubbing} describe={describe} picture={picture} />}
    </div>
  );
}

type KeyAction = { zoom: number } | { step: number } | null;

/** Arrows ±10 s, with Shift ±60 s; Page keys half a view; Home earliest, End live. */
function keyAction(key: string, shift: boolean, view: View): KeyAction {
  const step = shift ? 60 * SECOND : 10 * SECOND;
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return { step: -step };
    case "ArrowRight":
    case "ArrowUp":
      return { step };
    case "PageUp":
      return { step: view.spanMs / 2 };
    case "PageDown":
      return { step: -view.spanMs / 2 };
    case "Home":
      return { step: -Infinity };
    case "End":
      return { step: Infinity };
    case "+":
    case "=":
      return { zoom: 1 / ZOOM_STEP };
    case "-":
    case "_":
      return { zoom: ZOOM_STEP };
    default:
      return null;
  }
}

function markAt(lane: Lane | undefined, ms: number): { reason: string } | null {
  return lane?.marks?.find(({ startMs, endMs }) => ms >= startMs && ms < endMs) ?? null;
}

const isAlarmAt = (lane: Lane | undefined, ms: number): boolean => lane?.alarms?.some(({ startMs, endMs }) => ms >= startMs && ms < endMs) ?? false;

function earliest(lanes: readonly Lane[]): number | null {
  const starts = lanes.flatMap(({ spans }) => spans.find(({ kind }) => kind === "present")?.startMs ?? []);
  return starts.length === 0 ? null : Math.min(...starts);
}

interface TipProps {
  hover: Hover;
  scene: Scene;
  lanes: readonly (Lane & { name: string })[];
  selected: Lane | undefined;
  scrubbing: boolean;
  describe: (span: Span | null, isDevice?: boolean) => string;
  picture: Props["picture"];
}

function Tip({ hover, scene, lanes, selected, scrubbing, describe, picture }: TipProps): JSX.Element {
  const { t } = useTranslation();
  const ms = timeAt(scene.view, hover.x);
  const n = laneAt(scene, hover.y);
  const lane = n === null ? undefined : lanes[n];
  const span = lane === undefined ? null : spanAt(lane.spans, ms);
  const gap = span?.kind === "missing" ? span : null;
  const mark = markAt(lane, ms);
  const pictured = selected !== undefined && ms <= scene.nowMs && (scrubbing || lane === undefined || lane.id === selected.id);
  const left = Math.min(scene.view.widthPx - 12, Math.max(12, hover.x));
  const side = hover.x > scene.view.widthPx * 0.8 ? "tip tip-left" : hover.x < scene.view.widthPx * 0.2 ? "tip tip-right" : "tip";
  return (
    <div className={side} style={{ left }} data-testid="timeline-tip" role="presentation">
      {pictured && picture?.({ ms, x: hover.x, recorded: spanAt(selected.spans, ms)?.kind === "present" })}
      <b>{dateTimeText(ms)}</b>
      {!scrubbing && lane !== undefined && ms <= scene.nowMs && (
        <span>
          {lane.name} · {describe(span, lane.device === true)}
        </span>
      )}
      {gap !== null && (
        <span>
          {clockText(gap.startMs)} – {clockText(gap.endMs)} ({durationText(gap.endMs - gap.startMs)})
          {gap.detail === null ? "" : ` ${gap.detail}`}
        </span>
      )}
      {mark !== null && <span>{t("timeline.marked", { reason: mark.reason })}</span>}
      {isAlarmAt(lane, ms) && <span>{t("timeline.alarm")}</span>}
    </div>
  );
}

function useSize(box: React.RefObject<HTMLDivElement | null>, then: (width: number, height: number) => void): void {
  const callback = useRef(then);
  callback.current = then;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    callback.current(element.clientWidth, element.clientHeight);
    const observer = new ResizeObserver(() => callback.current(element.clientWidth, element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
}
