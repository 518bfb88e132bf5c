import {
  BackwardOutlined, CaretLeftOutlined, CaretRightOutlined, DownloadOutlined, FastBackwardOutlined, FastForwardOutlined, ForwardOutlined, HddOutlined, MinusOutlined,
  PauseOutlined, PlusOutlined, StepBackwardOutlined, StepForwardOutlined,
} from "@ant-design/icons";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Button, Popover } from "antd";
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore, type Dispatch, type JSX, type ReactNode, type Ref, type SetStateAction } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { alarmMarksQuery } from "../../api/gb-devices";
import { deviceStoredQuery, storedQuery } from "../../api/queries";
import { marksQuery, type Mark } from "../../api/storage";
import type { WallClock } from "../../player/clock";
import { causeText } from "../../shared/i18n";
import { clockText, DAY, dateText, dateTimeText, durationText, MINUTE, offsetText, SECOND } from "../../shared/time";
import type { Interval } from "../../timeline/draw";
import { Timeline } from "../../timeline/Timeline";
import { centred, clampToNow, endMs, following, gapsOf, grown, nextGap, pastOnly, previousGap, registeredOnly, spanAt, xOf, zoom, ZOOM_STEP, type Span, type View } from "../../timeline/view";
import { copyLabel, type Copying } from "./copying";
import { JumpBox, type JumpHandle } from "./JumpBox";
import type { Marking } from "./marking";
import { MarkPanel, RangeChip, type MarkPanelHandle } from "./MarkPanel";
import { Today } from "./Today";

export interface LaneCamera {
  id: string;
  name: string;
  /** When it was registered: nothing is missing before. */
  sinceMs: number;
  /** Its device has a storage of its own that can be asked. */
  hasDevice: boolean;
}

interface Props {
  clock: WallClock;
  cameras: readonly LaneCamera[];
  selected: string | null;
  jump: Ref<JumpHandle>;
  /** Null for whoever may not mark. */
  marking: Marking | null;
  markPanel: Ref<MarkPanelHandle>;
  copying: Copying;
  /** Gives the page the keys that need the timeline. */
  keys: { current: TimeKeys | null };
}

export interface TimeKeys {
  gap: (step: 1 | -1) => void;
  zoom: (factor: number) => void;
  /** From the device, or from our recordings again. */
  device: () => void;
}

const Preview = lazy(() => import("./Preview"));

const BEFORE_GAP = 3 * SECOND; // one sees what happened before it

