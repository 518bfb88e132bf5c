/** The timeline's picture on a canvas. Colours come from the style sheet, so both themes share this code. */

import { clockText, dateText, DAY, MINUTE } from "../shared/time";
import { pixelsOf, tickStep, ticks, xOf, type Span, type View } from "./view";

export interface Interval {
  startMs: number;
  endMs: number;
}

export interface Lane {
  id: string;
  spans: readonly Span[];
  /** Marked important. */
  marks?: readonly (Interval & { reason: string })[];
  /** What a device reported. */
  alarms?: readonly Interval[];
  selected: boolean;
  /** What a camera's device has in its own storage, below what we have. */
  device?: true;
}

export interface Scene {
  view: View;
  lanes: readonly Lane[];
  positionMs: number;
  live: boolean;
  nowMs: number;
  hoverX: number | null;
  heightPx: number;
  /** The interval being chosen; an edge not chosen yet is null. */
  range?: { startMs: number | null; endMs: number | null };
}

export const RULER = 22;
const LANE_GAP = 2;
const LANE_MAX = 18; // a single camera needs no wall of colour

export function laneRect(scene: Pick<Scene, "lanes" | "heightPx">, n: number): [top: number, height: number] {
  const room = scene.heightPx - RULER - 4;
  const weights = scene.lanes.map(({ selected }) => (selected ? 2 : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const unit = Math.min(LANE_MAX, (room - LANE_GAP * Math.max(0, scene.lanes.length - 1)) / Math.max(1, total));
  const before = weights.slice(0, n).reduce((sum, weight) => sum + weight, 0);
  return [RULER + 2 + before * unit + n * LANE_GAP, Math.max(2, unit * (weights[n] ?? 1))];
}

export function laneAt(scene: Pick<Scene, "lanes" | "heightPx">, y: number): number | null {
  for (let n = 0; n < scene.lanes.length; n++) {
    const [top, height] = laneRect(scene, n);
    if (y >= top - 1 && y <= top + height + 1) return n;
  }
  return null;
}

type Colours = Record<"ground" | "lane" | "present" | "presentSelected" | "fetched" | "gap" | "gapGround" | "loss" | "tick" | "text" | "head" | "live" | "hover" | "mark" | "range" | "device", string>;

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(`--timeline-${name}`).trim();
  return {
    ground: read("ground"), lane: read("lane"), present: read("present"), presentSelected: read("present-selected"),
    fetched: read("fetched"), gap: read("gap"), gapGround: read("gap-ground"), loss: read("loss"), tick: read("tick"), text: read("text"),
    head: read("head"), live: read("live"), hover: read("hover"), mark: read("mark"), range: read("range"), device: read("device"),
  };
}

export function draw(context: CanvasRenderingContext2D, scene: Scene, colours: Colours, dpr: number, font: string): void {
  const { view, heightPx } = scene;
  context.setTransform(dpr, 0, 0, dpr, 0, 0);
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, view.widthPx, heightPx);
  drawRuler(context, scene, colours, font);
  scene.lanes.forEach((lane, n) => drawLane(context, scene, lane, laneRect(scene, n), colours));
  drawFuture(context, scene, colours);
  scene.lanes.forEach((lane, n) => drawMarks(context, scene, lane, laneRect(scene, n), colours));
  scene.lanes.forEach((lane, n) => drawAlarms(context, scene, lane, laneRect(scene, n), colours));
  drawRange(context, scene, colours);
  drawHover(context, scene, colours);
  drawHead(context, scene, colours);
}

function drawRuler(context: CanvasRenderingContext2D, { view, heightPx }: Scene, colours: Colours, font: string): void {
  const offset = -new Date(view.startMs).getTimezoneOffset() * MINUTE;
  const seconds = tickStep(view) < MINUTE;
  context.font = font;
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const { ms, day } of ticks(view, offset)) {
    const x = Math.round(xOf(view, ms)) + 0.5;
    context.strokeStyle = colours.tick;
    context.globalAlpha = day ? 1 : 0.55;
    line(context, x, 4, x, heightPx);
    context.globalAlpha = 1;
    context.fillStyle = colours.text;
    const time = clockText(ms);
    const label = day || tickStep(view) >= DAY ? dateText(ms).slice(5) : seconds ? time : time.slice(0, 5);
    context.fillText(label, x + 5, RULER / 2 + 1);
  }
}

function drawLane(context: CanvasRenderingContext2D, { view }: Scene, lane: Lane, [top, height]: [number, number], colours: Colours): void {
  context.fillStyle = colours.lane;
  context.fillRect(0, top, view.widthPx, height);
  context.fillStyle = lane.selected ? colours.presentSelected : colours.present;
  const seen = (span: Span): boolean => span.endMs > view.startMs && span.startMs < view.startMs + view.spanMs;
  for (const span of lane.spans) {
    if (span.kind !== "present" || !seen(span)) continue;
    const [left, width] = pixelsOf(view, span);
    if (lane.device === true) drawStored(context, [left, width], [top, height], colours);
    else context.fillRect(left, top, width, height);
    if (span.recoveredFrom === "device") drawFetched(context, left, width, top, height, colours);
  }
  for (const span of lane.spans) {
    if (span.kind === "missing" && seen(span)) drawGap(context, pixelsOf(view, span), top, height, span, colours);
  }
}

/** An outline filled to the half: told apart from our recordings without its colour. */
function drawStored(context: CanvasRenderingContext2D, [left, width]: [number, number], [top, height]: [number, number], colours: Colours): void {
  const middle = Math.ceil(height / 2);
  context.fillStyle = colours.device;
  context.fillRect(left, top, width, 1);
  context.fillRect(left, top + height - middle, width, middle);
  context.fillRect(left, top, 1, height);
  context.fillRect(left + width - 1, top, 1, height);
}

