/** The wall as a value: which camera hangs where, and its form in the address bar. */

export const LAYOUTS = [1, 4, 6, 9, 16] as const;
export type LayoutSize = (typeof LAYOUTS)[number];

export interface Wall {
  layout: LayoutSize;
  /** One camera id or null per tile; always `layout` long. */
  tiles: readonly (string | null)[];
  selected: number;
  /** Only the selected tile is shown. */
  up: boolean;
  /** Playback starts here; null is live. */
  atMs: number | null;
}

export const EMPTY_WALL: Wall = { layout: 4, tiles: [null, null, null, null], selected: 0, up: false, atMs: null };

const ID = /^[0-9a-f-]{36}$/i;

function sized(tiles: readonly (string | null)[], layout: LayoutSize): (string | null)[] {
  return Array.from({ length: layout }, (_, n) => tiles[n] ?? null);
}

/** Anything odd in the address falls back to something that works. */
export function readWall(query: URLSearchParams): Wall {
  const layout = LAYOUTS.find((size) => String(size) === query.get("layout")) ?? EMPTY_WALL.layout;
  const ids = (query.get("cameras") ?? "").split(",").map((id) => (ID.test(id) ? id : null));
  const tile = Number(query.get("tile") ?? 1) - 1;
  const at = Date.parse(query.get("at") ?? "");
  return {
    layout,
    tiles: sized(ids, layout),
    selected: Number.isInteger(tile) && tile >= 0 && tile < layout ? tile : 0,
    up: query.has("up") && layout > 1,
    atMs: Number.isNaN(at) ? null : at,
  };
}

export function writeWall(wall: Wall): URLSearchParams {
  const query = new URLSearchParams({ layout: String(wall.layout) });
  const cameras = wall.tiles.map((id) => id ?? "").join(",").replace(/,+$/, "");
  if (cameras !== "") query.set("cameras", cameras);
  if (wall.selected > 0) query.set("tile", String(wall.selected + 1));
  if (wall.up) query.set("up", "1");
  if (wall.atMs !== null) query.set("at", new Date(wall.atMs).toISOString());
  return query;
}

/** As people would write it: commas and colons of our values need no escaping in a query. */
export function addressOf(wall: Wall): string {
  return `?${writeWall(wall).toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}

export function withLayout(wall: Wall, layout: LayoutSize): Wall {
  const selected = wall.tiles[wall.selected] ?? null;
  if (wall.selected >= layout && selected !== null) {
    // The camera one is looking at stays.
    return { ...wall, layout, tiles: sized([selected, ...wall.tiles.filter((id) => id !== selected)], layout), selected: 0, up: false };
  }
  return { ...wall, layout, tiles: sized(wall.tiles, layout), selected: Math.min(wall.selected, layout - 1), up: false };
}

/** Where a click in the list puts a camera: the selected tile if empty, the next empty one, else the selected one. */
export function tileFor(wall: Wall): number {
  if (wall.up || wall.tiles[wall.selected] === null) return wall.selected;
  const empty = wall.tiles.indexOf(null);
  return empty === -1 ? wall.selected : empty;
}

/** Hang a camera; one that already hangs elsewhere changes places. */
export function place(wall: Wall, camera: string, tile: number): Wall {
  const tiles = [...wall.tiles];
  const before = tiles.indexOf(camera);
  if (before !== -1) tiles[before] = tiles[tile] ?? null;
  tiles[tile] = camera;
  return { ...wall, tiles, selected: tile };
}

export function clear(wall: Wall, tile: number): Wall {
  return { ...wall, tiles: wall.tiles.map((id, n) => (n === tile ? null : id)), up: wall.up && tile !== wall.selected };
}

/** First visit: the first cameras of the list. */
export function filled(wall: Wall, cameras: readonly string[]): Wall {
  return { ...wall, tiles: sized(cameras, wall.layout) };
}

/** In 1-up: the neighbour that has a camera. */
export function neighbour(wall: Wall, step: 1 | -1): number {
  for (let n = 1; n <= wall.layout; n++) {
    const tile = (wall.selected + step * n + wall.layout * n) % wall.layout;
    if (wall.tiles[tile] !== null) return tile;
  }
  return wall.selected;
}

export const shownTiles = (wall: Wall): number[] =>
  wall.up ? [wall.selected] : Array.from({ length: wall.layout }, (_, n) => n);