/** The lower part of the page: time in words, transport, timeline. */
export function TimePanel({ clock, cameras, selected, jump, marking, markPanel, copying, keys }: Props): JSX.Element {
  const { t } = useTranslation();
  const { mode, positionMs, playing, rate, device } = useSyncExternalStore(clock.subscribe, clock.get);
  const [view, setView] = useState<View>(() => ({ startMs: Date.now() - 50 * MINUTE, spanMs: 60 * MINUTE, widthPx: 1000 }));
  const live = mode === "live";
  const nowMs = Date.now();
  const stored = useStored(cameras, view, nowMs);
  const marks = useMarks(cameras, view);
  const { alarms, isCut } = useAlarmMarks(cameras, view);
  const touchedAt = useFollowing(clock, setView);
  const own = cameras.map(({ id, name }, n) => ({ id, name, spans: stored[n] ?? [], marks: bandsOf(marks[n] ?? []), alarms: alarms[n] ?? [], selected: id === selected }));
  const main = Math.max(0, own.findIndex((lane) => lane.selected));
  const spans = own[main]?.spans ?? [];
  const storage = useDeviceStorage(cameras[main], view);
  const lanes = storage === null ? own : own.toSpliced(main + 1, 0, deviceLane(storage, t("timeline.deviceLane", { name: storage.camera.name })));
  const camera = own[main];

  const toGap = (gap: Span | null): void => {
    if (gap === null) return;
    clock.seek(gap.startMs - BEFORE_GAP);
    setView((old) => centred(old, gap.startMs, Date.now()));
  };
  keys.current = {
    gap: (step) => toGap(step === 1 ? nextGap(spans, positionMs + BEFORE_GAP + 100) : previousGap(spans, positionMs)),
    zoom: (factor) => setView((old) => clampToNow(zoom(old, factor, xOf(old, clock.get().positionMs)), Date.now())),
    device: () => {
      const { device: now, positionMs: ms } = clock.get();
      if (now !== null) clock.seek(ms);
      else if (storage !== null) playDevice(clock, storage, ms);
    },
  };
  /** A lane says from where it is played; elsewhere it goes on as it is played now. */
  const seek = (ms: number, lane: string | null): void => {
    const fromDevice = lane === null ? device !== null && device === storage?.camera.id : lane.endsWith(DEVICE_LANE);
    if (fromDevice && storage !== null) playDevice(clock, storage, ms);
    else clock.seek(ms);
  };
  const zoomBy = (factor: number): void => {
    touchedAt.current = Date.now();
    keys.current?.zoom(factor);
  };

  return (
    <section className="time-panel" aria-label={t("timeline.label")}>
      <div className="transport">
        <div className="moment" data-testid="moment" data-mode={mode} data-ms={Math.round(positionMs)}>
          <span className={live ? "mode live" : "mode"}>{live ? t("video.live") : device === null ? t("video.playback") : t("video.device.badge")}</span>
          <span className="digits date">{dateText(positionMs)}</span>
          <span className="digits clock">{clockText(positionMs)}</span>
          <span className="fine">{offsetText(positionMs)}</span>
        </div>
        <div className="buttons" role="group">
          <Icon label={`${t("video.previousGap")} ({)`} icon={<StepBackwardOutlined />} run={() => keys.current?.gap(-1)} off={previousGap(spans, positionMs) === null} />
          <Icon label={`${t("video.back10")} (←)`} icon={<BackwardOutlined />} run={() => clock.step(-10 * SECOND)} />
          <Icon
            label={`${t(playing ? "video.pause" : "video.play")} (${t("keys.space")})`}
            icon={playing ? <PauseOutlined /> : <CaretRightOutlined />}
            run={() => (playing ? clock.pause() : clock.play())}
            main
          />
          <Icon label={`${t("video.forward10")} (→)`} icon={<ForwardOutlined />} run={() => clock.step(10 * SECOND)} off={live} />
          <Icon label={`${t("video.nextGap")} (})`} icon={<StepForwardOutlined />} run={() => keys.current?.gap(1)} off={nextGap(spans, positionMs + BEFORE_GAP + 100) === null} />
        </div>
        <div className="buttons speed" role="group" aria-label={t("video.speed", { rate: rateText(rate) })}>
          <Icon label={`${t("video.reverse")} (J)`} icon={<CaretLeftOutlined />} run={() => clock.reverse()} />
          <Icon label={`${t("video.slower")} (,)`} icon={<FastBackwardOutlined />} run={() => clock.changeRate(-1)} off={live || clock.slowest} />
          <span className="digits rate" data-testid="rate">
            ×{rateText(rate)}
          </span>
          <Icon label={`${t("video.faster")} (.)`} icon={<FastForwardOutlined />} run={() => clock.changeRate(1)} off={live || clock.fastest} />
        </div>
        <Button type={live ? "default" : "primary"} disabled={live} onClick={() => clock.live()} title={`${t("video.toLive")} (L)`} data-testid="to-live">
          {t("video.toLive")}
        </Button>
        {storage !== null && (
          <Button
            icon={<HddOutlined />}
            type={device === null ? "default" : "primary"}
            aria-pressed={device !== null}
            title={`${t("video.device.hint")} (D)`}
            data-testid="from-device"
            onClick={() => keys.current?.device()}
          >
            {t("video.device.badge")}
          </Button>
        )}
        <JumpBox handle={jump} onJump={(ms) => {
          clock.seek(ms);
          setView((old) => centred(old, ms, Date.now()));
        }} />
        <div className="transport-end">
          {marking !== null && (
            <MarkPanel marks={inView(marks[main] ?? [], view)} marking={marking} positionMs={positionMs} handle={markPanel} onSeek={(ms) => clock.seek(ms)} />
          )}
          <CopyButton copying={copying} />
          <Gaps spans={spans} view={view} onChoose={toGap} />
          <Icon label={`${t("timeline.zoomOut")} (−)`} icon={<MinusOutlined />} run={() => zoomBy(ZOOM_STEP ** 3)} />
          <span className="digits fine range" title={t("timeline.range", { duration: durationText(view.spanMs) })}>
            {durationText(view.spanMs)}
          </span>
          <Icon label={`${t("timeline.zoomIn")} (+)`} icon={<PlusOutlined />} run={() => zoomBy(ZOOM_STEP ** -3)} />
        </div>
      </div>
      <Timeline
        lanes={lanes}
        positionMs={positionMs}
        nowMs={nowMs}
        live={live}
        view={view}
        {...(marking === null ? {} : { range: marking.range })}
        onView={(change) => setView(change)}
        onSeek={seek}
        onLive={() => clock.live()}
        onTouched={() => (touchedAt.current = Date.now())}
        picture={(at) => camera !== undefined && (
          <Suspense fallback={null}>
            <Preview camera={camera.id} view={view} {...at} />
          </Suspense>
        )}
      />
      <div className="legend fine">
        <Legend fetched={lanes.some((lane) => lane.spans.some((span) => span.recoveredFrom === "device"))} />
        {marking !== null && <RangeChip marking={marking} />}
        {storage !== null && <StorageWord storage={storage} />}
        <span className="tone-warn" role="status" data-testid="alarms-cut">
          {isCut && t("timeline.alarmsCut")}
        </span>
        {camera !== undefined && <Today camera={camera.id} name={camera.name} nowMs={nowMs} />}
      </div>
    </section>
  );
}

