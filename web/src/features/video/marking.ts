/** Marking from the video page: the range being set, what was just marked, and taking that back. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { keep, MARK_ARTICLE, release, type Mark } from "../../api/storage";
import type { WallClock } from "../../player/clock";
import type { Action } from "../../shared/actions";
import { toRfc3339 } from "../../shared/time";
import type { MarkPanelHandle } from "./MarkPanel";
import { intervalOf, NO_RANGE, withEdge, type Range } from "./range";

export type MarkNotice =
  | { kind: "busy" }
  | { kind: "done" | "asked"; mark: Mark }
  | { kind: "failed"; error: unknown }
  | { kind: "noCamera" };

export interface Marking {
  range: Range;
  notice: MarkNotice | null;
  setEdge: (edge: "start" | "end") => void;
  clear: () => void;
  /** Marks the range, or the minutes around the moment, at once. A note takes the place of the usual reason. */
  mark: (note?: string) => void;
  /** Asks for the release; another person confirms it. */
  undo: (mark: Mark) => void;
  dismiss: () => void;
}

export function useMarking(clock: WallClock, cameraNow: () => string | null): Marking {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [range, setRange] = useState<Range>(NO_RANGE);
  const [notice, setNotice] = useState<MarkNotice | null>(null);

  const say = useCallback(
    async (kind: "done" | "asked", wish: Promise<Mark>): Promise<void> => {
      setNotice({ kind: "busy" });
      try {
        const mark = await wish;
        setNotice({ kind, mark });
        if (kind === "done") setRange(NO_RANGE);
      } catch (error) {
        setNotice({ kind: "failed", error });
      }
      await client.invalidateQueries({ queryKey: ["marks"] });
    },
    [client],
  );

  return useMemo(
    () => ({
      range,
      notice,
      setEdge: (edge) => setRange((old) => withEdge(old, edge, clock.get().positionMs)),
      clear: () => setRange(NO_RANGE),
      mark: (note = "") => {
        const camera = cameraNow();
        if (camera === null) return setNotice({ kind: "noCamera" });
        const { startMs, endMs } = intervalOf(range, clock.get().positionMs);
        const reason = note.trim() === "" ? t("video.mark.reason") : note.trim();
        void say("done", keep("marks", camera, { start: toRfc3339(startMs), end: toRfc3339(endMs), reason, article: MARK_ARTICLE }));
      },
      undo: ({ id }) => void say("asked", release("marks", id, t("video.mark.undoReason"))),
      dismiss: () => setNotice(null),
    }),
    [range, notice, clock, cameraNow, say, t],
  );
}

/** Its keys, for shortcut and help alike. */
export function useMarkActions(marking: Marking, panel: RefObject<MarkPanelHandle | null>): readonly Action[] {
  return useMemo(
    () =>
      [
        { id: "mark", group: "groupTime", label: "keys.mark", keys: ["m"], shown: ["M"], run: () => marking.mark() },
        { id: "markNote", group: "groupTime", label: "keys.markNote", keys: ["n"], shown: ["N"], run: () => panel.current?.open() },
        { id: "range", group: "groupTime", label: "keys.range", keys: ["[", "]"], run: (key) => marking.setEdge(key === "[" ? "start" : "end") },
      ] satisfies Action[],
    [marking, panel],
  );
}
