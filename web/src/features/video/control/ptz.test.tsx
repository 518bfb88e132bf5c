import axe from "axe-core";
import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { useReducer, type JSX } from "react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { startTranslations, speak } from "../../../shared/i18n";
import { refusal, serve, shown, type Asked } from "../../../test-server";
import PtzPad from "./PtzPad";

const BASE = "/cameras/c1/control";
const LEASE = { id: "l1", until: "2026-11-27T00:00:04Z", expires: "2026-11-27T08:00:00Z", beat_s: 2 };
const ME = { name: "operator", unit: "", role: "watcher", since: "2026-11-27T00:00:00Z", until: "2026-11-27T00:00:04Z", is_me: true };
const SEEN = { is_turnable: true, mobility: "turns", can_speak: true, cruises: [{ number: 3, name: "Night round", presets: [1, 4], speed: 50, dwell_s: 10 }], controller: ME, presets: [{ number: 1, name: "Gate", is_home: true }, { number: 4, name: "Square", is_home: false }] };
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
  shown(
    <section data-tile="1">
      <img className="picture" alt="" />
      <PtzPad camera="c1" name="Dome" close={() => closed++} />
    </section>,
  );
  await waitFor(() => expect(pad().dataset["hand"]).not.toBe("taking"));
  await waitFor(() => expect(pad().dataset["mobility"]).not.toBe("asked"));
  return log;
}

