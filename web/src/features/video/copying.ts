/** Asking for a copy from the video page: what was asked, and by which key. The panel is loaded when it is opened. */

import { useCallback, useMemo, useRef, useState } from "react";

import type { WallClock } from "../../player/clock";
import type { Action } from "../../shared/actions";
import type { Range } from "./range";

/** What was on the page when a copy was asked for. */
export interface CopyAsked {
  camera: string | null;
  range: Range;
  momentMs: number;
}

export interface Copying {
  /** Without the right the panel only says so. */
  allowed: boolean;
  asked: CopyAsked | null;
  open: () => void;
  close: () => void;
}

export function useCopying(allowed: boolean, clock: WallClock, range: Range, cameraNow: () => string | null): Copying {
  const [asked, setAsked] = useState<CopyAsked | null>(null);
  const before = useRef<Element | null>(null);
  const open = useCallback(() => {
    before.current = document.activeElement;
    setAsked({ camera: cameraNow(), range, momentMs: clock.get().positionMs });
  }, [clock, range, cameraNow]);
  const close = useCallback(() => {
    setAsked(null);
    requestAnimationFrame(() => before.current instanceof HTMLElement && before.current.focus());
  }, []);
  return useMemo(() => ({ allowed, asked, open, close }), [allowed, asked, open, close]);
}

export const copyLabel = ({ allowed }: Pick<Copying, "allowed">): string => (allowed ? "keys.copy" : "keys.copyNot");

/** Its key, for shortcut and help alike. */
export function useCopyActions({ allowed, open }: Copying): readonly Action[] {
  return useMemo(
    () => [{ id: "copy", group: "groupTime", label: copyLabel({ allowed }), keys: ["e"], shown: ["E"], run: open }] satisfies Action[],
    [allowed, open],
  );
}
