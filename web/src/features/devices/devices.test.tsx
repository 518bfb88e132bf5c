import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { TreeNode } from "../../api/gb-devices";
import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown, WORKER_AWAY, type Reply } from "../../test-server";
import AlarmsPage from "./AlarmsPage";
import { branches } from "./branches";
import DevicePages from "./DevicePages";
import { firstLine } from "./messages";

const NVR = "23010200001180000001";
const EAST = "23010200001320000001";
const LINE = {
  id: "d1", code: NVR, name: "", division: "230102", organisation: null, state: "waiting", reason: "", manufacturer: "", model: "", user_agent: "NVR 4", address: "192.0.2.7:5060", transport: "udp",
  online_since: null, offline_why: "", seen_at: "2026-01-01T04:00:00Z", knocks: 3, first_seen_at: "2026-01-01T04:00:00Z", trouble: "", trouble_at: null, channels: 0, matched: 0,
};
const DEVICE = {
  ...LINE, name: "North NVR", state: "accepted", online_since: "2026-01-01T04:00:00Z", channels: 2, charset: "auto", edition: "auto", media: "auto", roams: false, tells_time: true, keep_alive_s: 60, misses: 3, positions_s: 0, coordinates: "wgs84",
  firmware: "V4", said_version: "3.0", realm_differs: true, time_offset_s: 42, catalogue_at: null, catalogue_complete: false, version: 1, changed_at: "2026-01-01T04:00:00Z",
};
const SIGNAL = { is_on: true, answers: true, sip_id: "23010000002000000001", sip_domain: "2301000000", sip_host: "192.0.2.8", sip_port: 5060, sip_tls_port: 5061, counts: { waiting: 1, accepted: 0, refused: 0, online: 0 }, messages_per_s: 1 };
const CHANNEL = {
  channel: EAST, name: "East gate", parents: [], civil_code: "230102", business_group: "", manufacturer: "", model: "", address: "", status: "on", ptz_type: "", longitude: null, latitude: null, position: null,
  since: "2026-01-01T04:00:00Z", gone_at: null, is_code: true, matched_by_name: "", matched_at: null, camera: null,
};
const ALARM = {
  id: "a1", device: "d1", channel: EAST, camera: "c1", label: "East gate", priority: "1", method: "5", type: "6", event_type: "1", description: "", longitude: null, latitude: null, said_at: "",
  received_at: "2026-01-01T04:00:00Z", happened_at: "2026-01-01T04:00:00Z", start: "2026-01-01T03:59:50Z", end: "2026-01-01T04:00:20Z", handled_by_name: "", handled_at: null, note: "",
};
const LOG = [
  { seq: 1, at: "2026-01-01T04:00:00Z", direction: "in", transport: "udp", local: "192.0.2.8:5060", peer: "192.0.2.7:5060", count: 1, text: "REGISTER sip:1@2 SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n" },
  { seq: 2, at: "2026-01-01T04:00:01Z", direction: "out", transport: "udp", local: "192.0.2.8:5060", peer: "192.0.2.7:5060", count: 1, text: "SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\n\r\n" },
];
const REGULATION = { body: { editions: [], codes: {} } };
const common = { "GET /gb-devices/signal": { body: SIGNAL }, "GET /regulation": REGULATION };
const one = { ...common, "GET /gb-devices/d1": { body: DEVICE }, "GET /gb-devices/d1/tree": { body: { items: [] } }, "GET /gb-devices/d1/channels": { body: { items: [CHANNEL], next: null } } };

