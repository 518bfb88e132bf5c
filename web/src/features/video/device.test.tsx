import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { createRef } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { WallClock } from "../../player/clock";
import { en } from "../../shared/dictionaries/en";
import { zhCN } from "../../shared/dictionaries/zh-CN";
import { startTranslations } from "../../shared/i18n";
import { PreferencesProvider } from "../../shared/Preferences";
import { MINUTE } from "../../shared/time";
import { refusal, serve, shown, type Asked } from "../../test-server";
import type { Copying } from "./copying";
import { deviceWord } from "./tileState";
import { TimePanel, type LaneCamera, type TimeKeys } from "./TimePanel";

const NOW = Date.now();
const ago = (minutes: number): string => new Date(NOW - minutes * MINUTE).toISOString();
const CAMERA: LaneCamera = { id: "c1", name: "East gate", sinceMs: NOW - 60 * 24 * MINUTE, hasDevice: true };
const OURS = { spans: [{ start: ago(50), end: ago(40), kind: "present" }, { start: ago(40), end: ago(20), kind: "missing", cause: "disconnected" }, { start: ago(20), end: ago(0), kind: "present" }], now: ago(0) };
const ITS = { recordings: [{ start: ago(45), end: ago(25) }], complete: true, asked_at: ago(0), now: ago(0) };
const copying = { allowed: false, asked: null, open: () => undefined, close: () => undefined } as unknown as Copying;

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function panel(answer: Parameters<typeof serve>[0][string] = { body: ITS }, camera = CAMERA, more = false): { clock: WallClock; keys: { current: TimeKeys | null }; log: Asked[] } {
  const log = serve({
    "GET /cameras/c1/timeline": { body: OURS },
    "GET /cameras/c1/marks": { body: { items: [], next: null } },
    "GET /cameras/c1/device-recordings": answer,
    "GET /cameras/c1/alarms": { body: { items: [], more } },
  });
  const [clock, keys] = [new WallClock(), { current: null as TimeKeys | null }];
  shown(
    <PreferencesProvider>
      <TimePanel clock={clock} cameras={[camera]} selected="c1" jump={createRef()} marking={null} markPanel={createRef()} copying={copying} keys={keys} />
    </PreferencesProvider>,
  );
  return { clock, keys, log };
}

const slider = (): HTMLElement => screen.getByRole("slider");
const asked = (log: Asked[]): Asked[] => log.filter(({ path }) => path.endsWith("device-recordings"));

