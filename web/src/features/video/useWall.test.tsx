import { act, cleanup, renderHook } from "@testing-library/react";
import { MemoryRouter, useNavigate } from "react-router";
import { afterEach, expect, it } from "vitest";

import { useWall } from "./useWall";
import { addressOf, EMPTY_WALL, type Wall } from "./wall";

const CAMERA = "83c92816-e92b-4156-a08e-c23e86e57237";
const live: Wall = { ...EMPTY_WALL, tiles: [CAMERA, null, null, null] };
const back: Wall = { ...live, atMs: Date.UTC(2026, 10, 26) };

function hung() {
  const use = () => ({ wall: useWall(), navigate: useNavigate() });
  return renderHook(use, { wrapper: ({ children }) => <MemoryRouter initialEntries={[addressOf(live)]}>{children}</MemoryRouter> }).result;
}

afterEach(cleanup);

it("keeps what a key did when the address of the key before is drawn late", async () => {
  const result = hung();
  await act(async () => result.current.wall[1](() => live));
  await act(async () => result.current.navigate(addressOf(back), { replace: true }));
  expect(result.current.wall[2]()).toEqual(live);
});

it("follows an address that somebody else opened", async () => {
  const result = hung();
  await act(async () => result.current.navigate(addressOf(back)));
  expect(result.current.wall[0]).toEqual(back);
  expect(result.current.wall[2]()).toEqual(back);
  await act(async () => result.current.navigate(-1));
  expect(result.current.wall[2]()).toEqual(live);
});

it("answers a second key with the wall the first one left", async () => {
  const result = hung();
  await act(async () => {
    result.current.wall[1]((wall) => ({ ...wall, selected: 2 }));
    result.current.wall[1]((wall) => ({ ...wall, layout: 9, tiles: Array(9).fill(null) }));
  });
  expect(result.current.wall[0]).toMatchObject({ selected: 2, layout: 9 });
});
