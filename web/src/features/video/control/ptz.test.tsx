import axe from "axe-core";
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { startTranslations, speak } from "../../../shared/i18n";
import { refusal, serve, shown, type Asked } from "../../../test-server";
import PtzPad from "./PtzPad";

const BASE = "/cameras/c1/control";
const LEASE = { id: "l1", until: "2026-11-27T00:00:04Z", expires: "2026-11-27T08:00:00Z", beat_s: 2 };
const ME = { name: "operator", unit: "", role: "watcher", since: "2026-11-27T00:00:00Z", until: "2026-11-27T00:00:04Z", is_me: true };
const SEEN = { is_turnable: true, controller: ME, presets: [{ number: 1, name: "Gate", is_home: true }, { number: 4, name: "Square", is_home: false }] };
const DONE = { status: 200, body: null };
const ROUTES = {
  [`GET ${BASE}`]: { body: SEEN },
  [`POST ${BASE}`]: { status: 201, body: LEASE },
  [`POST ${BASE}/l1/beat`]: { body: LEASE },
  [`POST ${BASE}/l1/motion`]: DONE,
  [`POST ${BASE}/l1/lens`]: DONE,
  [`POST ${BASE}/l1/home`]: DONE,
  [`POST ${BASE}/l1/presets/4`]: DONE,
  [`DELETE ${BASE}/l1`]: DONE,
};

