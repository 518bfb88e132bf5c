import axe from "axe-core";
import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { startTranslations, speak } from "../../../shared/i18n";
import { refusal, serve, shown, type Asked } from "../../../test-server";
import type { Hear } from "./microphone";
import PtzPad from "./PtzPad";

const BASE = "/cameras/c1/control";
const LEASE = { id: "l1", until: "2026-11-27T00:00:04Z", expires: "2026-11-27T08:00:00Z", beat_s: 2 };
const ME = { name: "operator", unit: "", role: "watcher", since: "2026-11-27T00:00:00Z", until: "2026-11-27T00:00:04Z", is_me: true };
const TICKET = { url: "ws://media/m/t/voice", opens_before: "2026-11-27T00:01:00Z", expires: "2026-11-27T00:01:00Z" };
const DONE = { status: 200, body: null };
const ROUTES = {
  [`GET ${BASE}`]: { body: { is_turnable: true, mobility: "turns", can_speak: true, cruises: [], controller: ME, presets: [] } },
  [`POST ${BASE}`]: { status: 201, body: LEASE },
  [`POST ${BASE}/l1/beat`]: { body: LEASE },
  [`POST ${BASE}/l1/voice`]: { status: 201, body: TICKET },
  [`DELETE ${BASE}/l1`]: DONE,
};

const microphone = vi.hoisted(() => ({ hear: null as Hear | null, opened: 0, closed: 0, refuses: false }));
vi.mock("./microphone", () => ({
  openMicrophone: (hear: Hear): Promise<{ close: () => void }> => {
    if (microphone.refuses) return Promise.reject(new DOMException("", "NotAllowedError"));
    microphone.hear = hear;
    microphone.opened += 1;
    return Promise.resolve({ close: () => (microphone.closed += 1) });
  },
}));