function pages(address: string, ...roles: string[]): void {
  shown(
    <Routes>
      <Route path="/devices/*" element={<DevicePages person={person(...roles)} />} />
    </Routes>,
    address,
  );
}

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the list of devices", () => {
  it("says of one that is online since when, for nobody writes down each of its messages", async () => {
    serve({ ...common, "GET /gb-devices": { body: { items: [DEVICE, { ...LINE, id: "d2", name: "Gone", state: "accepted" }], next: null } } });
    pages("/devices?state=accepted", "registrar");
    const [online, gone] = await Promise.all([screen.findByRole("row", { name: /North NVR/ }), screen.findByRole("row", { name: /Gone/ })]);
    expect(online.textContent).toContain("online since 2026-01-01 12:00:00");
    expect(gone.textContent).toMatch(/[^e] ?2026-01-01 12:00:00/);
    expect(gone.textContent).not.toContain("since");
  });

  it("says what to set in a device, and who waits is accepted with a password that is shown once", async () => {
    const asked = serve({ ...common, "GET /gb-devices": { body: { items: [LINE], next: null } }, "POST /gb-devices/d1/acceptance": { body: { ...DEVICE, generated_password: "abcd2345efgh" } } });
    pages("/devices?state=waiting", "registrar");
    expect(await screen.findByText(/23010000002000000001.*192\.0\.2\.8.*5060/)).toBeTruthy();
    const row = await screen.findByRole("row", { name: new RegExp(NVR) });
    expect(screen.getByText(/port 5060 \(UDP, TCP\), 5061 \(TLS\)/)).toBeTruthy();
    fireEvent.click(within(row).getByRole("button", { name: "Accept" }));
    const dialog = await screen.findByRole("dialog");
    fireEvent.change(await within(dialog).findByLabelText("Name"), { target: { value: "North NVR" } });
    fireEvent.click(within(dialog).getByRole("button", { name: "Accept" }));
    expect((await screen.findByTestId("password")).textContent).toContain("abcd2345efgh");
    const sent = asked.find(({ method }) => method === "POST")?.body as Record<string, unknown>;
    expect([sent["name"], sent["division"], "password" in sent]).toEqual(["North NVR", "230102", false]);
  });

  it("offers nothing to whoever only reads, and says that it is off and how to set it", async () => {
    serve({ ...common, "GET /gb-devices/signal": { body: { ...SIGNAL, is_on: false } }, "GET /gb-devices": { body: { items: [LINE], next: null } } });
    pages("/devices?state=waiting", "inspector");
    expect(await screen.findByText(/BINGJIAN_SIP_ID/)).toBeTruthy();
    await screen.findByRole("row", { name: new RegExp(NVR) });
    expect(screen.queryByRole("button", { name: "Accept" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Refuse" })).toBeNull();
  });

  it("refuses with a reason, never without", async () => {
    const asked = serve({ ...common, "GET /gb-devices": { body: { items: [LINE], next: null } }, "POST /gb-devices/d1/refusal": { body: { ...DEVICE, state: "refused" } } });
    pages("/devices?state=waiting", "registrar");
    fireEvent.click(await screen.findByRole("button", { name: "Refuse" }));
    const dialog = await screen.findByRole("dialog");
    const button = within(dialog).getByRole<HTMLButtonElement>("button", { name: "Refuse" });
    expect(button.disabled).toBe(true);
    fireEvent.change(within(dialog).getByLabelText("Reason"), { target: { value: "not ours" } });
    fireEvent.click(button);
    await waitFor(() => expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ reason: "not ours" }));
  });

  it("begins at the first page when another is looked for, and keeps what is looked for in another state", async () => {
    const asked = serve({ ...common, "GET /gb-devices": { body: { items: [LINE], next: "more" } } });
    const lists = (): string[] => asked.filter(({ path }) => path === "/gb-devices").map(({ query }) => ["state", "q", "cursor"].map((name) => query.get(name) ?? "").join(" "));
    pages("/devices?state=waiting", "registrar");
    fireEvent.click(await screen.findByRole("button", { name: "Next page" }));
    await waitFor(() => expect(lists()).toEqual(["waiting  ", "waiting  more"]));
    fireEvent.change(screen.getByLabelText("Name or id"), { target: { value: "north " } });
    await waitFor(() => expect(lists().slice(2)).toEqual(["waiting north "]));
    expect(screen.getByText("Page 1")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Next page" }));
    await waitFor(() => expect(lists().slice(3)).toEqual(["waiting north more"]));
    fireEvent.click(screen.getByRole("radio", { name: /Refused/ }));
    await waitFor(() => expect(lists().slice(4)).toEqual(["refused north "]));
  });
});

