import { cleanup, configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { CameraFile, FileField, FileLine } from "../../api/camera-files";
import { startTranslations } from "../../shared/i18n";
import { person, serve, shown, type Asked } from "../../test-server";
import CameraPages from "./CameraPages";

const ONE = "00000000-0000-0000-0000-000000000001";
const TWO = "00000000-0000-0000-0000-000000000002";
const at = "2026-11-26T01:00:00Z";

const line = (change: Partial<FileLine> = {}): FileLine => ({
  id: ONE, device_id: "23010200001320000001", name: "East gate", division: "230102", state: "in_service", status: "1", point_type: "", function_type: "", system: null, place: null,
  responsible_body: null, address: "Central street 1", counter_terror: false, is_article8: false, is_government_built: false, decree_class: "", fill_bp: 9333, correct_bp: 10_000,
  has_stream: false, version: 3, changed_at: at, ...change,
});
const field = (name: string, en: string, change: Partial<FileField> = {}): FileField => ({
  name, pinyin: "", zh: en, en, kind: "text", home: "fields", values: [], is_mandatory: false, is_mandatory_for_class_one: false, is_locked: false, is_bulk: true, least: null, most: null,
  length: 200, pattern: "", unit: "", ...change,
});
const FIELDS = {
  body: {
    items: [
      field("name", "name", { home: "column", is_mandatory: true, is_bulk: false }),
      field("manufacturer", "manufacturer", { is_mandatory: true }),
      field("model", "model"),
      field("status", "state of the device", { kind: "code", home: "column", values: [{ code: "1", zh: "在用", en: "in use" }, { code: "2", zh: "维修", en: "in repair" }] }),
      field("division", "division", { kind: "code", home: "column", values: [{ code: "230102", zh: "道里区", en: "Daoli District" }], is_bulk: false }),
      field("device_id", "device code", { home: "column", is_bulk: false }),
    ],
    states: [{ code: "in_service", zh: "使用中", en: "in service" }],
  },
};
const counts = (total: number) => ({ body: { total, with_stream: 1, by_state: { in_service: total }, by_status: { "1": total }, by_division: { "230102": total } } });
const page = (...items: FileLine[]) => ({ body: { items, next: null } });
const LIST = {
  "GET /camera-files/fields": FIELDS,
  "GET /camera-files": page(line(), line({ id: TWO, name: "West gate" })),
  "GET /camera-files/counts": counts(120),
};

function open(routes: Parameters<typeof serve>[0], address = "/cameras", roles = ["registrar"]): Asked[] {
  const log = serve(routes);
  shown(
    <Routes>
      <Route path="/cameras/*" element={<CameraPages person={person(...roles)} />} />
      <Route path="/streams" element={<p>streams</p>} />
    </Routes>,
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

describe("the list of camera files", () => {
  it("leads whoever only watches to the streams", async () => {
    open({}, "/cameras", ["watcher"]);
    expect(await screen.findByText("streams")).toBeTruthy();
  });

  it("shows how many there are, and each by its state and rates, never rounded up", async () => {
    open(LIST);
    const row = (await screen.findByText("East gate")).closest("tr") as HTMLElement;
    expect(await within(row).findByText("in service")).toBeTruthy();
    expect(row.textContent).toContain("93.3 %");
    expect((await screen.findByTestId("total")).textContent).toBe("120 cameras, 1 of them with a stream");
  });

  it("asks with the filter of its address, for the list and for the counts", async () => {
    const log = open(LIST, "/cameras?division=230102&states=in_service&has_stream=true&fill_below_bp=9000&nonsense=1");
    await screen.findByText("East gate");
    for (const path of ["/camera-files", "/camera-files/counts"]) {
      const asked = log.find((one) => one.path === path)?.query;
      expect([asked?.get("division"), asked?.getAll("states"), asked?.get("has_stream"), asked?.get("fill_below_bp"), asked?.has("nonsense")]).toEqual(["230102", ["in_service"], "true", "9000", false]);
    }
  });

  it("goes from row to row with the arrow keys, and ticks with the space bar", async () => {
    const user = userEvent.setup();
    open(LIST);
    (await screen.findByText("East gate")).focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("West gate");
    await user.keyboard(" ");
    expect(within(await screen.findByTestId("selection")).getByText("1 selected")).toBeTruthy();
  });

  it("changes all that match: previewed, then confirmed with the token of the preview", async () => {
    const user = userEvent.setup();
    const log = open(
      {
        ...LIST,
        "POST /camera-files/bulk/preview": { body: { total: 120, changing: 118, token: "tok" } },
        "POST /camera-files/bulk": { body: { changed: 118 } },
      },
      "/cameras?division=230102",
    );
    await user.click(await screen.findByRole("checkbox", { name: "Select this page" }));
    await user.click(await screen.findByText("Select all 120 that match"));
    await user.click(screen.getByRole("button", { name: /Change all/ }));
    const dialog = await screen.findByRole("dialog");
    await user.click(within(dialog).getByRole("combobox"));
    await user.click(await screen.findByTitle("model"));
    await user.type(await within(dialog).findByLabelText("New value"), "X1");
    await user.click(within(dialog).getByRole("button", { name: "Preview" }));
    expect(await within(dialog).findByText("118 of the 120 selected will change")).toBeTruthy();
    await user.click(await within(dialog).findByRole("button", { name: /Change 118$/ }));
    await waitFor(() => expect(log.find(({ path }) => path === "/camera-files/bulk")?.body).toEqual({ query: { division: "230102" }, set: { model: "X1" }, token: "tok", reason: "" }));
    await waitFor(() => expect(screen.queryByTestId("selection")).toBeNull());
  }, 30_000);
});

const file = (change: Partial<CameraFile> = {}): CameraFile => ({
  ...line(), part: null, structure_type: "", capture_position_type: "", network_status: "", management_unit: null, longitude: null, latitude: null, crs: "", original_x: null, original_y: null,
  height_m: null, install_date: null, record_save_days: null, secrecy: "none", view: { azimuth: null, pitch: null, h_fov: null, v_fov: null, max_view_distance: null, sweep: null, masks: [] },
  consents: [], fields: { model: "old" }, missing: ["manufacturer"], faults: [{ field: "model", detail: "is not a model" }], created_at: at, ...change,
});
const FILE = {
  "GET /camera-files/fields": FIELDS,
  [`GET /camera-files/${ONE}`]: { body: file() },
  "GET /procedures": { body: { items: [] } },
  "GET /duties": { body: { items: [], next: null, now: at } },
};

describe("a camera's file", () => {
  it("says which mandatory fields are empty and which are wrong", async () => {
    open(FILE, `/cameras/${ONE}`);
    const quality = await screen.findByTestId("quality");
    expect(quality.textContent).toContain("1 mandatory fields are empty:");
    expect(within(quality).getByRole("link", { name: "manufacturer" }).getAttribute("href")).toBe(`/cameras/${ONE}/fields?edit=device`);
    expect(quality.textContent).toContain("model is not a model");
  });

  it("has no tab with nothing behind it: no picture without a stream", async () => {
    open(FILE, `/cameras/${ONE}`, ["registrar", "watcher"]);
    await screen.findByTestId("quality");
    expect(screen.getAllByRole("link").map(({ textContent }) => textContent)).toEqual(expect.arrayContaining(["Overview", "File", "History"]));
    expect(screen.queryByRole("link", { name: "Picture" })).toBeNull();
  });

  it("sends what differs with the version read; the second is told who changed what, and what they typed stays", async () => {
    const user = userEvent.setup();
    let version = 3;
    const log = open(
      {
        ...FILE,
        [`GET /camera-files/${ONE}`]: () => ({ body: file({ version }) }),
        [`PATCH /camera-files/${ONE}`]: ({ body }) => {
          if ((body as { version: number }).version === 3) {
            version = 4;
            return { status: 409, body: { title: "Conflict", status: 409, detail: "Wang changed this", code: "stale", errors: [] } };
          }
          return { body: file({ version: 5 }) };
        },
        [`GET /camera-files/${ONE}/history`]: () => ({
          body: [{ version, act: "changed", at, by_name: "Wang", reason: "", changes: { manufacturer: [null, "Dahua"] } }],
        }),
      },
      `/cameras/${ONE}/fields`,
    );
    await user.click(await screen.findByRole("button", { name: "Change: Device" }));
    const drawer = await screen.findByRole("dialog");
    const model = await within(drawer).findByLabelText("model");
    await user.clear(model);
    await user.type(model, "new");
    await user.click(await within(drawer).findByRole("button", { name: /Save$/ }));
    const stale = await within(drawer).findByTestId("stale");
    await waitFor(() => expect(stale.textContent).toMatch(/Wang.*manufacturer/));
    expect((model as HTMLInputElement).value).toBe("new");
    await user.click(within(stale).getByRole("button", { name: "Seen, go on" }));
    await user.click(await within(drawer).findByRole("button", { name: /Save$/ }));
    await waitFor(() => expect(log.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toEqual([3, 4].map((read) => ({ version: read, fields: { model: "new" } }))));
  }, 30_000);

  it("has a form for where the camera may turn, that changes nothing else of the view", async () => {
    const user = userEvent.setup();
    const view = { ...file().view, azimuth: 180, masks: [[[1, 2], [3, 4], [5, 6]]] } as unknown as CameraFile["view"];
    const log = open({ ...FILE, [`GET /camera-files/${ONE}`]: { body: file({ view }) }, [`PATCH /camera-files/${ONE}`]: { body: file({ version: 4 }) } }, `/cameras/${ONE}/fields`);
    const sweep = await screen.findByTestId("sweep");
    expect(sweep.textContent).toContain("None registered");
    await user.click(within(sweep).getByRole("button", { name: "Change: sweep" }));
    const drawer = await screen.findByRole("dialog");
    await user.click(await within(drawer).findByRole("radio", { name: "Yes" }));
    for (const [label, typed] of [[/^Pan from/, "300"], [/^Pan to/, "60"], [/^Lowest tilt/, "-45"], [/^Where it looks/, "180"]] as const) {
      const box = within(drawer).getByLabelText(label);
      await user.clear(box);
      await user.type(box, typed);
    }
    await user.click(within(drawer).getByRole("button", { name: /Save$/ }));
    const sweepSent = { pan_from: 300, pan_width: 120, tilt_least: -45, tilt_most: null, zoom_most: null, pan_zero: 180 };
    await waitFor(() => expect(log.find(({ method }) => method === "PATCH")?.body).toEqual({ version: 3, view: { ...view, sweep: sweepSent } }));
  }, 30_000);

  it("is, for who may not know it, as if it were not there", async () => {
    open({ "GET /camera-files/fields": FIELDS }, `/cameras/${TWO}`);
    expect(await screen.findByText("It no longer exists.")).toBeTruthy();
  });
});
