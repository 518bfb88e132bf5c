import { describe, expect, it } from "vitest";

import { EMPTY_WALL, addressOf, clear, filled, neighbour, place, readWall, shownTiles, tileFor, withLayout, writeWall, type Wall } from "./wall";

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const wall: Wall = { layout: 4, tiles: [id(1), id(2), null, id(4)], selected: 1, up: false, atMs: null };

describe("the address", () => {
  it("gives back what it was given", () => {
    for (const one of [wall, EMPTY_WALL, { ...wall, up: true, atMs: Date.UTC(2026, 10, 24) }]) {
      expect(readWall(writeWall(one))).toEqual(one);
      expect(readWall(new URLSearchParams(addressOf(one)))).toEqual(one);
    }
  });

  it("stays readable", () => expect(addressOf(wall)).toBe(`?layout=4&cameras=${id(1)},${id(2)},,${id(4)}&tile=2`));

  it.each(["", "layout=5", "cameras=x,y", "tile=99", "tile=-1", "tile=a", "at=soon"])("survives %j", (query) => {
    expect(readWall(new URLSearchParams(query))).toEqual(EMPTY_WALL);
  });
});

describe("changing the wall", () => {
  it("keeps the camera one is looking at when tiles become fewer", () => {
    const last = { ...wall, selected: 3 };
    expect(withLayout(last, 1)).toMatchObject({ tiles: [id(4)], selected: 0 });
    expect(withLayout(wall, 9).tiles.slice(0, 4)).toEqual(wall.tiles);
  });

  it("finds a place", () => {
    expect(tileFor(wall)).toBe(2);
    expect(tileFor({ ...wall, selected: 2 })).toBe(2);
    expect(tileFor(place(wall, id(3), 2))).toBe(2);
    expect(tileFor({ ...wall, up: true })).toBe(1);
  });

  it("swaps a camera that already hangs", () => {
    expect(place(wall, id(1), 3).tiles).toEqual([id(4), id(2), null, id(1)]);
    expect(place(wall, id(1), 2).tiles).toEqual([null, id(2), id(1), id(4)]);
  });

  it("clears, fills and walks", () => {
    expect(clear({ ...wall, up: true }, 1)).toMatchObject({ up: false, tiles: [id(1), null, null, id(4)] });
    expect(filled(EMPTY_WALL, [id(1)]).tiles).toEqual([id(1), null, null, null]);
    expect(neighbour(wall, 1)).toBe(3);
    expect(neighbour(wall, -1)).toBe(0);
    expect(neighbour({ ...wall, selected: 0 }, -1)).toBe(3);
    expect(neighbour(EMPTY_WALL, 1)).toBe(0);
    expect(shownTiles({ ...wall, up: true })).toEqual([1]);
  });
});
