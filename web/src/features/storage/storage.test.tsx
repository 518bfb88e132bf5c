import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { Finding, Findings, Hold, Mark, Storage, Term, Volume } from "../../api/storage";
import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown, WORKER_AWAY } from "../../test-server";
import StoragePages from "./StoragePages";

const TB = 1e12;
const GATE = "00000000-0000-0000-0000-000000000001";
const ALL = ["watcher", "registrar", "custodian"];

const volume = (change: Partial<Volume> = {}): Volume => ({
  id: "v1", path: "/srv/a", state: "writable", cause: null, detail: "", size_bytes: 4 * TB, used_bytes: TB, free_bytes: 3 * TB,
  reserve_bytes: TB / 20, write_bytes_per_s: 11_400_000, days_left: 41.7, alarm: false, cameras: 32, workers: ["media-0"], ...change,
});
const storage = (...volumes: Volume[]): { body: Storage } => ({ body: { volumes, days_needed: 30 } });

const term = (change: Partial<Term> = {}): Term => ({
  camera: GATE, name: "East gate", class: "default", days: 30, article: "28¶2", code: "R28.1", citation: "the measures",
  oldest: "2026-10-31T17:30:00Z", marks: 2, holds: 0, overdue_segments: 0, ...change,
});
const mark = (change: Partial<Mark> = {}): Mark => ({
  id: "m1", camera: GATE, camera_name: "East gate", start: "2026-11-25T16:00:00Z", end: "2026-11-25T16:02:00Z", reason: "collision",
  article: "28¶2", state: "in_force", by: "Wang", at: "2026-11-25T16:03:00Z", release: null, ...change,
});
const asked = (by: string) => ({ asked_by: by, asked_at: "2026-11-25T17:00:00Z", confirmed_by: null, confirmed_at: null, reason: "wrong camera" });
const hold = (change: Partial<Hold> = {}): Hold => ({
  ...mark({ article: "27¶2" }), copied_segments: 14, copied_bytes: 1.53e9, sha256: "ab".repeat(32), missing: [], verified_at: "2026-11-25T18:00:00Z", ...change,
});
const page = <Item,>(...items: Item[]) => ({ body: { items, next: null } });

const finding = (change: Partial<Finding> = {}): Finding => ({
  id: "f1", kind: "altered", camera: GATE, camera_name: "East gate", volume: "v1", start: "2026-11-25T16:00:00Z", end: "2026-11-25T16:00:01Z",
  found_at: "2026-11-26T01:00:00Z", detail: "fragment 17: SHA-256 differs", ...change,
});
const findings = (items: Finding[], last: string | null, percent = 63.27): { body: Findings } => ({
  body: { items, next: null, audit: { period_days: 30, covered_percent: percent, last_round_at: last } },
});

