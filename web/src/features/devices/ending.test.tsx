import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown, type Asked, type Reply } from "../../test-server";
import DevicePages from "./DevicePages";

const inside = (element: HTMLElement) => within(element);
type Dialog = ReturnType<typeof inside>;

const EAST = "23010200001320000001";
const DEVICE = {
  id: "d1", code: "23010200001180000001", name: "North NVR", division: "230102", organisation: null, state: "accepted", reason: "", manufacturer: "", model: "", user_agent: "", address: "", transport: "udp",
  online_since: "2026-01-01T04:00:00Z", offline_why: "", seen_at: null, knocks: 0, first_seen_at: null, trouble: "", trouble_at: null, channels: 1, matched: 1, charset: "auto", edition: "auto", media: "auto", roams: false,
  tells_time: true, keep_alive_s: 60, misses: 3, positions_s: 0, coordinates: "wgs84", firmware: "", said_version: "", realm_differs: false, time_offset_s: 0, catalogue_at: null, catalogue_complete: false, version: 1,
  changed_at: "2026-01-01T04:00:00Z",
};
const CAMERA = { id: "c1", name: "Gate", device_id: EAST, has_source: true, storable: { may_store: true, code: null, reason: null, remedy: null } };
const CHANNEL = {
  channel: EAST, name: "East gate", parents: [], civil_code: "230102", business_group: "", manufacturer: "", model: "", address: "", status: "on", ptz_type: "", longitude: null, latitude: null, position: null,
  since: "2026-01-01T04:00:00Z", gone_at: null, is_code: true, matched_by_name: "", matched_at: null, camera: CAMERA,
};
const ELSEWHERE = refusal("cameras_elsewhere", "27¶1", "this concerns more", "ask somebody");
const MATCH = `/gb-devices/d1/channels/${EAST}/match`;
const some = (count: number): Reply => ({ body: { items: [{ id: "c1", name: "Gate" }, { id: "c2", name: "Yard" }].slice(0, count), count } });

function page(more: Record<string, Reply | ((asked: Asked) => Reply)>, device: Partial<typeof DEVICE> = {}): Asked[] {
  const asked = serve({
    "GET /gb-devices/signal": { body: { is_on: true, answers: true, sip_id: "", sip_domain: "", sip_host: "", sip_port: 5060, sip_tls_port: 0, counts: { waiting: 0, accepted: 1, refused: 0, online: 1 }, messages_per_s: 1 } },
    "GET /regulation": { body: { editions: [], codes: {} } },
    "GET /gb-devices": { body: { items: [], next: null } },
    "GET /gb-devices/d1": { body: { ...DEVICE, ...device } },
    "GET /gb-devices/d1/tree": { body: { items: [] } },
    "GET /gb-devices/d1/channels": { body: { items: [CHANNEL], next: null } },
    "GET /gb-devices/d1/recorded": some(2),
    ...more,
  });
  shown(
    <Routes>
      <Route path="/devices/*" element={<DevicePages person={person("registrar")} />} />
    </Routes>,
    "/devices/d1",
  );
  return asked;
}

async function opened(button: string): Promise<Dialog> {
  fireEvent.click(await screen.findByRole("button", { name: button }));
  return within(await screen.findByRole("dialog"));
}