async function openExtras(word = "Cruise, scan, switches"): Promise<void> {
  const extras = screen.getByText(word).closest("details") as HTMLDetailsElement;
  extras.open = true;
  fireEvent(extras, new Event("toggle"));
  await waitFor(() => expect(extras.querySelector("h3")).not.toBeNull());
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

  it("goes on while a key is held, though the pad is drawn anew", async () => {
    const log = serve(ROUTES);
    let drawAnew = (): void => undefined;
    function Tile(): JSX.Element {
      const [, again] = useReducer((n: number) => n + 1, 0);
      drawAnew = again;
      return <PtzPad camera="c1" name="Dome" close={() => closed++} />;
    }
    shown(<Tile />);
    await waitFor(() => expect(pad().dataset).toMatchObject({ hand: "held", mobility: "turns" }));
    fireEvent.keyDown(document.body, { key: "ArrowUp", code: "ArrowUp" });
    act(drawAnew);
    fireEvent.change(screen.getByLabelText("Speed"), { target: { value: "80" } });
    fireEvent.keyDown(document.body, { key: "ArrowRight", code: "ArrowRight" });
    fireEvent.keyUp(document.body, { key: "ArrowUp", code: "ArrowUp" });
    fireEvent.keyUp(document.body, { key: "ArrowRight", code: "ArrowRight" });
    await waitFor(() =>
      expect(sent(log, "motion")).toEqual([
        { pan: 0, tilt: 50, zoom: 0, number: 1 },
        { pan: 80, tilt: 80, zoom: 0, number: 2 },
        { pan: 80, tilt: 0, zoom: 0, number: 3 },
        { ...STOP, number: 4 },
      ]),
    );
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

  it("tells the camera to stop when a motion is refused that followed a granted one, and no more than that", async () => {
    let stops = 0;
    const motion = ({ body }: Asked) => {
      const { tilt, pan } = body as typeof STOP;
      if (tilt !== 0) return refusal("R19.4", "19", "not all of it is registered", null);
      return pan === 0 && stops++ === 0 ? refusal("camera_away", null, "away", null, 503) : DONE;
    };
    const log = await open({ ...ROUTES, [`POST ${BASE}/l1/motion`]: motion });
    const press = (name: string): boolean => fireEvent.keyDown(document.body, { key: name, code: name });
    press("ArrowRight");
    await waitFor(() => expect(sent(log, "motion")).toHaveLength(1));
    press("ArrowUp");
    await waitFor(() => expect(sent(log, "motion").slice(2)).toEqual([{ ...STOP, number: 3 }, { ...STOP, number: 3 }]));
    fireEvent.blur(window);
    press("ArrowUp");
    await waitFor(() => expect(sent(log, "motion")).toHaveLength(5));
    fireEvent.blur(window);
    await new Promise((done) => setTimeout(done, 50));
    expect(sent(log, "motion")).toHaveLength(5); // nothing went on
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
    expect(key("Keep")).toHaveProperty("disabled", true); // half a view is none
    fireEvent.change(screen.getByLabelText("Tilt (degrees; negative looks down)"), { target: { value: "-20" } });
    fireEvent.click(key("Keep"));
    await waitFor(() => expect(sent(log, "presets/2")).toEqual([{ name: "West", is_home: false, view: { azimuth: 270, h_fov: 30, pitch: -20 } }]));
  });

  it.each([[1, "Gate", /registered view “Gate”\? The camera then no longer goes back/], [4, "Square", /Delete the preset “Square”\?/]])("deletes preset %i only when asked twice", async (number, name, ask) => {
    const log = await open({ ...ROUTES, [`DELETE ${BASE}/l1/presets/${number}`]: DONE });
    fireEvent.click(await screen.findByRole("button", { name: `Delete the preset “${name}”` }));
    expect(await screen.findByText(ask)).toBeTruthy();
    expect(sent(log, `presets/${number}`)).toHaveLength(0);
    fireEvent.click(key("Delete"));
    await waitFor(() => expect(sent(log, `presets/${number}`)).toHaveLength(1));
  });

  it("tells what is drawn on the picture in its pixels, by button or by Z", async () => {
    const log = await open({ ...ROUTES, [`POST ${BASE}/l1/frame`]: DONE });
    const picture = document.querySelector("img.picture") as HTMLImageElement;
    Object.defineProperties(picture, { naturalWidth: { value: 640 }, naturalHeight: { value: 360 } });
    const draw = (): void => {
      const area = screen.getByTestId("frame-area");
      area.getBoundingClientRect = () => ({ left: 10, top: 20, width: 320, height: 220 }) as DOMRect; // 20 above and below
      for (const [what, x, y] of [["pointerDown", 90, 90], ["pointerMove", 200, 100], ["pointerUp", 250, 130]] as const) {
        fireEvent[what](area, { pointerId: 1, clientX: x, clientY: y });
      }
    };
    const told = { picture_width: 640, picture_height: 360, x: 320, y: 140, width: 320, height: 80 };
    fireEvent.click(key("Draw: the rectangle fills the picture"));
    draw();
    const z = (): boolean => fireEvent.keyDown(document.body, { key: "z", code: "KeyZ" });
    z();
    draw();
    await waitFor(() => expect(sent(log, "frame")).toEqual([{ ...told, closer: true, number: 1 }, { ...told, closer: false, number: 3 }]));
    z();
    expect(screen.queryByTestId("frame-area")).toBeNull();
    expect(sent(log, "motion")).toEqual([{ ...STOP, number: 2 }]); // what was drawn first ends where it is
  });

  it("starts a cruise, shows it going, and stops it when it is pressed again or the window loses the focus", async () => {
    const log = await open({ ...ROUTES, [`POST ${BASE}/l1/cruises/3`]: DONE, [`POST ${BASE}/l1/scans/1`]: DONE });
    await openExtras();
    const round = (): HTMLElement => key("Start or stop the cruise “Night round”");
    fireEvent.click(round());
    await waitFor(() => expect(round().getAttribute("aria-pressed")).toBe("true"));
    fireEvent.click(round());
    await waitFor(() => expect(round().getAttribute("aria-pressed")).toBe("false"));
    fireEvent.click(key("Scan to and fro"));
    fireEvent.blur(window);
    await waitFor(() => expect(sent(log, "motion")).toEqual([{ ...STOP, number: 2 }, { ...STOP, number: 4 }]));
    expect([...sent(log, "cruises/3"), ...sent(log, "scans/1")]).toEqual([{ number: 1 }, { number: 3 }]);
    expect(key("Scan to and fro").getAttribute("aria-pressed")).toBe("false");
  });

  it.each([
    [refusal("R19.4", "19¶1", "beyond the registered sweep", "stay inside"), /beyond the registered sweep.*Art. 19 par. 1/],
    [refusal("command_not_taken", null, "no", null, 502), /did not take the command/],
  ])("says why a cruise is refused, and does not show it as going", async (no, said) => {
    await open({ ...ROUTES, [`POST ${BASE}/l1/cruises/3`]: no });
    await openExtras();
    fireEvent.click(key("Start or stop the cruise “Night round”"));
    await waitFor(() => expect(screen.getByRole("alert").textContent).toMatch(said));
    expect(key("Start or stop the cruise “Night round”").getAttribute("aria-pressed")).toBe("false");
  });

  it("keeps a round of presets in the order in which they were chosen", async () => {
    const log = await open({ ...ROUTES, [`PUT ${BASE}/l1/cruises/1`]: { body: SEEN.cruises[0] } });
    await openExtras();
    fireEvent.click(key("Set a cruise"));
    fireEvent.change(await screen.findByLabelText("Name of the cruise"), { target: { value: "Day" } });
    const choose = screen.getByRole("combobox", { name: "Presets, in the order of the round" });
    fireEvent.mouseDown(choose);
    for (const name of ["Square", "Gate"]) fireEvent.click(await screen.findByTitle(name));
    fireEvent.click(key("Keep"));
    await waitFor(() => expect(sent(log, "cruises/1")).toEqual([{ name: "Day", presets: [4, 1], speed: 50, dwell_s: 10 }]));
  });

  it("sets a scan's edges and speed, turns switches, and has the camera go home by itself", async () => {
    const log = await open({ ...ROUTES, [`PUT ${BASE}/l1/scans/1`]: DONE, [`POST ${BASE}/l1/switches/1`]: DONE, [`POST ${BASE}/l1/switches/7`]: DONE, [`PUT ${BASE}/l1/return`]: DONE });
    await openExtras();
    for (const name of ["Left edge here", "Right edge here", "Take speed 50 %", "Wiper on"]) fireEvent.click(key(name));
    fireEvent.change(screen.getByLabelText("Light or other: number"), { target: { value: "7" } });
    for (const name of ["switch 7 off", "Set", "Never by itself"]) fireEvent.click(key(name));
    await waitFor(() => expect(sent(log, "return")).toEqual([{ delay_s: 60 }, { delay_s: null }]));
    expect(sent(log, "scans/1")).toEqual([{ edge: "left" }, { edge: "right" }, { speed: 50 }]);
    expect([...sent(log, "switches/1"), ...sent(log, "switches/7")]).toEqual([{ on: true }, { on: false }]);
  });

  it("shows nothing that turns for a camera whose file calls it fixed, and speaks through it", async () => {
    const fixed = { ...SEEN, is_turnable: false, mobility: "fixed", presets: [], cruises: [] };
    const log = await open({ ...ROUTES, [`GET ${BASE}`]: { body: fixed } });
    expect(screen.queryByRole("button", { name: "Left" })).toBeNull();
    expect(key("Hold to speak")).toHaveProperty("disabled", false);
    fireEvent.keyDown(document.body, { key: "ArrowLeft", code: "ArrowLeft" });
    fireEvent.click(screen.getByText("Switches"));
    await screen.findByRole("button", { name: "Wiper on" });
    expect(screen.queryByText("Cruises")).toBeNull();
    expect(sent(log, "motion")).toEqual([]);
  });

  it("keeps everything within reach where nobody says that the camera turns", async () => {
    await open({ ...ROUTES, [`GET ${BASE}`]: { body: { ...SEEN, mobility: "unsure" } } });
    const more = screen.getByText("More: turn all the same").closest("details") as HTMLDetailsElement;
    expect(more.open).toBe(false);
    expect(more.querySelector("[aria-label=Left]")).not.toBeNull();
  });

  it.each(["en", "zh-CN"] as const)("has nothing that axe finds (%s)", async (language) => {
    await speak(language);
    await open();
    await openExtras(language === "en" ? "Cruise, scan, switches" : "巡航、扫描、开关");
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
    await speak("en");
  });
});