interface DeviceStorage {
  camera: LaneCamera;
  spans: readonly Span[];
  /** Why the device does not say what it has; null: it does. */
  problem: string | null;
  isAsking: boolean;
  isComplete: boolean;
  /** The view is longer than what is asked for in one question. */
  isCut: boolean;
}

const DEVICE_LANE = "/device";
const DEVICE_NEWEST = 30 * SECOND; // of the newest that a device has, where more is asked for
const DEVICE_SPAN_MAX = 31 * DAY; // of one question

/** What the selected camera's device has itself around the view; null: it has no storage that could be asked. */
function useDeviceStorage(camera: LaneCamera | undefined, view: View): DeviceStorage | null {
  const [start, end] = rangeAround(view);
  const query = deviceStoredQuery(camera?.id ?? "", Math.max(start, end - DEVICE_SPAN_MAX), end);
  const { data, error, isFetching } = useQuery({ ...query, enabled: camera?.hasDevice === true });
  if (camera?.hasDevice !== true) return null;
  const problem = error === null ? null : ((error instanceof Problem ? error.code : null) ?? "server");
  return { camera, spans: data?.spans ?? [], problem, isAsking: isFetching, isComplete: data?.complete !== false, isCut: end - start > DEVICE_SPAN_MAX };
}

const deviceLane = ({ camera, spans }: DeviceStorage, name: string): { id: string; name: string; spans: readonly Span[]; marks: []; alarms: []; selected: boolean; device: true } => ({
  id: `${camera.id}${DEVICE_LANE}`, name, spans, marks: [], alarms: [], selected: false, device: true,
});

/** Where the device has nothing it goes on with the next that it has; after all of it, shortly before the end. */
function playDevice(clock: WallClock, { camera, spans }: DeviceStorage, ms: number): void {
  const last = spans.at(-1);
  const newest = last === undefined ? ms : Math.max(last.startMs, last.endMs - DEVICE_NEWEST);
  const next = spans.find(({ startMs }) => startMs > ms)?.startMs ?? newest;
  clock.seekDevice(camera.id, spanAt(spans, ms) === null ? next : ms);
}

/** What the second lane is, or why it is empty. */
function StorageWord({ storage }: { storage: DeviceStorage }): JSX.Element {
  const { t } = useTranslation();
  const { problem, isAsking, isComplete, isCut, spans } = storage;
  const partly = !isComplete ? t("timeline.devicePartly") : isCut ? t("timeline.deviceCut", { days: DEVICE_SPAN_MAX / DAY }) : null;
  const said = problem !== null ? causeText(t, problem) : isAsking && spans.length === 0 ? t("timeline.deviceAsking") : partly;
  return (
    <span className="storage-word" role="status" data-testid="device-storage">
      <span className="swatch device-swatch" aria-hidden="true" /> {t("timeline.legendDevice")}
      {said !== null && <span className={problem === null ? "fine" : "tone-warn"}> · {said}</span>}
    </span>
  );
}

const rateText = (rate: number): string => String(rate).replace("-", "−");

const QUIET = 8000; // ms after the hand let go before the view follows the head again

/** Turns the page when the head leaves the view, unless a hand has just moved it. A jump always comes into view. */
function useFollowing(clock: WallClock, setView: Dispatch<SetStateAction<View>>): { current: number } {
  const touchedAt = useRef(0);
  useEffect(() => {
    let jump = clock.get().jump;
    return clock.subscribe(() => {
      const state = clock.get();
      if (state.jump === jump && Date.now() - touchedAt.current < QUIET) return;
      jump = state.jump;
      setView((old) => following(old, state.positionMs, Date.now()));
    });
  }, [clock, setView]);
  return touchedAt;
}

/** The range asked for moves in steps, so that panning asks seldom. */
function rangeAround(view: View): [startMs: number, endMs: number] {
  const step = 2 ** Math.ceil(Math.log2(view.spanMs / 2));
  return [Math.floor((view.startMs - view.spanMs / 2) / step) * step, Math.ceil((endMs(view) + view.spanMs / 2) / step) * step];
}