describe("one device", () => {
  it("tells what is set wrong, and matches a channel with the file of the same id by one click", async () => {
    const check = { is_code: true, faults: ["its first six digits are another division"], suggestions: [{ file: "c1", name: "Gate", device_id: EAST, by: "code" }] };
    const asked = serve({ ...one, [`GET /gb-devices/d1/channels/${EAST}/check`]: { body: check }, [`PUT /gb-devices/d1/channels/${EAST}/match`]: { body: CHANNEL } });
    pages("/devices/d1", "registrar");
    expect(await screen.findByText(/SIP server id or domain set in the device is not ours/)).toBeTruthy();
    expect(screen.getByText(/off by 42\.0 s/)).toBeTruthy();
    fireEvent.click(await screen.findByRole("button", { name: "Match East gate" }));
    expect(await screen.findByText("its first six digits are another division")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Match Gate" }));
    await waitFor(() => expect(asked.find(({ method }) => method === "PUT")?.body).toEqual({ file: "c1", may_differ: false }));
  });

  it("says why nothing of a channel is stored", async () => {
    const storable = { may_store: false, code: "R9.6", reason: "the device is not registered", remedy: "register it first" };
    const camera = { id: "c1", name: "Gate", device_id: EAST, has_source: false, storable };
    serve({ ...one, "GET /gb-devices/d1/channels": { body: { items: [{ ...CHANNEL, camera }], next: null } } });
    pages("/devices/d1", "registrar");
    expect(await screen.findByText(/the device is not registered/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "Gate" }).getAttribute("href")).toBe("/cameras/c1");
  });

  it("matches in spite of another id only when that is meant", async () => {
    const check = { is_code: true, faults: [], suggestions: [{ file: "c1", name: "Gate", device_id: "1", by: "name" }] };
    const match = vi.fn((sent: { body: unknown }) => ((sent.body as { may_differ: boolean }).may_differ ? { body: CHANNEL } : refusal("codes_differ", null, "another code", null, 409)));
    serve({ ...one, [`GET /gb-devices/d1/channels/${EAST}/check`]: { body: check }, [`PUT /gb-devices/d1/channels/${EAST}/match`]: match });
    pages("/devices/d1", "registrar");
    fireEvent.click(await screen.findByRole("button", { name: "Match East gate" }));
    fireEvent.click(await screen.findByRole("button", { name: "Match Gate" }));
    fireEvent.click(await screen.findByRole("button", { name: /Match anyway/ }));
    await waitFor(() => expect(match).toHaveBeenCalledTimes(2));
  });

  it("shows the signalling as a ladder, finds in it, and shows a message as it was", async () => {
    serve({ ...one, "GET /gb-devices/d1/log": { body: { messages: LOG } } });
    pages("/devices/d1?tab=log", "registrar");
    fireEvent.click(await screen.findByRole("button", { name: "from the device: REGISTER (1 REGISTER)" }));
    expect(screen.getByText(/REGISTER sip:1@2 SIP\/2\.0/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Find in messages"), { target: { value: "unauthorized" } });
    await waitFor(() => expect(screen.queryByRole("button", { name: /from the device/ })).toBeNull());
    expect(screen.getByRole("button", { name: "to the device: 401 Unauthorized (1 REGISTER)" })).toBeTruthy();
    expect(screen.getByRole("link", { name: /pcap/ }).getAttribute("href")).toBe("/api/v1/gb-devices/d1/log.pcap");
  });

  it("says where a moving channel was last, how fast and how long ago, and of others that nothing is told", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const position = { longitude: 126.6421234, latitude: 45.7564, told_in: "gcj02", speed_kmh: 23.7, direction: 90, altitude_m: null, said_at: null, received_at: "2026-01-01T04:00:00Z", age_s: 95, is_devices: true };
    const items = [{ ...CHANNEL, position }, { ...CHANNEL, channel: "23010200001320000002", name: "West gate" }];
    serve({ ...one, "GET /gb-devices/d1": { body: { ...DEVICE, positions_s: 5 } }, "GET /gb-devices/d1/channels": { body: { items, next: null } } });
    pages("/devices/d1", "registrar");
    const row = await screen.findByRole("row", { name: /East gate/ });
    expect(row.textContent).toContain("126.642123, 45.756400");
    expect(row.textContent).toContain("24 km/h · 90° · of the device 2026-01-01 12:00:00 (1m35s ago)");
    expect(screen.getByRole("row", { name: /West gate/ }).textContent).toContain("not told yet");
    expect(screen.getByText("asked every 5 s")).toBeTruthy();
  });

  it("says that a place is older, the longer nothing newer is told", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const position = { longitude: 126, latitude: 45, told_in: "wgs84", speed_kmh: null, direction: null, altitude_m: null, said_at: null, received_at: "2026-01-01T04:00:00Z", age_s: 95, is_devices: false };
    const channels = vi.fn<() => Reply>(() => "never").mockReturnValueOnce({ body: { items: [{ ...CHANNEL, position }], next: null } });
    serve({ ...one, "GET /gb-devices/d1": { body: { ...DEVICE, positions_s: 5 } }, "GET /gb-devices/d1/channels": channels });
    pages("/devices/d1", "registrar");
    const row = await screen.findByRole("row", { name: /East gate/ });
    expect(row.textContent).toContain("(1m35s ago)");
    vi.setSystemTime(Date.now() + 60_000);
    await waitFor(() => expect(row.textContent).toContain("(2m35s ago)"));
  });

  it("says why there is no tree of its channels, and asks for it again", async () => {
    const tree = vi.fn<() => Reply>(() => ({ body: { items: [] } })).mockReturnValueOnce(WORKER_AWAY);
    serve({ ...one, "GET /gb-devices/d1/tree": tree });
    pages("/devices/d1", "registrar");
    expect(await screen.findByText("East gate")).toBeTruthy();
    fireEvent.click(within(await screen.findByRole("alert")).getByRole("button", { name: /Try again/ }));
    expect(await screen.findByRole("tree")).toBeTruthy();
  });

  it("asks a device where it is only at an interval that can be, and shows no places while that is off", async () => {
    const asked = serve({ ...one, "PATCH /gb-devices/d1": { body: { ...DEVICE, generated_password: null } } });
    pages("/devices/d1", "registrar");
    fireEvent.click(await screen.findByRole("button", { name: /Change/ }));
    expect(screen.queryByText("Last place")).toBeNull();
    const dialog = await screen.findByRole("dialog");
    const seconds = await within(dialog).findByLabelText("Ask where it is every (s)");
    fireEvent.change(seconds, { target: { value: "3" } });
    fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await within(dialog).findByText("0, or from 5 to 3600")).toBeTruthy();
    expect(asked.some(({ method }) => method === "PATCH")).toBe(false);
    fireEvent.change(seconds, { target: { value: "15" } });
    fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(asked.find(({ method }) => method === "PATCH")?.body).toMatchObject({ positions_s: 15, coordinates: "wgs84", version: 1 }));
  });

  it("keeps the signalling from whoever only reads", async () => {
    serve(one);
    pages("/devices/d1", "inspector");
    expect(await screen.findByText("East gate")).toBeTruthy();
    expect(screen.queryByRole("tab", { name: "Signalling" })).toBeNull();
    expect(screen.queryByRole("button", { name: /Match/ })).toBeNull();
  });
});