let closed = 0;
beforeAll(() => startTranslations("en"));
beforeEach(() => {
  closed = 0;
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const pad = (): HTMLElement => screen.getByTestId("ptz");
const key = (name: string): HTMLElement => screen.getByRole("button", { name });
const sent = (log: readonly Asked[], what: string): unknown[] => log.filter(({ path }) => path === `${BASE}/l1/${what}`).map(({ body }) => body);
const STOP = { pan: 0, tilt: 0, zoom: 0 };

async function open(routes: Parameters<typeof serve>[0] = ROUTES): Promise<Asked[]> {
  const log = serve(routes);
  shown(<PtzPad camera="c1" name="Dome" close={() => closed++} />);
  await waitFor(() => expect(pad().dataset["hand"]).not.toBe("taking"));
  return log;
}

describe("the pad", () => {
  it("takes control with the purpose of the page, and lets go when it is closed", async () => {
    const log = await open();
    expect(log.find(({ method, path }) => method === "POST" && path === BASE)?.body).toEqual({ purpose: "duty_watch" });
    expect(screen.getByTestId("ptz-who").textContent).toBe("You control it");
    cleanup();
    await waitFor(() => expect(log.at(-1)).toMatchObject({ method: "DELETE", path: `${BASE}/l1` }));
  });

  it.each(["pointerUp", "pointerCancel", "lostPointerCapture", "blur"] as const)("turns while a button is held, and stops on %s", async (end) => {
    const log = await open();
    fireEvent.pointerDown(key("Up right"), { pointerId: 1 });
    fireEvent[end](key("Up right"), { pointerId: 1 });
    await waitFor(() => expect(sent(log, "motion")).toEqual([{ pan: 50, tilt: 50, zoom: 0, number: 1 }, { ...STOP, number: 2 }]));
  });

  it("stops when the window loses the focus or the page is hidden", async () => {
    const log = await open();
    fireEvent.pointerDown(key("Left"), { pointerId: 1 });
    fireEvent.blur(window);
    await waitFor(() => expect(sent(log, "motion").at(-1)).toEqual({ ...STOP, number: 2 }));
    fireEvent.pointerUp(key("Left"), { pointerId: 1 });
    expect(sent(log, "motion")).toHaveLength(2); // it stands still already
  });

  it("is worked by keys: two arrows together, each once however it repeats, and stop when they are let go", async () => {
    const log = await open();
    const press = (name: string): boolean => fireEvent.keyDown(document.body, { key: name, code: name });
    expect(press("ArrowUp")).toBe(false); // the page's own arrows do not act
    press("ArrowUp");
    press("ArrowRight");
    fireEvent.keyUp(document.body, { key: "ArrowUp", code: "ArrowUp" });
    fireEvent.keyUp(document.body, { key: "ArrowRight", code: "ArrowRight" });
    press("+");
    fireEvent.keyUp(document.body, { key: "+", code: "+" });
    await waitFor(() =>
      expect(sent(log, "motion")).toEqual([
        { pan: 0, tilt: 50, zoom: 0, number: 1 },
        { pan: 50, tilt: 50, zoom: 0, number: 2 },
        { pan: 50, tilt: 0, zoom: 0, number: 3 },
        { ...STOP, number: 4 },
        { pan: 0, tilt: 0, zoom: 50, number: 5 },
        { ...STOP, number: 6 },
      ]),
    );
    press("p");
    expect(closed).toBe(1);
  });

  it("leaves the arrows to the slider, whose speed the next motion has", async () => {
    const log = await open();
    const slider = screen.getByLabelText("Speed");
    expect(fireEvent.keyDown(slider, { key: "ArrowRight", code: "ArrowRight" })).toBe(true);
    fireEvent.change(slider, { target: { value: "80" } });
    fireEvent.keyDown(key("Closer"), { key: "Enter" });
    fireEvent.keyUp(key("Closer"), { key: "Enter" });
    await waitFor(() => expect(sent(log, "motion")).toEqual([{ pan: 0, tilt: 0, zoom: 80, number: 1 }, { ...STOP, number: 2 }]));
  });

  it("focuses, opens the iris, goes to presets and home", async () => {
    const log = await open();
    for (const name of ["Focus nearer", "Open the iris"]) {
      fireEvent.pointerDown(key(name), { pointerId: 1 });
      fireEvent.pointerUp(key(name), { pointerId: 1 });
    }
    fireEvent.click(await screen.findByRole("button", { name: "aim Square" }));
    fireEvent.click(key("Back to the registered view"));
    await waitFor(() => expect(sent(log, "home")).toHaveLength(1));
    expect(sent(log, "presets/4")).toHaveLength(1);
    expect(sent(log, "lens")).toEqual([
      { focus: -50, iris: 0, number: 1 }, { focus: 0, iris: 0, number: 2 },
      { focus: 0, iris: 50, number: 3 }, { focus: 0, iris: 0, number: 4 },
    ]);
  });

  it("sends a stop again that was not taken", async () => {
    let tries = 0;
    const motion = ({ body }: Asked) => ((body as { pan: number }).pan === 0 && tries++ === 0 ? refusal("camera_away", null, "away", null, 503) : DONE);
    const log = await open({ ...ROUTES, [`POST ${BASE}/l1/motion`]: motion });
    fireEvent.pointerDown(key("Left"), { pointerId: 1 });
    fireEvent.pointerUp(key("Left"), { pointerId: 1 });
    await waitFor(() => expect(sent(log, "motion")).toHaveLength(3));
    expect(sent(log, "motion").slice(1)).toEqual([{ ...STOP, number: 2 }, { ...STOP, number: 2 }]);
  });

  it("says what refused a move, with its article", async () => {
    await open({ ...ROUTES, [`POST ${BASE}/l1/motion`]: refusal("R19.4", "19¶1", "no sweep is registered", "register it first") });
    fireEvent.pointerDown(key("Left"), { pointerId: 1 });
    await waitFor(() => expect(screen.getByRole("alert").textContent).toMatch(/no sweep is registered.*register it first.*Art. 19 par. 1/));
  });

  it("says who has taken over, and offers to take it again", async () => {
    const other = { ...SEEN, controller: { ...ME, name: "Wang", role: "public_security", is_me: false } };
    const log = await open({ ...ROUTES, [`GET ${BASE}`]: { body: other }, [`POST ${BASE}/l1/motion`]: refusal("control_taken", null, "x", null, 409) });
    fireEvent.pointerDown(key("Left"), { pointerId: 1 });
    await waitFor(() => expect(pad().dataset["hand"]).toBe("lost"));
    await waitFor(() => expect(screen.getByTestId("ptz-who").textContent).toMatch(/^Wang \(.+\) controls it$/));
    expect(screen.getByRole("alert").textContent).toContain("Somebody with precedence has taken over.");
    expect(key("Left")).toHaveProperty("disabled", true);
    fireEvent.click(key("Take control again"));
    await waitFor(() => expect(log.filter(({ method, path }) => method === "POST" && path === BASE)).toHaveLength(2));
  });

  it("says who has it, where it cannot be taken", async () => {
    const other = { ...SEEN, controller: { ...ME, name: "Wang", is_me: false } };
    await open({ ...ROUTES, [`GET ${BASE}`]: { body: other }, [`POST ${BASE}`]: refusal("control_held", null, "x", null, 409) });
    await waitFor(() => expect(screen.getByTestId("ptz-who").textContent).toContain("Wang"));
    expect(screen.getByRole("alert").textContent).toContain("try again later");
  });

  it("keeps a preset under the lowest free number", async () => {
    const log = await open({ ...ROUTES, [`PUT ${BASE}/l1/presets/2`]: { body: SEEN.presets[0] } });
    await screen.findByRole("button", { name: "aim Square" });
    fireEvent.click(key("Keep as a preset"));
    fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "West" } });
    fireEvent.change(screen.getByLabelText("Looks to (degrees clockwise from north)"), { target: { value: "270" } });
    fireEvent.change(screen.getByLabelText("Width of the picture (degrees)"), { target: { value: "30" } });
    fireEvent.click(key("Keep"));
    await waitFor(() => expect(sent(log, "presets/2")).toEqual([{ name: "West", is_home: false, view: { azimuth: 270, h_fov: 30, pitch: 0 } }]));
  });

  it.each(["en", "zh-CN"] as const)("has nothing that axe finds (%s)", async (language) => {
    await speak(language);
    await open();
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
    await speak("en");
  });
});
