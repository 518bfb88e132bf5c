import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { Sheet, Suspect } from "../../api/imports";
import { startTranslations } from "../../shared/i18n";
import { PreferencesProvider } from "../../shared/Preferences";
import { person, serve, shown, type Asked } from "../../test-server";
import ImportPages from "./ImportPages";
import { readingOf } from "./readings";

const suspect = (change: Partial<Suspect> = {}): Suspect => ({ row: 2, name: "East gate", as_declared: [126.6, 45.76], as_gcj02: [126.594, 45.758], swapped: null, ...change });
const sheet = (change: Partial<Sheet> = {}): Sheet => ({
  id: "s1", file_name: "city.csv", size_bytes: 900, state: "judged", problem: "", version: 3, rows: 3, faulty_rows: 1, imported_rows: 0, sheets: ["city"],
  columns: [{ column: 0, letter: "A", heading: "Name", samples: ["East gate"], field: "name" }, { column: 1, letter: "B", heading: "Extra", samples: ["x"], field: null }],
  choices: { sheet: "city", header_row: 1, crs: "wgs84", division: "", swap_positions: false, columns: {} },
  fault_kinds: [{ code: "swapped", field: "longitude", detail: "longitude and latitude have changed places", rows: 1, first_row: 3 }],
  positions: { given: 3, outside: 1, swapped: 1, needs_crs: false, samples: [suspect(), suspect({ row: 3, name: "West gate", as_declared: [45.76, 126.6], as_gcj02: [45.76, 126.6], swapped: [126.6, 45.76] }), suspect({ row: 4, name: "Far", as_declared: [121.4, 31.2], as_gcj02: [121.4, 31.2] })] },
  created_at: "2026-11-26T01:00:00Z", ...change,
}) as unknown as Sheet;

function open(one: Sheet, routes: Parameters<typeof serve>[0] = {}, address = "/import/s1"): Asked[] {
  const log = serve({
    "GET /camera-files/fields": { body: { items: [], states: [] } },
    "GET /divisions": { body: { items: [] } },
    "GET /imports": { body: { items: [one] } },
    "GET /imports/s1": { body: one },
    "GET /imports/s1/rows": { body: { items: [{ row: 3, values: { name: "West gate" }, faults: [{ field: "longitude", letter: "C", code: "swapped", detail: "changed places" }] }], next: null } },
    ...routes,
  });
  shown(
    <PreferencesProvider>
      <Routes>
        <Route path="/import/:sheet?" element={<ImportPages person={person("registrar")} />} />
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
});

describe("a position", () => {
  it("is drawn both ways; exchanged where only that leads into the city; not at all where nothing does", () => {
    expect(readingOf(suspect())).toEqual({ declared: [126.6, 45.76], gcj02: [126.594, 45.758], isSwapped: false });
    expect(readingOf(suspect({ as_declared: [45.76, 126.6], swapped: [126.6, 45.76] }))).toMatchObject({ declared: [126.6, 45.76], isSwapped: true });
    expect(readingOf(suspect({ as_declared: [121.4, 31.2] }))).toBeNull();
  });
});

describe("an import", () => {
  it("lists those under way, each with how far it is", async () => {
    open(sheet(), {}, "/import");
    const row = (await screen.findByRole("link", { name: "city.csv" })).closest("tr") as HTMLElement;
    expect(within(row).getByText("to confirm")).toBeTruthy();
  });

  it("says what is faulty, and asks which reading of the positions fits", async () => {
    const user = userEvent.setup();
    const log = open(sheet(), { "PUT /imports/s1/choices": { body: sheet({ state: "judging", version: 4 }) } });
    expect((await screen.findByTestId("findings")).textContent).toContain("3 rows, 1 of them faulty");
    const asking = await screen.findByTestId("positions");
    expect(within(asking).getByText("West gate").closest("li")?.textContent).toContain("drawn with longitude and latitude exchanged");
    expect(within(asking).getByText("Far").closest("li")?.textContent).toContain("not in the city");
    await user.click(within(asking).getByRole("button", { name: "The diamonds fit: judge again as GCJ-02" }));
    await waitFor(() => expect(log.find(({ method }) => method === "PUT")?.body).toMatchObject({ version: 3, crs: "gcj02" }));
  }, 30_000);

  it("takes the good rows over and says that the faulty ones are left out", async () => {
    const user = userEvent.setup();
    const log = open(sheet({ positions: null }), { "POST /imports/s1/confirm": { body: sheet({ state: "done", imported_rows: 2, version: 4 }) } });
    await user.click(await screen.findByRole("button", { name: "Import the 2 good rows, leave out 1" }));
    expect(await screen.findByText("2 cameras imported")).toBeTruthy();
    expect(log.find(({ method }) => method === "POST")?.body).toEqual({ version: 3, leave_out_faulty: true });
  }, 30_000);
});