function open(address: string, roles: string[] = ALL): void {
  shown(
    <Routes>
      <Route path="/storage/*" element={<StoragePages person={person(...roles)} />} />
    </Routes>,
    address,
  );
}

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the volumes", () => {
  it("load, and say so", () => {
    serve({ "GET /storage": "never" });
    open("/storage/volumes");
    expect(screen.getByText("Loading…")).toBeTruthy();
  });

  it("are none: what to do", async () => {
    serve({ "GET /storage": storage() });
    open("/storage/volumes");
    expect(await screen.findByText("No volumes yet")).toBeTruthy();
    expect(screen.getByText(/BINGJIAN_VOLUMES/)).toBeTruthy();
  });

  it("say their room, rate and days against the days needed", async () => {
    serve({ "GET /storage": storage(volume(), volume({ id: "v2", path: "/srv/b", days_left: null })) });
    open("/storage"); // the first page is this one
    const card = await screen.findByRole("article", { name: "/srv/a" });
    expect(within(card).getByRole("img", { name: "Used 1.00 TB, Reserve 50.0 GB, Room 2.95 TB" })).toBeTruthy();
    expect(card.textContent).toContain("11.4 MB/s");
    expect(card.textContent).toContain("41 days / 30 needed");
    expect(within(card).queryByRole("alert")).toBeNull();
    expect(screen.getByRole("article", { name: "/srv/b" }).textContent).toContain("Being measured");
  });

  it("at seven days left raise the alarm and say what to do", async () => {
    serve({ "GET /storage": storage(volume({ days_left: 5.39, alarm: true })) });
    open("/storage/volumes");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Full in 5.3 days"); // rounded down
    expect(alert.textContent).toContain("Add a volume");
    expect(alert.textContent).toContain("never removed");
  });

  it("in trouble stand first, with the cause and where their cameras went", async () => {
    const failing = volume({ id: "v2", path: "/srv/z", state: "failing", cause: "volume_failing", detail: "write: Input/output error", cameras: 0 });
    serve({ "GET /storage": storage(volume(), failing) });
    open("/storage/volumes");
    const [first] = await screen.findAllByTestId("volume");
    expect(first?.getAttribute("data-state")).toBe("failing");
    expect(first?.textContent).toContain("storage failing: write: Input/output error");
    expect(first?.textContent).toContain("moved to /srv/a");
    expect(first?.textContent).toContain("Nothing kept is removed");
  });

  it("with nowhere to go say that recording stands still", async () => {
    const full = volume({ state: "full", cause: "volume_full", used_bytes: 4 * TB, free_bytes: 0 });
    serve({ "GET /storage": storage(full, volume({ id: "v3", path: "/srv/c", workers: ["media-9"] })) });
    open("/storage/volumes");
    expect((await screen.findByRole("article", { name: "/srv/a" })).textContent).toContain("no other volume to move to");
  });

  it("of a worker that is away say that recording may go on", async () => {
    serve({ "GET /storage": storage(volume({ state: "away" })) });
    open("/storage/volumes");
    expect((await screen.findByRole("alert")).textContent).toContain("Recording does not depend on this page");
  });

  it("that cannot be asked for say why and offer to try again", async () => {
    serve({ "GET /storage": WORKER_AWAY });
    open("/storage/volumes");
    expect((await screen.findByRole("alert")).textContent).toContain("The media worker does not answer");
    expect(screen.getByRole("button", { name: /Try again/ })).toBeTruthy();
  });
});

