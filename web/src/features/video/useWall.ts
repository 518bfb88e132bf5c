import { useCallback, useEffect, useMemo, useRef } from "react";
import { useNavigate, useNavigationType, useSearchParams } from "react-router";

import { api, ok } from "../../api/client";
import { readPreference, writePreference } from "../../shared/storage";
import { addressOf, filled, readWall, type Wall } from "./wall";

/** What a hand did to the wall. */
export type Change = (change: (wall: Wall) => Wall) => void;

/**
 * The wall is what the address says; without one, what hung there last, or the first cameras.
 *
 * The third answer is the wall as hands left it: an address is drawn a moment after it changed, and keys pressed
 * meanwhile must see the new wall. Our own addresses replace one another, so one drawn late never takes a newer wall back.
 */
export function useWall(): [Wall, Change, () => Wall] {
  const [query] = useSearchParams();
  const ours = useNavigationType() === "REPLACE";
  const navigate = useNavigate();
  const text = query.toString();
  const wall = useMemo(() => readWall(new URLSearchParams(text)), [text]);
  const latest = useRef(wall);
  const drawn = useRef(text);
  if (drawn.current !== text) {
    drawn.current = text;
    if (!ours) latest.current = wall;
  }
  const change = useCallback<Change>(
    (how) => {
      const next = how(latest.current);
      if (next === latest.current) return;
      latest.current = next;
      void navigate(addressOf(next), { replace: true });
      writePreference("wall", addressOf({ ...next, atMs: null, up: false }));
    },
    [navigate],
  );
  useFirstWall(text === "", change);
  const now = useCallback(() => latest.current, []);
  return [wall, change, now];
}

function useFirstWall(bare: boolean, change: Change): void {
  useEffect(() => {
    if (!bare) return;
    const kept = readPreference("wall");
    const last = kept === null ? null : readWall(new URLSearchParams(kept));
    if (last !== null && last.tiles.some((id) => id !== null)) {
      change(() => last);
      return;
    }
    const stop = new AbortController();
    ok(api.GET("/api/v1/cameras", { params: { query: { limit: 4 } }, signal: stop.signal })).then(
      ({ items }) => items.length > 0 && change((wall) => (wall.tiles.every((id) => id === null) ? filled(wall, items.map(({ id }) => id)) : wall)),
      () => undefined, // the list beside it says what is wrong
    );
    return () => stop.abort();
  }, [bare, change]);
}
