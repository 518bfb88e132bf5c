import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore, type JSX } from "react";

import { Problem } from "../api/client";
import { fetchStored } from "../api/queries";
import { clockText, DAY, SECOND } from "../shared/time";
import { grown, pastOnly, type Span } from "../timeline/view";
import type { WallClock } from "./clock";
import { failedFor, type PlaybackState } from "./playback";
import { cellAt, isFresh, sheetQuery, type Cell, type Sheet } from "./sprite";
import { SpriteCell } from "./SpriteCell";
import { landing, STEP_EVERY, stripAfter, stripAt } from "./steps";

interface Props {
  camera: string;
  clock: WallClock;
  /** It moves the wall's moment. */
  leads: boolean;
  onPicture: (takenMs: number, masked: boolean) => void;
  onState: (state: PlaybackState) => void;
}

const WIDTH = 320; // px of one picture
const EDGE = 6 * SECOND; // this close to now nothing more is in a file
const AROUND = 31 * DAY; // gaps longer than that end the play
const KNOWN = 10 * SECOND;
const HEAD_START = 400; // ms
const PAUSE_MAX = SECOND; // of a page in the background, which must not leap

/** One camera's recording as pictures, four a second, at speeds and in the direction no <video> plays. */
export default function Steps({ camera, clock, leads, onPicture, onState }: Props): JSX.Element {
  const { positionMs, rate } = useSyncExternalStore(clock.subscribe, clock.get);
  const client = useQueryClient();
  const spans = useSpans(camera, positionMs);
  const strip = stripAt(positionMs, rate);
  const query = sheetQuery(camera, strip, WIDTH);
  const ready = client.getQueryData<Sheet>(query.queryKey);
  const after = stripAfter(strip, rate, spans);
  // One question at a time: this sheet, and when it is here the next.
  const wanted = ready !== undefined && isFresh(ready, Date.now()) && after !== null ? sheetQuery(camera, after, WIDTH) : query;
  const late = useLate();
  const { error, isFetching } = useQuery({ ...wanted, enabled: leads || late });
  const failed = error !== null && ready === undefined && !isFetching;

  const callbacks = useRef({ onPicture, onState });
  callbacks.current = { onPicture, onState };
  const shown = useLastPicture(ready, positionMs);
  const takenMs = shown?.cell.atMs ?? null;
  const masked = shown?.sheet.masked ?? false;
  const gap = landing(spans, positionMs, rate) !== positionMs;
  useEffect(() => {
    if (gap) callbacks.current.onState({ kind: "gap" });
    else if (takenMs !== null) callbacks.current.onPicture(takenMs, masked);
  }, [takenMs, masked, gap]);
  useEffect(() => {
    if (error instanceof Problem && failed) callbacks.current.onState(error.status === 403 ? { kind: "refused", status: 403, code: error.code } : failedFor(error.code));
  }, [error, failed]);

  useLead(clock, leads, ready !== undefined || failed, spans);
  if (shown === null) return <></>;
  return <SpriteCell sheet={shown.sheet} cell={shown.cell} className="picture" label={clockText(shown.cell.atMs)} />;
}

/** True a moment later: the server makes one sheet at a time, and all wait for that of the leading tile. */
function useLate(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), HEAD_START);
    return () => window.clearTimeout(timer);
  }, []);
  return late;
}

/** Moves the clock a step at a time over what is recorded, and waits for pictures. */
function useLead(clock: WallClock, leads: boolean, ready: boolean, spans: readonly Span[] | null): void {
  const now = useRef({ ready, spans });
  now.current = { ready, spans };
  useEffect(() => {
    if (!leads) return;
    let last = performance.now();
    const step = (): void => {
      const passed = Math.min(PAUSE_MAX, performance.now() - last);
      last = performance.now();
      const { playing, rate, positionMs, jump } = clock.get();
      if (!playing) return;
      if (!now.current.ready) return clock.hold(true);
      const next = landing(now.current.spans, positionMs + passed * rate, rate);
      if (rate > 0 && (next === null || next > Date.now() - EDGE)) clock.live();
      else if (next === null) clock.pause();
      else clock.report(next, jump);
    };
    const timer = window.setInterval(step, STEP_EVERY);
    return () => {
      window.clearInterval(timer);
      clock.hold(false);
    };
  }, [clock, leads]);
}

/** The picture of the moment; what was shown stays until there is another. */
function useLastPicture(sheet: Sheet | undefined, ms: number): { sheet: Sheet; cell: Cell } | null {
  const [last, setLast] = useState<{ sheet: Sheet; cell: Cell } | null>(null);
  const cell = sheet === undefined ? null : cellAt(sheet, ms);
  const changed = sheet !== undefined && cell !== null && (last === null || last.cell !== cell);
  if (changed) setLast({ sheet, cell });
  return changed ? { sheet, cell } : last;
}

/** What is recorded a month around, so that the head knows where to land. */
function useSpans(camera: string, ms: number): readonly Span[] | null {
  const day = Math.floor(ms / DAY) * DAY;
  const { data } = useQuery({
    queryKey: ["stored", "month", camera, day],
    queryFn: ({ signal }) => fetchStored(camera, day - AROUND, day + DAY + AROUND, signal),
    placeholderData: keepPreviousData,
    staleTime: KNOWN,
  });
  return data === undefined ? null : pastOnly(grown(data.spans, data.answeredMs, Date.now()), Date.now());
}
