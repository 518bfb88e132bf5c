import { cleanup, configure, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown, type Asked, type Reply } from "../../test-server";
import CamerasPage from "./CamerasPage";

const STATE = {
  state: "live", cause: null, since: "2026-01-01T04:00:00Z", codec: "h264", width: 1280, height: 720, frame_rate: 25, bit_rate_bps: 2e6, audio: null, transport: "tcp", recording: true, packets_lost: 0,
  clock_offset_ms: 0, viewers: 0,
};
const CAMERA = {
  id: "c1", name: "Gate", url: "rtsp://192.0.2.1/", sub_url: null, transport: "auto", verify_tls: true, created_at: "2026-01-01T04:00:00Z", has_sub: false, has_device_storage: false, state: STATE,
};
const NO_REASON = refusal("R31.7", "31(7)", "this ends the recording of cameras, and no reason is given", "give the reason");
const inside = (element: HTMLElement) => within(element);

function page(removal: Reply, camera: object = CAMERA): Asked[] {
  const asked = serve({ "GET /cameras": { body: { items: [camera], next: null } }, "DELETE /cameras/c1": removal });
  shown(<CamerasPage person={person("registrar")} />);
  return asked;
}

async function opened(): Promise<ReturnType<typeof inside>> {
  fireEvent.click(await screen.findByRole("button", { name: "Remove Gate" }));
  return inside(await screen.findByRole("dialog"));
}

const removal = (asked: Asked[]): Asked | undefined => asked.find(({ method }) => method === "DELETE");
const lists = (asked: Asked[]): number => asked.filter(({ path }) => path === "/cameras").length;

configure({ asyncUtilTimeout: 10_000 }); // pages come in pieces, which a busy machine loads slowly
beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("R31.7: recording ends for a reason", () => {
  it("names the camera and wants the reason", async () => {
    const asked = page({ body: null });
    const dialog = await opened();
    expect((await dialog.findByTestId("ended-cameras")).textContent).toBe("Cameras that are no longer recorded: 1Gate");
    const act = dialog.getByRole<HTMLButtonElement>("button", { name: "Remove" });
    expect(act.disabled).toBe(true);
    fireEvent.change(dialog.getByLabelText("Reason"), { target: { value: "  " } });
    expect(act.disabled).toBe(true);
    fireEvent.change(dialog.getByLabelText("Reason"), { target: { value: " pulled down " } });
    const before = lists(asked);
    fireEvent.click(act);
    await waitFor(() => expect(removal(asked)?.query.get("reason")).toBe("pulled down"));
    await waitFor(() => expect(lists(asked)).toBeGreaterThan(before));
    expect(await screen.findByText("Removed “Gate”")).toBeTruthy();
  });

  it("wants the reason too where no media worker says what is recorded", async () => {
    page({ body: null }, { ...CAMERA, state: null });
    const dialog = await opened();
    expect(await dialog.findByLabelText("Reason")).toBeTruthy();
    expect(dialog.queryByTestId("ended-cameras")).toBeNull();
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Remove" }).disabled).toBe(true);
  });

  it("stays open and says, with the article, why it was not done", async () => {
    page(NO_REASON);
    const dialog = await opened();
    fireEvent.change(await dialog.findByLabelText("Reason"), { target: { value: "pulled down" } });
    fireEvent.click(dialog.getByRole("button", { name: "Remove" }));
    const alert = await dialog.findByRole("alert");
    expect(alert.textContent).toContain("no reason is given");
    expect(within(alert).getByRole("link").getAttribute("href")).toContain("/regulation");
  });
});
