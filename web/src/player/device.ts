/**
 * A device's own storage in one <video>: the device plays, for this viewer alone, and is told what to do.
 *
 * The stream comes as a live one does, in the viewers' own time. Beside it the server tells which instant the newest
 * picture shows and where in that time it stands, so what is on the screen has its instant, at any speed.
 */

import { DEVICE_RATES, type ClockState } from "./clock";

export interface Position {
  /** By the device's clock. */
  atMs: number;
  /** Its place on the <video>'s time line. */
  shownS: number;
  speed: number;
  paused: boolean;
}

/** What a server of whatever version says; null: not where it is. */
export function positionIn(message: Record<string, unknown>): Position | null {
  const { type, at_ms: atMs, shown_s: shownS, speed, paused } = message;
  if (type !== "position" || typeof atMs !== "number" || typeof shownS !== "number" || typeof speed !== "number") return null;
  return { atMs, shownS, speed, paused: paused === true };
}

const FAR = 30; // s between the newest picture and the one on the screen: what is told belongs to another connection

/** The instant on the screen. */
export function momentOf(position: Position, currentTimeS: number): number {
  const behindS = position.shownS - currentTimeS;
  return Math.abs(behindS) > FAR ? position.atMs : position.atMs - behindS * 1000 * position.speed;
}

export type Order = { type: "control"; action: "pause" | "resume" | "seek" | "speed"; at_ms?: number; speed?: number };

/** The speed that a device has for a wall's. */
export function deviceRate(rate: number): number {
  if (rate < 0) return -1;
  return DEVICE_RATES.findLast((one) => one <= rate) ?? DEVICE_RATES[0];
}

type Wish = Pick<ClockState, "jump" | "playing" | "rate" | "positionMs">;

/** What a device is told when the wall's clock has changed. */
export function ordersFor(before: Wish, now: Wish): Order[] {
  const orders: Order[] = [];
  if (deviceRate(now.rate) !== deviceRate(before.rate)) orders.push({ type: "control", action: "speed", speed: deviceRate(now.rate) });
  if (now.jump !== before.jump) orders.push({ type: "control", action: "seek", at_ms: Math.round(now.positionMs) });
  const runs = now.jump !== before.jump ? true : before.playing; // a seek plays on
  if (now.playing !== runs) orders.push({ type: "control", action: now.playing ? "resume" : "pause" });
  return orders;
}
