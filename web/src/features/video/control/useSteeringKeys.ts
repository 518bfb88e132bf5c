/** The keys of the pad while it is open, before the page's own: arrows turn, + and − zoom, Z draws, P lets go. */

import { useEffect, useRef } from "react";

import { keyOf } from "../../../shared/actions";
import type { Motion } from "../../../api/control";
import type { Steering } from "./steering";

const AXES: Readonly<Record<string, readonly [keyof Motion, 1 | -1]>> = {
  ArrowLeft: ["pan", -1], ArrowRight: ["pan", 1], ArrowUp: ["tilt", 1], ArrowDown: ["tilt", -1],
  "+": ["zoom", 1], "=": ["zoom", 1], "-": ["zoom", -1],
};

/** What a rectangle drawn on the picture does; null: nothing is drawn. */
export type Framing = "closer" | "wider" | null;
export const nextFraming = (now: Framing): Framing => (now === null ? "closer" : now === "closer" ? "wider" : null);

interface KeyCalls {
  /** Percent of the fastest; what is held goes on as it began until the next key. */
  speed: number;
  close: () => void;
  frames: () => void;
}

/** What is held down together moves together: up and right is one motion. */
export function useSteeringKeys(steering: Steering | null, calls: KeyCalls): void {
  const latest = useRef(calls); // so that a pad drawn anew does not forget what is held
  latest.current = calls;
  useEffect(() => {
    if (steering === null) return;
    const held = new Map<string, readonly [keyof Motion, 1 | -1]>();
    const tell = (): void => {
      if (held.size === 0) return steering.stop();
      const motion: Motion = { pan: 0, tilt: 0, zoom: 0 };
      for (const [axis, way] of held.values()) motion[axis] = way * latest.current.speed;
      steering.move(motion);
    };
    const down = (event: KeyboardEvent): void => {
      const key = keyOf(event);
      if (isTyping(event) || (key !== "p" && key !== "z" && AXES[key] === undefined)) return;
      event.preventDefault();
      if (key === "p") return latest.current.close();
      if (key === "z") return event.repeat ? undefined : latest.current.frames();
      if (held.has(event.code)) return; // it repeats
      held.set(event.code, AXES[key] as readonly [keyof Motion, 1 | -1]);
      tell();
    };
    const up = (event: KeyboardEvent): void => {
      if (held.delete(event.code)) tell();
    };
    const gone = (): void => {
      held.clear();
      steering.stop();
    };
    document.addEventListener("keydown", down, true);
    document.addEventListener("keyup", up, true);
    window.addEventListener("blur", gone);
    return () => {
      document.removeEventListener("keydown", down, true);
      document.removeEventListener("keyup", up, true);
      window.removeEventListener("blur", gone);
      if (held.size > 0) steering.stop();
    };
  }, [steering]);
}

/** The slider keeps its arrows, and whoever types keeps all keys. */
export function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], [role=dialog]") !== null;
}