describe("alarms", () => {
  it("lead to the footage and are handled with a note", async () => {
    const asked = serve({ "GET /gb-alarms": { body: { items: [ALARM], next: null } }, "POST /gb-alarms/a1/handling": { body: ALARM } });
    shown(<AlarmsPage person={person("watcher")} />);
    expect((await screen.findByRole("link", { name: "Footage" })).getAttribute("href")).toBe("/video?layout=1&cameras=c1&at=2026-01-01T03:59:50.000Z");
    expect(screen.getByText(/video · intrusion/)).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Handled: East gate" }));
    fireEvent.change(await screen.findByLabelText("Note (may be empty)"), { target: { value: "a cat" } });
    fireEvent.click(screen.getByRole("button", { name: "Handled" }));
    await waitFor(() => expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ note: "a cat" }));
  });

  it("begin at the first page when all are asked for", async () => {
    const asked = serve({ "GET /gb-alarms": { body: { items: [ALARM], next: "more" } } });
    const lists = (): unknown[] => asked.map(({ query }) => [query.get("open"), query.get("cursor")]);
    shown(<AlarmsPage person={person("watcher")} />);
    fireEvent.click(await screen.findByRole("button", { name: "Next page" }));
    await waitFor(() => expect(lists()).toEqual([["true", null], ["true", "more"]]));
    fireEvent.click(screen.getByRole("checkbox"));
    await waitFor(() => expect(lists().slice(2)).toEqual([[null, null]]));
    expect(screen.getByText("Page 1")).toBeTruthy();
  });

  it("are not handled by police that only look on", async () => {
    serve({ "GET /gb-alarms": { body: { items: [ALARM], next: null } } });
    shown(<AlarmsPage person={person("public_security")} />);
    expect(await screen.findByText(/video · intrusion/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Handled: East gate" })).toBeNull();
  });
});

