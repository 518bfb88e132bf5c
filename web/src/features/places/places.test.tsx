import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { Gap, Part, Place } from "../../api/places";
import { startTranslations } from "../../shared/i18n";
import { PreferencesProvider } from "../../shared/Preferences";
import { person, serve, shown, type Asked } from "../../test-server";
import PlacePages from "./PlacePages";

const at = "2026-11-26T01:00:00Z";
const place = (change: Partial<Place> = {}): Place => ({
  id: "p1", name: "Riverside school", division: "230102", kind: "school", categories: ["education_health_culture"], citation: "", is_like_those_named: false, likeness_note: "",
  likeness_confirmed_by: "", is_public: true, counter_terror: false, operator: null, longitude: null, latitude: null, coordinate_system: "", original_longitude: null,
  original_latitude: null, outline: null, is_secret_neighbour: false, address: "", version: 4, changed_at: at, ...change,
});
const part = (change: Partial<Part> = {}): Part => ({
  id: "t1", place: "p1", name: "Gate", kind: "entrance", privacy: "open", is_key: true, key_since: at, polygon: null, floor: "1", banned_since: null, reviewer: "", is_private: null,
  review_reason: "", reviewed_at: null, version: 1, changed_at: at, ...change,
});
const gap = (change: Partial<Gap> = {}): Gap => ({
  place: "p1", part: "t1", name: "Riverside school gate", division: "230102", categories: ["education_health_culture"], since: "2026-07-29T01:00:00Z", days: 120, reason_zh: "缺口", reason_en: "a gap", ...change,
});
const code = (of: string, name: string, zh: string, en: string) => ({ of, code: name, words: { zh, en }, sub: null });
const LAW = {
  body: {
    editions: [
      {
        articles: [
          {
            codes: [
              code("division", "230102", "道里区", "Daoli District"), code("key_place_category", "education_health_culture", "学校", "schools"), code("key_place_category", "urban_nodes", "路口", "crossings"),
              code("decree_government_place", "school", "学校", "school"), code("open_part", "entrance", "出入口", "entrance"),
            ],
          },
        ],
      },
    ],
  },
};
const ROUTES = {
  "GET /regulation": LAW,
  "GET /camera-files/fields": { body: { items: [], states: [] } },
  "GET /places/p1": { body: place() },
  "GET /places/p1/parts": { body: { items: [part(), part({ id: "t2", name: "Toilet", kind: "toilet", privacy: "banned", is_key: false })], owed: 1, needs_review: false } },
};

function open(routes: Parameters<typeof serve>[0], address: string, ...roles: string[]): Asked[] {
  const log = serve({ ...ROUTES, ...routes });
  shown(
    <PreferencesProvider>
      <Routes>
        <Route path="/places/*" element={<PlacePages person={person(...roles)} />} />
      </Routes>
    </PreferencesProvider>,
    address,
  );
  return log;
}

configure({ asyncUtilTimeout: 10_000 }); // pages come in pieces, which a busy machine loads slowly
beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  window.sessionStorage.clear();
});

const button = (name: string) => screen.queryByRole("button", { name });

describe("the list of places", () => {
  it("asks with the filter of its address, and offers to add to whoever keeps the places", async () => {
    const log = open({ "GET /places": { body: { items: [place()], next: null } } }, "/places?division=230102&q=river", "registrar");
    expect(await screen.findByRole("link", { name: "Riverside school" })).toBeTruthy();
    expect(log.find(({ path }) => path === "/places")?.query.toString()).toBe("q=river&division=230102&limit=50");
    expect(screen.getByRole("button", { name: /Add a place$/ })).toBeTruthy();
  });
});

describe("a place", () => {
  it("shows what may be in each part", async () => {
    open({}, "/places/p1", "inspector");
    const toilet = (await screen.findByText("Toilet")).closest("li") as HTMLElement;
    expect(toilet.dataset["privacy"]).toBe("banned");
    expect(within(toilet).getByText(/no camera here and no view of it/)).toBeTruthy();
    expect(button("Reclassify") ?? button("Change the place")).toBeNull();
  });

  it("R8.6: is reclassified by the data authority, with the reference of its decision", async () => {
    const user = userEvent.setup();
    const log = open({ "POST /places/p1/reclassification": { body: place({ version: 5, categories: [] }) } }, "/places/p1", "city_data_authority");
    await user.click(await screen.findByRole("button", { name: "Reclassify" }));
    const drawer = await screen.findByRole("dialog");
    expect(within(drawer).getByText(/only by a recorded decision of the data authority/)).toBeTruthy();
    await user.click(within(drawer).getByRole("button", { name: "Reclassify" }));
    expect(await within(drawer).findByText("Fill this in")).toBeTruthy(); // no decision, nothing sent
    await user.type(within(drawer).getByLabelText(/Reference of the decision/), "HSJ 2026-7");
    await user.click(within(drawer).getByRole("button", { name: "Reclassify" }));
    const wish = { version: 4, categories: ["education_health_culture"], decision: "HSJ 2026-7" };
    await waitFor(() => expect(log.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([wish]));
  }, 30_000);

  it("not yet classified, is confirmed as like those named by public security", async () => {
    const user = userEvent.setup();
    const routes = { "GET /places/p1": { body: place({ categories: [] }) }, "POST /places/p1/likeness": { body: place({ version: 5 }) } };
    const log = open(routes, "/places/p1", "public_security");
    await user.click(await screen.findByRole("button", { name: "Confirm likeness (等)" }));
    expect(button("Reclassify")).toBeNull();
    const drawer = await screen.findByRole("dialog");
    await user.click(within(drawer).getByRole("combobox"));
    await user.click(await screen.findByTitle("crossings"));
    await user.type(within(drawer).getByLabelText(/Why it is like them/), "as busy as one");
    await user.click(within(drawer).getByRole("button", { name: "Confirm likeness (等)" }));
    await waitFor(() => expect(log.find(({ method }) => method === "POST")?.body).toEqual({ version: 4, categories: ["urban_nodes"], note: "as busy as one" }));
  }, 30_000);

  it("once confirmed says by whom, and offers it no more", async () => {
    open({ "GET /places/p1": { body: place({ is_like_those_named: true, likeness_note: "as busy", likeness_confirmed_by: "Wang" }) } }, "/places/p1", "public_security");
    expect(await screen.findByText("as busy (confirmed by Wang)")).toBeTruthy();
    expect(button("Confirm likeness (等)")).toBeNull();
  });
});

describe("coverage gaps", () => {
  it("say what is owed, how many each division has, and lead to the place and to its cameras", async () => {
    const user = userEvent.setup();
    const body = { total: 2, by_division: { "230102": 2 }, tallies: [], items: [gap(), gap({ part: null, name: "Crossing" })], next: null };
    const log = open({ "GET /coverage-gaps": { body } }, "/places/gaps", "inspector");
    const row = (await screen.findByRole("link", { name: "Riverside school gate" })).closest("tr") as HTMLElement;
    expect(within(row).getByText("since 2026-07-29")).toBeTruthy();
    expect(within(row).getByRole("link", { name: "Cameras of this place" }).getAttribute("href")).toBe("/cameras?place=p1");
    await user.click(await screen.findByRole("button", { name: /Daoli District ?2$/ }));
    await waitFor(() => expect(log.at(-1)?.query.get("division")).toBe("230102"));
  });
});