class Line {
  static readonly OPEN = 1;
  static all: Line[] = [];
  readyState = 1;
  sent: Int16Array[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly url: string) {
    Line.all.push(this);
  }
  send(sound: Int16Array): void {
    this.sent.push(sound);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
  tell(message: object): void {
    act(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }
}

beforeAll(() => startTranslations("en"));
beforeEach(() => {
  Object.assign(microphone, { hear: null, opened: 0, closed: 0, refuses: false });
  Line.all = [];
  vi.stubGlobal("WebSocket", Line);
  vi.stubGlobal("isSecureContext", true);
  Object.defineProperty(navigator, "mediaDevices", { value: {}, configurable: true });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const state = (): string | undefined => screen.getByTestId("voice").dataset["speaking"];
const button = (): HTMLElement => screen.getByRole("button", { name: "Hold to speak" });
const spoken = (log: readonly Asked[]): number => log.filter(({ path }) => path === `${BASE}/l1/voice`).length;

async function open(routes: Parameters<typeof serve>[0] = ROUTES): Promise<Asked[]> {
  const log = serve(routes);
  shown(<PtzPad camera="c1" name="Dome" close={() => undefined} />);
  await waitFor(() => expect(screen.getByTestId("ptz").dataset["hand"]).toBe("held"));
  return log;
}

async function called(): Promise<Line> {
  fireEvent.pointerDown(button(), { pointerId: 1 });
  await waitFor(() => expect(Line.all).toHaveLength(1));
  return Line.all[0] as Line;
}

describe("voice", () => {
  it("asks for the right, calls, says when the camera listens, and sends the microphone until the key is let go", async () => {
    const log = await open();
    const line = await called();
    expect(line.url).toBe(TICKET.url);
    expect(spoken(log)).toBe(1);
    expect(state()).toBe("calling");
    line.tell({ type: "ready" });
    expect(state()).toBe("heard");
    expect(screen.getByText("Speak now")).toBeTruthy();
    microphone.hear?.(new Int16Array(320));
    expect(line.sent.map((sound) => sound.length)).toEqual([320]);
    fireEvent.pointerUp(button(), { pointerId: 1 });
    expect([state(), line.readyState, microphone.closed]).toEqual(["silent", 3, 1]);
    microphone.hear?.(new Int16Array(320));
    expect(line.sent).toHaveLength(1);
  });

  it.each([
    ["the button loses the focus", () => fireEvent.blur(button())],
    ["the window does", () => fireEvent.blur(window)],
    ["the page is left", () => fireEvent(window, new Event("pagehide"))],
    ["the pad is closed", () => cleanup()],
  ])("ends when %s", async (_, happens) => {
    await open();
    const line = await called();
    line.tell({ type: "ready" });
    happens();
    expect([line.readyState, microphone.closed]).toEqual([3, 1]);
  });

  it("is worked by V, however it repeats, and keeps V from whoever types", async () => {
    const log = await open();
    for (const repeat of [false, true, true]) fireEvent.keyDown(document.body, { key: "v", code: "KeyV", repeat });
    await waitFor(() => expect(Line.all).toHaveLength(1));
    fireEvent.keyUp(document.body, { key: "v", code: "KeyV" });
    expect([state(), spoken(log)]).toEqual(["silent", 1]);
    fireEvent.keyDown(screen.getByLabelText("Speed"), { key: "v", code: "KeyV" });
    expect(state()).toBe("silent");
  });

  it("is worked by V at a camera that does not turn, too", async () => {
    const log = await open({ ...ROUTES, [`GET ${BASE}`]: { body: { is_turnable: false, mobility: "fixed", can_speak: true, cruises: [], controller: ME, presets: [] } } });
    await waitFor(() => expect(screen.getByTestId("ptz").dataset["mobility"]).toBe("fixed"));
    fireEvent.keyDown(document.body, { key: "v", code: "KeyV" });
    await waitFor(() => expect(Line.all).toHaveLength(1));
    fireEvent.keyUp(document.body, { key: "v", code: "KeyV" });
    expect([state(), spoken(log)]).toEqual(["silent", 1]);
  });

  it("lets go of what comes after the key: no microphone stays open, and nobody is called", async () => {
    const log = await open();
    fireEvent.pointerDown(button(), { pointerId: 1 });
    fireEvent.pointerUp(button(), { pointerId: 1 });
    await waitFor(() => expect(microphone.closed).toBe(1));
    expect([spoken(log), Line.all.length, microphone.opened]).toEqual([0, 0, 1]);
  });

  it.each([
    ["not_taken", "The camera does not take voice."],
    ["by_device", "The camera has ended it."],
    ["withdrawn", "Your control has ended."],
    ["time", "A minute has passed: press again."],
  ])("says why it ended: %s", async (reason, words) => {
    await open();
    const line = await called();
    line.tell({ type: "over", reason, detail: "" });
    expect(screen.getByRole("alert").textContent).toBe(words);
    expect([state(), microphone.closed]).toEqual(["failed", 1]);
  });

  it("asks for no right where there is no microphone", async () => {
    const log = await open();
    microphone.refuses = true;
    fireEvent.pointerDown(button(), { pointerId: 1 });
    await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("No microphone"));
    expect(spoken(log)).toBe(0);
  });

  it("says that a page without HTTPS gets none", async () => {
    vi.stubGlobal("isSecureContext", false);
    await open();
    fireEvent.pointerDown(button(), { pointerId: 1 });
    await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("HTTPS"));
  });

  it("says what the server refused", async () => {
    await open({ ...ROUTES, [`POST ${BASE}/l1/voice`]: refusal("control_taken", null, "x", null, 409) });
    fireEvent.pointerDown(button(), { pointerId: 1 });
    await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("Somebody with precedence has taken over."));
    expect(microphone.closed).toBe(1);
  });

  it.each(["en", "zh-CN"] as const)("has nothing that axe finds while somebody speaks (%s)", async (language) => {
    await speak(language);
    await open();
    fireEvent.keyDown(document.body, { key: "v", code: "KeyV" });
    await waitFor(() => expect(Line.all).toHaveLength(1));
    Line.all[0]?.tell({ type: "ready" });
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
    await speak("en");
  });
});