describe("the tree of channels", () => {
  const node = (code: string, parent: string): TreeNode => ({ code, parent, name: code, kind: "business_group", channels: 0, online: 0 });

  it("loses no node, though parents are unknown or go round in a circle", () => {
    const made = branches([node("a", ""), node("b", "a"), node("c", "d"), node("d", "c"), node("e", "nowhere"), node("", "")], ({ code }) => code);
    expect(made.map(({ key, children }) => [key, children.map((child) => child.key)])).toEqual([["a", ["b"]], ["c", []], ["d", []], ["e", []], ["", []]]);
  });
});

describe("a message in few words", () => {
  it.each([
    ["MESSAGE sip:1@2 SIP/2.0\r\nCSeq: 20 MESSAGE\r\n\r\n<Notify>\n<CmdType>Keepalive</CmdType></Notify>", "MESSAGE Keepalive (20 MESSAGE)"],
    ["SIP/2.0 200 OK\r\nCSeq: 2 INVITE\r\n\r\n", "200 OK (2 INVITE)"],
    ["nonsense", "nonsense"],
    ["", ""],
  ])("%j", (text, said) => expect(firstLine(text)).toBe(said));
});

describe("the upkeep of a device", () => {
  const page = "/devices/d1?tab=upkeep";

  it("tells the device an order, of a channel where one is named, and restarts it only when asked twice", async () => {
    const asked = serve({ ...one, "POST /gb-devices/d1/orders": { body: { confirmed: true } } });
    const posted = (): unknown[] => asked.filter(({ method }) => method === "POST").map(({ body }) => body);
    pages(page, "registrar");
    const channel = await screen.findByRole("combobox", { name: "For the channel" });
    fireEvent.change(channel, { target: { value: "gate " } });
    fireEvent.click(await screen.findByTitle(`East gate ${EAST}`));
    await waitFor(() => expect(asked.filter(({ path }) => path.endsWith("/channels")).some(({ query }) => query.get("q") === "gate")).toBe(true));
    fireEvent.click(screen.getByRole("button", { name: "Guard" }));
    await screen.findByText("The device confirmed it");
    fireEvent.click(screen.getByRole("button", { name: "Restart the device" }));
    expect(posted()).toHaveLength(1);
    fireEvent.click(await screen.findByRole("button", { name: "Restart" }));
    await waitFor(() => expect(posted()).toEqual([{ order: "guard", channel: EAST }, { order: "restart", channel: "" }]));
  });

  it("takes the whole id of a channel that no catalogue names", async () => {
    const west = "23010200001340000009";
    const asked = serve({ ...one, "GET /gb-devices/d1/channels": { body: { items: [], next: null } }, "POST /gb-devices/d1/orders": { body: { confirmed: true } } });
    pages(page, "registrar");
    const channel = await screen.findByRole("combobox", { name: "For the channel" });
    fireEvent.change(channel, { target: { value: west } });
    fireEvent.click(await screen.findByTitle(west));
    fireEvent.click(screen.getByRole("button", { name: "Guard" }));
    await waitFor(() => expect(asked.find(({ method }) => method === "POST")?.body).toEqual({ order: "guard", channel: west }));
  });

  it("says what the device tells of itself, and why it tells nothing", async () => {
    const status = { online: "ONLINE", status: "OK", reason: "", encode: "ON", record: "OFF", time: null, alarm_inputs: [{ device_id: EAST, duty_status: "ONDUTY" }] };
    const card = { number: 1, name: "SD1", status: "formatting", format_progress: 40, capacity_mb: 64, free_mb: 0 };
    serve({
      ...one,
      "GET /gb-devices/d1/status": { body: status },
      "GET /gb-devices/d1/cards": { body: { cards: [card] } },
      "GET /gb-devices/d1/configuration": { status: 504, body: { type: "about:blank", title: "No answer", status: 504, detail: "", code: "gb_device_silent" } },
    });
    pages(page, "registrar");
    fireEvent.click(await screen.findByRole("button", { name: "State" }));
    expect(await screen.findByText(`${EAST} guarded`)).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Storage cards" }));
    expect(await screen.findByText("SD1: being formatted 40 %, 0 of 64 MB free")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Configuration" }));
    expect(await screen.findByRole("alert")).toBeTruthy();
  });

  it("is not there for who may change nothing", async () => {
    serve(one);
    pages("/devices/d1", "inspector");
    await screen.findByTestId("device-page");
    expect(screen.queryByRole("tab", { name: "Upkeep" })).toBeNull();
  });
});