/** The marks of each camera around the view, but for those released. */
function useMarks(cameras: readonly LaneCamera[], view: View): (readonly Mark[])[] {
  const [start, end] = rangeAround(view);
  const answers = useQueries({ queries: cameras.map(({ id }) => marksQuery(id, start, end)) });
  return answers.map(({ data }) => (data ?? []).filter(({ state }) => state !== "released"));
}

/** `isCut`: of some camera there are older ones around the view than are told. */
function useAlarmMarks(cameras: readonly LaneCamera[], view: View): { alarms: (readonly Interval[])[]; isCut: boolean } {
  const [start, end] = rangeAround(view);
  const answers = useQueries({ queries: cameras.map(({ id }) => alarmMarksQuery(id, start, end)) });
  const alarms = answers.map(({ data }) => (data?.items ?? []).map((alarm) => ({ startMs: Date.parse(alarm.start), endMs: Date.parse(alarm.end) })));
  return { alarms, isCut: answers.some(({ data }) => data?.more === true) };
}

const bandsOf = (marks: readonly Mark[]): { startMs: number; endMs: number; reason: string }[] =>
  marks.map(({ start, end, reason }) => ({ startMs: Date.parse(start), endMs: Date.parse(end), reason }));

const inView = (marks: readonly Mark[], view: View): Mark[] =>
  marks.filter(({ start, end }) => Date.parse(end) > view.startMs && Date.parse(start) < endMs(view));

/** Spans of each camera around the view. */
function useStored(cameras: readonly LaneCamera[], view: View, nowMs: number): (readonly Span[])[] {
  const [start, end] = rangeAround(view);
  const answers = useQueries({ queries: cameras.map(({ id }) => storedQuery(id, start, end)) });
  return answers.map(({ data }, n) =>
    data === undefined ? [] : registeredOnly(pastOnly(grown(data.spans, data.answeredMs, nowMs), nowMs), cameras[n]?.sinceMs ?? 0),
  );
}

function Gaps({ spans, view, onChoose }: { spans: readonly Span[]; view: View; onChoose: (gap: Span) => void }): JSX.Element {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const gaps = gapsOf(spans).filter((gap) => gap.endMs > view.startMs && gap.startMs < endMs(view));
  const rows = gaps.toReversed().slice(0, 50);
  const list = (
    <div className="gap-list" data-testid="gap-list">
      {rows.length === 0 && <p className="fine">{t("video.noGaps")}</p>}
      <ul>
        {rows.map((gap) => (
          <li key={gap.startMs}>
            <button
              type="button"
              className="plain"
              onClick={() => {
                setOpen(false);
                onChoose(gap);
              }}
            >
              <span className="digits">{dateTimeText(gap.startMs)}</span>
              <span className="digits fine">{durationText(gap.endMs - gap.startMs)}</span>
              <span>{causeText(t, gap.cause)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
  return (
    <Popover title={t("video.gapsTitle")} content={list} trigger="click" placement="topRight" open={open} onOpenChange={setOpen}>
      <Button type="text" data-testid="gaps">
        {t("video.gaps")} <span className="digits">{gaps.length}</span>
      </Button>
    </Popover>
  );
}

/** Dimmed without the right; it still opens, to say why. */
function CopyButton({ copying }: { copying: Copying }): JSX.Element {
  const { t } = useTranslation();
  const label = t(copyLabel(copying));
  return (
    <Button
      type="text"
      className={copying.allowed ? "" : "dimmed"}
      icon={<DownloadOutlined />}
      title={`${label} (E)`}
      aria-label={label}
      aria-disabled={!copying.allowed}
      aria-haspopup="dialog"
      data-testid="copy"
      onClick={copying.open}
    />
  );
}

/** `fetched`: something shown was recovered from a device; seldom, so its colour is explained only then. */
function Legend({ fetched }: { fetched: boolean }): JSX.Element {
  const { t } = useTranslation();
  return (
    <span className="legend-words" aria-hidden="true">
      <span className="swatch present" /> {t("timeline.legendPresent")}
      {fetched && <><span className="swatch fetched" /> {t("timeline.legendFetched")}</>}
      <span className="swatch gap" /> {t("timeline.legendGap")}
      <span className="swatch mark-swatch" /> {t("timeline.legendMark")}
    </span>
  );
}

type IconProps = { label: string; icon: ReactNode; run: () => void; off?: boolean; main?: boolean };

function Icon({ label, icon, run, off = false, main = false }: IconProps): JSX.Element {
  return <Button type={main ? "primary" : "text"} shape={main ? "circle" : "default"} icon={icon} title={label} aria-label={label} disabled={off} onClick={run} />;
}