const sent = (asked: Asked[], method: string): Asked | undefined => asked.find((one) => one.method === method);
const say = (dialog: Dialog, reason: string): boolean => fireEvent.change(dialog.getByLabelText("Reason"), { target: { value: reason } });

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("R31.7: recording ends for a reason", () => {
  it.each([
    ["Remove", "DELETE", (one: Asked) => one.query.get("reason")],
    ["Refuse", "POST", (one: Asked) => (one.body as { reason: string }).reason],
  ])("%s names the cameras and wants the reason", async (button, method, reasonOf) => {
    const asked = page({ "DELETE /gb-devices/d1": { body: null }, "POST /gb-devices/d1/refusal": { body: { ...DEVICE, state: "refused" } } });
    const dialog = await opened(button);
    expect((await dialog.findByTestId("ended-cameras")).textContent).toBe("Cameras that are no longer recorded: 2GateYard");
    const act = dialog.getByRole<HTMLButtonElement>("button", { name: button });
    say(dialog, "  ");
    expect(act.disabled).toBe(true);
    say(dialog, " scrapped ");
    fireEvent.click(act);
    await waitFor(() => expect(sent(asked, method)).toBeTruthy());
    expect(reasonOf(sent(asked, method) as Asked)).toBe("scrapped");
  });

  it("undoes the match of a recorded camera with a reason", async () => {
    const asked = page({ [`DELETE ${MATCH}`]: { body: null } });
    const dialog = await opened("Undo the match");
    expect(dialog.getByTestId("ended-cameras").textContent).toContain("Gate");
    const act = dialog.getByRole<HTMLButtonElement>("button", { name: "Undo the match" });
    expect(act.disabled).toBe(true);
    say(dialog, "wrong one");
    fireEvent.click(act);
    await waitFor(() => expect(sent(asked, "DELETE")?.query.get("reason")).toBe("wrong one"));
  });

  it.each([{ has_source: false }, { storable: { may_store: false, code: "R9.6", reason: "no place", remedy: "give one" } }])("undoes a match without a reason where nothing is recorded: %j", async (told) => {
    const asked = page({ "GET /gb-devices/d1/channels": { body: { items: [{ ...CHANNEL, camera: { ...CAMERA, ...told } }], next: null } }, [`DELETE ${MATCH}`]: { body: null } });
    const dialog = await opened("Undo the match");
    expect([dialog.queryByLabelText("Reason"), dialog.queryByTestId("ended-cameras")]).toEqual([null, null]);
    fireEvent.click(dialog.getByRole("button", { name: "Undo the match" }));
    await waitFor(() => expect(sent(asked, "DELETE")?.query.has("reason")).toBe(false));
  });

  it("removes a device from which nothing is recorded when asked once more, without a reason", async () => {
    const asked = page({ "GET /gb-devices/d1/recorded": some(0), "DELETE /gb-devices/d1": { body: null } });
    const dialog = await opened("Remove");
    const act = dialog.getByRole<HTMLButtonElement>("button", { name: "Remove" });
    await waitFor(() => expect(act.disabled).toBe(false));
    expect(dialog.queryByLabelText("Reason")).toBeNull();
    fireEvent.click(act);
    await waitFor(() => expect(sent(asked, "DELETE")?.query.has("reason")).toBe(false));
  });

  it("does not ask what is recorded of a device that is not accepted", async () => {
    const asked = page({}, { state: "refused" });
    const dialog = await opened("Remove");
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Remove" }).disabled).toBe(false);
    expect(asked.some(({ path }) => path.endsWith("/recorded"))).toBe(false);
  });

  it("wants a reason where nobody can say what is recorded, and nothing before that is known", async () => {
    page({ "GET /gb-devices/d1/recorded": { status: 503, body: { title: "Not available", detail: "", code: "database_busy" } } });
    const dialog = await opened("Remove");
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Remove" }).disabled).toBe(true);
    expect(await dialog.findByLabelText("Reason")).toBeTruthy();
  });

  it("counts the cameras that are not named", async () => {
    page({ "GET /gb-devices/d1/recorded": { body: { items: [{ id: "c1", name: "Gate" }], count: 3 } } });
    const dialog = await opened("Remove");
    expect(await dialog.findByText("and 2 more")).toBeTruthy();
  });

  it("says in words, with the article, that more is concerned than one's own areas", async () => {
    page({ "DELETE /gb-devices/d1": ELSEWHERE });
    const dialog = await opened("Remove");
    await dialog.findByLabelText("Reason");
    say(dialog, "scrapped");
    fireEvent.click(dialog.getByRole("button", { name: "Remove" }));
    const alert = await dialog.findByRole("alert");
    expect(alert.textContent).toContain("This concerns more than lies in your areas");
    expect(within(alert).getByRole("link").getAttribute("href")).toContain("/regulation");
  });

  it.each([
    ["typed", (dialog: Dialog) => fireEvent.change(dialog.getByLabelText("Password of its registration"), { target: { value: "camera-2027" } })],
    ["made up", (dialog: Dialog) => fireEvent.click(dialog.getByRole("checkbox", { name: "Make up a new password" }))],
  ])("wants the reason for a password that is %s, and for nothing else", async (_, change) => {
    const asked = page({ "PATCH /gb-devices/d1": { body: { ...DEVICE, generated_password: null } } });
    const dialog = await opened("edit Change");
    await dialog.findByLabelText("Password of its registration");
    expect(dialog.queryByLabelText("Reason")).toBeNull();
    change(dialog);
    expect((await dialog.findByTestId("ended-cameras")).textContent).toContain("Yard");
    fireEvent.click(dialog.getByRole("button", { name: "Save" }));
    await dialog.findByText("Needed");
    expect(sent(asked, "PATCH")).toBeUndefined();
    say(dialog, "it was told");
    fireEvent.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent(asked, "PATCH")?.body).toMatchObject({ reason: "it was told" }));
  });

  it("gives another password without a reason where nothing is recorded", async () => {
    const asked = page({ "GET /gb-devices/d1/recorded": some(0), "PATCH /gb-devices/d1": { body: { ...DEVICE, generated_password: null } } });
    const dialog = await opened("edit Change");
    fireEvent.click(await dialog.findByRole("checkbox", { name: "Make up a new password" }));
    await waitFor(() => expect(dialog.queryByLabelText("Reason")).toBeNull());
    fireEvent.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent(asked, "PATCH")?.body).toMatchObject({ new_password: true, reason: "" }));
  });
});