/** Another colour over the lower half: told apart from what we recorded ourselves by its shape, too. */
function drawFetched(context: CanvasRenderingContext2D, left: number, width: number, top: number, height: number, colours: Colours): void {
  const before = context.fillStyle;
  context.fillStyle = colours.fetched;
  context.fillRect(left, top + height / 2, width, height / 2);
  context.fillStyle = before;
}

/** Hatched, with a line below: told apart from a recording without its colour. */
function drawGap(context: CanvasRenderingContext2D, [left, width]: [number, number], top: number, height: number, span: Span, colours: Colours): void {
  const colour = span.cause === "packet_loss" ? colours.loss : colours.gap;
  context.fillStyle = colours.gapGround;
  context.fillRect(left, top, width, height);
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  if (width > 3) {
    const first = Math.floor((left - height) / 6) * 6; // the hatching stands still while the timeline moves
    for (let x = first; x < left + width; x += 6) line(context, x, top + height, x + height, top);
  }
  context.restore();
  context.lineWidth = 1;
  context.fillStyle = colour;
  context.fillRect(left, top + height - 2, width, 2);
  if (width <= 3) context.fillRect(left, top, width, height);
}

const FLAG = 7; // px

/** A band along the lane's upper edge with a flag at its start: told apart by its shape. */
function drawMarks(context: CanvasRenderingContext2D, { view }: Scene, { marks = [] }: Lane, [top, height]: [number, number], colours: Colours): void {
  context.fillStyle = colours.mark;
  for (const mark of marks) {
    if (mark.endMs < view.startMs || mark.startMs > view.startMs + view.spanMs) continue;
    const [left, width] = pixelsOf(view, mark);
    context.fillRect(left, top, width, Math.min(3, height / 2));
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(left + FLAG, top);
    context.lineTo(left, top + Math.min(FLAG + 3, height));
    context.closePath();
    context.fill();
  }
}

/** A triangle that stands on the lane's lower edge: told apart from marks and gaps by its shape. */
function drawAlarms(context: CanvasRenderingContext2D, { view }: Scene, { alarms = [] }: Lane, [top, height]: [number, number], colours: Colours): void {
  context.fillStyle = colours.loss;
  for (const alarm of alarms) {
    if (alarm.endMs < view.startMs || alarm.startMs > view.startMs + view.spanMs) continue;
    const [left, width] = pixelsOf(view, alarm);
    const middle = left + width / 2;
    context.beginPath();
    context.moveTo(middle - FLAG / 2, top + height);
    context.lineTo(middle + FLAG / 2, top + height);
    context.lineTo(middle, top + Math.max(0, height - FLAG - 3));
    context.closePath();
    context.fill();
  }
}

/** Square brackets around what is being chosen, as its keys are written. */
function drawRange(context: CanvasRenderingContext2D, { view, range, heightPx }: Scene, colours: Colours): void {
  const { startMs = null, endMs = null } = range ?? {};
  context.strokeStyle = colours.range;
  context.fillStyle = colours.range;
  context.lineWidth = 2;
  if (startMs !== null) drawBracket(context, xOf(view, startMs), 5, heightPx);
  if (endMs !== null) drawBracket(context, xOf(view, endMs), -5, heightPx);
  context.lineWidth = 1;
  if (startMs === null || endMs === null) return;
  const [left, width] = pixelsOf(view, { startMs, endMs });
  context.globalAlpha = 0.18;
  context.fillRect(left, RULER, width, heightPx - RULER);
  context.globalAlpha = 1;
}

function drawBracket(context: CanvasRenderingContext2D, x: number, reach: number, heightPx: number): void {
  line(context, x, RULER, x, heightPx);
  line(context, x, RULER + 1, x + reach, RULER + 1);
  line(context, x, heightPx - 1, x + reach, heightPx - 1);
}

function drawFuture(context: CanvasRenderingContext2D, { view, nowMs, heightPx }: Scene, colours: Colours): void {
  const x = Math.round(xOf(view, nowMs));
  if (x >= view.widthPx) return;
  context.fillStyle = colours.ground;
  context.globalAlpha = 0.75;
  context.fillRect(x, RULER, view.widthPx - x, heightPx - RULER);
  context.globalAlpha = 1;
  context.strokeStyle = colours.live;
  context.setLineDash([3, 3]);
  line(context, x + 0.5, RULER, x + 0.5, heightPx);
  context.setLineDash([]);
}

function drawHover(context: CanvasRenderingContext2D, { hoverX, heightPx }: Scene, colours: Colours): void {
  if (hoverX === null) return;
  context.strokeStyle = colours.hover;
  line(context, Math.round(hoverX) + 0.5, RULER, Math.round(hoverX) + 0.5, heightPx);
}

function drawHead(context: CanvasRenderingContext2D, { view, positionMs, live, heightPx }: Scene, colours: Colours): void {
  const x = Math.round(xOf(view, positionMs));
  if (x < -8 || x > view.widthPx + 8) return;
  context.fillStyle = live ? colours.live : colours.head;
  context.fillRect(x - 1, 12, 2, heightPx - 12);
  context.beginPath();
  context.moveTo(x - 6, 6);
  context.lineTo(x + 6, 6);
  context.lineTo(x + 6, 13);
  context.lineTo(x, 19);
  context.lineTo(x - 6, 13);
  context.closePath();
  context.fill();
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