describe("the terms", () => {
  it("are none before a camera is registered, and none for a filter", async () => {
    serve({ "GET /retention": page() });
    open("/storage/retention");
    expect(await screen.findByText("No cameras yet")).toBeTruthy();
    await userEvent.type(screen.getByLabelText("Find by name"), "west");
    expect(await screen.findByText("No camera matches “west”")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Clear the filter" }));
    expect(await screen.findByText("No cameras yet")).toBeTruthy();
  });

  it("name days, article, ground, and the civil day until which is kept", async () => {
    serve({ "GET /retention": page(term()) });
    open("/storage/retention");
    const row = await screen.findByRole("row", { name: /East gate/ });
    expect(row.textContent).toContain("30 days Art. 28 par. 2");
    expect(row.textContent).toContain("the measures");
    // 17:30 UTC is 01:30 of 1 November in civil time: thirty natural days end with 1 December
    expect(row.textContent).toContain("2026-11-01 01:30:00");
    expect(row.textContent).toContain("2026-12-01 24:00");
    expect(within(row).getByRole("link", { name: "Important marks East gate 2" })).toBeTruthy();
  });

  it("offer a change only to whoever registers cameras", async () => {
    serve({ "GET /retention": page(term()) });
    open("/storage/retention", ["watcher"]);
    await screen.findByRole("row", { name: /East gate/ });
    expect(screen.queryByRole("button", { name: /Change the class/ })).toBeNull();
    expect(screen.getByRole("button", { name: /Mark an interval important/ })).toBeTruthy();
  });

  it("change with a reason; a refusal stays in the dialog, with its article", async () => {
    const log = serve({
      "GET /retention": page(term()),
      [`PATCH /cameras/${GATE}/retention`]: refusal("R28.5", "28¶2", "an industry standard is no ground", "cite a statute"),
    });
    open("/storage/retention");
    await userEvent.click(await screen.findByRole("button", { name: /Change the class/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByLabelText("Another law"));
    await userEvent.type(await within(dialog).findByLabelText("Days"), "15");
    await userEvent.type(within(dialog).getByLabelText("Ground"), "GB 99");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await within(dialog).findByText("Give a reason")).toBeTruthy();
    await userEvent.type(within(dialog).getByLabelText("Reason"), "court order");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    const alert = await within(dialog).findByRole("alert");
    expect(alert.textContent).toContain("an industry standard is no ground");
    expect(alert.textContent).toContain("cite a statute Ground: Art. 28 par. 2 (R28.5).");
    expect(log.find(({ method }) => method === "PATCH")?.body).toEqual({ class: "other_law", days: 15, citation: "GB 99", reason: "court order" });
  }, 20_000);

  it("say that footage is gone, and where to look", async () => {
    serve({
      "GET /retention": page(term()),
      [`POST /cameras/${GATE}/holds`]: refusal("R28.6", "28¶2", "removed on 2026-11-01 under receipt 5541", null, 409),
    });
    open("/storage/retention");
    await userEvent.click(await screen.findByRole("button", { name: /Hold an interval/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText(/^Start/), "2026-10-01 08:00");
    await userEvent.type(within(dialog).getByLabelText(/^End/), "2026-10-01 07:00");
    await userEvent.type(within(dialog).getByLabelText("Reason"), "case 12");
    await userEvent.click(within(dialog).getByRole("button", { name: "Hold an interval" }));
    expect(await within(dialog).findByText("The end must lie after the start")).toBeTruthy();
    await userEvent.clear(within(dialog).getByLabelText(/^End/));
    await userEvent.type(within(dialog).getByLabelText(/^End/), "2026-10-01 09:00");
    await userEvent.click(within(dialog).getByRole("button", { name: "Hold an interval" }));
    const alert = await within(dialog).findByText(/reached the end of its term and is gone/);
    expect(alert.closest("[role=alert]")?.textContent).toContain("receipt 5541");
  }, 20_000);
});

describe("marks and holds", () => {
  it("are none: how to make one", async () => {
    serve({ "GET /marks": page() });
    open("/storage/retention?view=marks");
    expect(await screen.findByText("Nothing is marked")).toBeTruthy();
    expect(screen.getByText(/press M/)).toBeTruthy();
  });

  it("show who, when and why, and how far a release has come", async () => {
    const released = mark({ id: "m3", state: "released", release: { ...asked("Wang"), confirmed_by: "Li", confirmed_at: "2026-11-25T17:30:00Z" } });
    const log = serve({ "GET /marks": page(mark(), mark({ id: "m2", state: "release_asked", release: asked("Wang") }), released) });
    open(`/storage/retention?view=marks&camera=${GATE}`);
    const states = (await screen.findAllByTestId("kept-state")).map(({ textContent }) => textContent);
    expect(states[0]).toContain("In force");
    expect(states[1]).toContain("Wang asked for release on 2026-11-26 01:00:00: wrong camera");
    expect(states[2]).toContain("Li confirmed on 2026-11-26 01:30:00");
    expect(screen.getAllByText("2026-11-26 00:00:00 – 00:02:00 +08:00")[0]?.getAttribute("title")).toContain("UTC 2026-11-25 16:00:00");
    expect(screen.getAllByRole("button", { name: /^(Ask for|Confirm) release/ })).toHaveLength(2);
    expect(log[0]?.query.get("camera")).toBe(GATE);
  });

  it("are released by two: the same person's confirmation is refused with its article", async () => {
    serve({
      "GET /marks": page(mark({ state: "release_asked", release: asked("operator") })),
      "POST /marks/m1/release": refusal("R28.3", "28¶2", "who asked for the release cannot confirm it", "ask another person"),
    });
    open("/storage/retention?view=marks");
    await userEvent.click(await screen.findByRole("button", { name: /^Confirm release/ }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("You asked for it: another person must confirm.")).toBeTruthy();
    await userEvent.type(within(dialog).getByLabelText("Reason"), "checked");
    await userEvent.click(within(dialog).getByRole("button", { name: "Confirm release" }));
    expect((await within(dialog).findByRole("alert")).textContent).toBe(
      "who asked for the release cannot confirm itask another person Ground: Art. 28 par. 2 (R28.3).",
    );
  }, 20_000);

  it("ask for a release and say that another person must confirm", async () => {
    const log = serve({ "GET /holds": page(hold()), "POST /holds/m1/release": { body: hold({ state: "release_asked", release: asked("operator") }) } });
    open("/storage/retention?view=holds");
    await userEvent.click(await screen.findByRole("button", { name: /^Ask for release/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Reason"), "case closed");
    await userEvent.click(within(dialog).getByRole("button", { name: "Ask for release" }));
    expect(await screen.findByText("Asked for release; another person must confirm")).toBeTruthy();
    expect(log.find(({ method }) => method === "POST")?.body).toEqual({ reason: "case closed" });
    await waitFor(() => expect(log.filter(({ path }) => path === "/holds")).toHaveLength(2)); // asked anew
  }, 20_000);

  it("name what of a hold was copied, verified, and never there", async () => {
    const torn = hold({ id: "h2", verified_at: null, missing: [{ start: "2026-11-25T16:00:00Z", end: "2026-11-25T16:00:07Z", cause: "disconnected" }] });
    serve({ "GET /holds": page(hold(), torn) });
    open("/storage/retention?view=holds");
    const [good, bad] = await screen.findAllByText("14 segments, 1.53 GB");
    expect(good?.parentElement?.textContent).toContain("verified 2026-11-26 02:00:00");
    expect(bad?.parentElement?.textContent).toContain("not verified yet");
    expect(bad?.parentElement?.textContent).toContain("missing 2026-11-26 00:00:00 – 00:00:07 +08:00 connection lost");
  });

  it("that cannot be asked for say why", async () => {
    serve({ "GET /marks": WORKER_AWAY });
    open("/storage/retention?view=marks");
    expect((await screen.findByRole("alert")).textContent).toContain("does not answer");
  });
});

describe("the findings", () => {
  it("load, and say so", () => {
    serve({ "GET /findings": "never" });
    open("/storage/findings");
    expect(screen.getByText("Loading…")).toBeTruthy();
  });

  it("are none: everything was re-read, by which date", async () => {
    serve({ "GET /findings": findings([], "2026-11-12T18:04:05Z") });
    open("/storage/findings");
    expect(await screen.findByText("Nothing was found")).toBeTruthy();
    expect(screen.getByText(/Everything was re-read.*by 2026-11-13 02:04:05/)).toBeTruthy();
    expect(screen.getByTestId("audit").textContent).toContain("every 30 days");
  });

  it("promise nothing before the first round has ended", async () => {
    serve({ "GET /findings": findings([], null, 99.99) });
    open("/storage/findings");
    expect(await screen.findByText("Nothing found so far")).toBeTruthy();
    expect(screen.getByText(/99\.9 % read/)).toBeTruthy(); // never rounded up to a whole round
  });

  it("name the kind, camera, interval and volume, and lead to the picture", async () => {
    const kinds = ["altered", "removed", "inserted", "reordered", "early_deleted"] as const;
    serve({ "GET /findings": findings(kinds.map((kind) => finding({ id: kind, kind })), null), "GET /storage": storage(volume()) });
    open("/storage/findings");
    for (const word of ["altered", "removed", "inserted", "reordered", "deleted inside its term"]) expect(await screen.findByText(word)).toBeTruthy();
    const row = screen.getAllByRole("row", { name: /East gate/ })[0] as HTMLElement;
    expect(row.textContent).toContain("2026-11-26 00:00:00 – 00:00:01 +08:00");
    await waitFor(() => expect(row.textContent).toContain("/srv/a"));
    expect(within(row).getByRole("link").getAttribute("href")).toBe(`/video?layout=1&cameras=${GATE}&at=2026-11-25T16:00:00.000Z`);
  });

  it("lead to no picture for whoever may not watch", async () => {
    serve({ "GET /findings": findings([finding()], null) });
    open("/storage/findings", ["auditor"]);
    expect(await screen.findByText("altered")).toBeTruthy();
    expect(screen.queryByRole("link", { name: /Watch/ })).toBeNull();
  });

  it("that may not be seen say why and how to ask", async () => {
    serve({ "GET /findings": refusal("R27.1", "27¶1", "none of your roles may do this", "ask for the role you need") });
    open("/storage/findings");
    expect((await screen.findByRole("alert")).textContent).toContain("Your roles don't allow this.");
  });
});

describe("the tabs", () => {
  it("are only those that a person may see", async () => {
    serve({ "GET /storage": storage() });
    open("/storage", ["sysadmin"]);
    await screen.findByText("No volumes yet");
    expect(screen.getAllByRole("link").map(({ textContent }) => textContent)).toEqual(["Volumes"]);
  });
});