describe("the lane of what the device holds", () => {
  it("says what the device has where we have nothing", async () => {
    const { clock } = panel();
    clock.seek(NOW - 30 * MINUTE, false);
    await waitFor(() => expect(slider().getAttribute("aria-valuetext")).toContain("gap, connection lost, in the device's storage"));
    clock.seek(NOW - 10 * MINUTE, false);
    await waitFor(() => expect(slider().getAttribute("aria-valuetext")).toContain("not in the device's storage"));
  });

  it("plays from the device by its button, by its key, and back again", async () => {
    const { clock, keys } = panel();
    clock.seek(NOW - 30 * MINUTE, false);
    await waitFor(() => expect(slider().getAttribute("aria-valuetext")).toContain(", in the device's storage"));
    fireEvent.click(screen.getByTestId("from-device"));
    expect(clock.get()).toMatchObject({ device: "c1", playing: true });
    await waitFor(() => expect(screen.getByTestId("from-device").getAttribute("aria-pressed")).toBe("true"));
    keys.current?.device();
    expect(clock.get().device).toBeNull();
  });

  it("goes on with the next that the device has", async () => {
    const { clock } = panel();
    clock.seek(NOW - 48 * MINUTE, false);
    await waitFor(() => expect(slider().getAttribute("aria-valuetext")).toContain("recorded, not in the device's storage"));
    await waitFor(() => expect(screen.getByTestId("device-storage").textContent).not.toContain("asking"));
    fireEvent.click(screen.getByTestId("from-device"));
    expect(clock.get().positionMs).toBe(Date.parse(ago(45)));
  });

  it("begins shortly before the end of what the device has, asked for the present", async () => {
    const { clock, keys } = panel();
    await waitFor(() => expect(screen.getByTestId("device-storage").textContent).not.toContain("asking"));
    keys.current?.device();
    expect(clock.get()).toMatchObject({ device: "c1", playing: true, positionMs: Date.parse(ago(25)) - 30_000 });
  });

  it("is played from where it is clicked, and ours from ours", async () => {
    const { clock } = panel();
    clock.seek(NOW - 30 * MINUTE, false);
    await waitFor(() => expect(slider().getAttribute("aria-valuetext")).toContain(", in the device's storage"));
    const click = (x: number, y: number): void => {
      for (const type of ["pointerdown", "pointerup"]) {
        fireEvent(slider(), Object.assign(new MouseEvent(type, { bubbles: true, clientX: x, clientY: y, button: 0 }), { pointerId: 1 }));
      }
    };
    slider().setPointerCapture = () => undefined;
    click(300, 66); // of 84 pixels the upper two thirds below the ruler are ours
    expect(clock.get()).toMatchObject({ mode: "playback", device: "c1" });
    click(500, 30); // away from the head, which is dragged and goes on as it is played
    expect(clock.get()).toMatchObject({ mode: "playback", device: null });
  });

  it.each([
    [refusal("gb_device_offline", null, "offline", null, 409), "the device is offline"],
    [refusal("gb_device_silent", null, "silent", null, 504), "the device does not answer"],
    [{ body: { ...ITS, complete: false } }, "the device did not list everything: zoom in"],
    ["never" as const, "asking the device"],
  ])("says why it is empty or may be", async (answer, said) => {
    const { log } = panel(answer);
    await waitFor(() => expect(screen.getByTestId("device-storage").textContent).toContain(said));
    expect(asked(log)).toHaveLength(1);
  });

  it("says that a view longer than a question is not asked for as a whole", async () => {
    const { keys, log } = panel();
    await waitFor(() => expect(asked(log)).toHaveLength(1));
    expect(screen.getByTestId("device-storage").textContent).not.toContain("days");
    act(() => keys.current?.zoom(24 * 60));
    await waitFor(() => expect(screen.getByTestId("device-storage").textContent).toContain("asked for the last 31 days of the view only: zoom in"));
  });

  it("is there for channels of devices alone", async () => {
    const { log } = panel(undefined, { ...CAMERA, hasDevice: false });
    await waitFor(() => expect(log.some(({ path }) => path.endsWith("timeline"))).toBe(true));
    expect(screen.queryByTestId("from-device")).toBeNull();
    expect(asked(log)).toEqual([]);
  });

  it("can be used without seeing or pointing", async () => {
    panel();
    await waitFor(() => expect(slider().getAttribute("aria-valuetext")).not.toBe(""));
    const { violations } = await axe.run(document.body, { rules: { region: { enabled: false }, "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});

describe("the alarms on the timeline", () => {
  it.each([
    [true, /only the newest alarms are marked: zoom in/i],
    [false, /^$/],
  ])("say when there are older ones that are not told: %s", async (more, said) => {
    const { log } = panel(undefined, CAMERA, more);
    await waitFor(() => expect(log.some(({ path }) => path.endsWith("alarms"))).toBe(true));
    await waitFor(() => expect(screen.getByTestId("alarms-cut").textContent).toMatch(said));
  });
});

describe("a tile that plays from the device", () => {
  it.each([
    [{ kind: "waiting", cause: "device_connecting" }, "video.device.calling", "busy"],
    [{ kind: "waiting", cause: "file_end" }, "video.device.ended", "warn"],
    [{ kind: "waiting", cause: "device_busy" }, "video.device.stands", "bad"],
    [{ kind: "playing" }, "video.device.playing", "good"],
    [{ kind: "refused", status: 404, code: "no_footage" }, "video.device.none", "warn"],
    [{ kind: "refused", status: 403, code: "device_not_masked" }, "video.states.refused", "bad"],
  ] as const)("says %o", (state, key, tone) => {
    expect(deviceWord(state, true)).toMatchObject({ key, tone });
  });

  it("says that it stands, and why it is refused", () => {
    expect(deviceWord({ kind: "playing" }, false)).toEqual({ key: "video.device.paused", tone: "quiet" });
    expect(deviceWord({ kind: "refused", status: 403, code: "device_not_masked" }, true).cause).toBe("device_not_masked");
  });

  it.each(["device_busy", "device_refuses", "device_offline", "device_silent", "device_no_footage", "device_ended", "file_end", "signal_lost", "gb_off"] as const)("has words for %s in both languages", (code) => {
    expect(en.cause[code]).not.toBe("");
    expect(zhCN.cause[code]).toMatch(/[\u4e00-\u9fff]/);
  });
});
