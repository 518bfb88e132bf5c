import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState, type JSX } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../shared/i18n";
import { PreferencesProvider } from "../shared/Preferences";
import { HOUR, MINUTE, SECOND } from "../shared/time";
import { Timeline, type PictureAt } from "./Timeline";
import { xOf, type View } from "./view";

const NOW = Date.UTC(2026, 10, 24, 12);
const VIEW: View = { startMs: NOW - HOUR, spanMs: 70 * MINUTE, widthPx: 700 };
const lane = {
  id: "a", name: "East gate", selected: true,
  spans: [
    { startMs: NOW - HOUR, endMs: NOW - 50 * MINUTE, kind: "present" as const, cause: null, detail: null, recoveredFrom: "device" as const, fetchedMs: NOW },
    { startMs: NOW - 50 * MINUTE, endMs: NOW - 30 * MINUTE, kind: "present" as const, cause: null, detail: null },
    { startMs: NOW - 30 * MINUTE, endMs: NOW - 20 * MINUTE, kind: "missing" as const, cause: "disconnected", detail: "reset by peer" },
    { startMs: NOW - 20 * MINUTE, endMs: NOW - 5 * MINUTE, kind: "present" as const, cause: null, detail: null },
    { startMs: NOW - 5 * MINUTE, endMs: NOW, kind: "present" as const, cause: null, detail: null, recoveredFrom: "hold" as const },
  ],
  marks: [{ startMs: NOW - 15 * MINUTE, endMs: NOW - 13 * MINUTE, reason: "collision" }],
  alarms: [{ startMs: NOW - 14.5 * MINUTE, endMs: NOW - 13.5 * MINUTE }],
};

const picture = ({ ms, recorded }: PictureAt): string => `picture ${(ms - NOW) / MINUTE} ${recorded}`;

function shown(positionMs: number): { seek: ReturnType<typeof vi.fn>; live: ReturnType<typeof vi.fn>; view: () => View } {
  const seek = vi.fn();
  const live = vi.fn();
  let current = VIEW;
  function Held(): JSX.Element {
    const [view, setView] = useState(VIEW);
    current = view;
    return (
      <Timeline lanes={[lane]} positionMs={positionMs} nowMs={NOW} live={positionMs === NOW} view={view} onView={setView} onSeek={seek} onLive={live} onTouched={() => undefined} picture={picture} />
    );
  }
  render(<PreferencesProvider><Held /></PreferencesProvider>);
  return { seek, live, view: () => current };
}

const slider = (): HTMLElement => screen.getByRole("slider");
// jsdom knows no clientX in pointer events.
const pointer = (type: string, x: number, y: number): void => {
  fireEvent(slider(), Object.assign(new MouseEvent(type, { bubbles: true, clientX: x, clientY: y, button: 0 }), { pointerId: 1 }));
};

beforeAll(() => startTranslations("en"));
afterEach(cleanup);

describe("the timeline", () => {
  it("says its moment and what is stored there", () => {
    shown(NOW - 25 * MINUTE);
    expect(slider().getAttribute("aria-valuetext")).toContain("gap, connection lost");
    expect(Number(slider().getAttribute("aria-valuenow"))).toBe((NOW - 25 * MINUTE) / SECOND);
  });

  it("says what comes from the copy of a hold", () => {
    shown(NOW - 3 * MINUTE);
    expect(slider().getAttribute("aria-valuetext")).toContain("recorded, recovered from a hold's copy");
    cleanup();
    shown(NOW - 8 * MINUTE);
    expect(slider().getAttribute("aria-valuetext")).not.toContain("hold");
  });

  it("says what was recovered from the device, and when", () => {
    shown(NOW - 55 * MINUTE);
    expect(slider().getAttribute("aria-valuetext")).toContain("recorded by the device itself, fetched 2026-11-24");
  });

  it("moves by keys: ten seconds, a minute, earliest, live", () => {
    const at = NOW - 10 * MINUTE;
    const { seek, live } = shown(at);
    for (const init of [{ key: "ArrowLeft" }, { key: "ArrowRight", shiftKey: true }, { key: "Home" }, { key: "End" }]) {
      fireEvent.keyDown(slider(), init);
    }
    expect(seek.mock.calls).toEqual([[at - 10 * SECOND, null], [at + MINUTE, null], [NOW - HOUR, null]]);
    expect(live).toHaveBeenCalledTimes(1);
  });

  it("zooms by keys and by wheel, in and out alike", () => {
    const { view } = shown(NOW - 10 * MINUTE);
    fireEvent.keyDown(slider(), { key: "+" });
    expect(view().spanMs).toBeCloseTo(VIEW.spanMs / 1.25, 3);
    fireEvent.keyDown(slider(), { key: "-" });
    expect(view()).toEqual({ ...VIEW, startMs: expect.closeTo(VIEW.startMs, 3), spanMs: expect.closeTo(VIEW.spanMs, 3) });
    fireEvent.wheel(slider(), { deltaY: -100, clientX: 350 });
    fireEvent.wheel(slider(), { deltaY: 100, clientX: 350 });
    expect(view().startMs).toBeCloseTo(VIEW.startMs, 3);
  });

  it("seeks by a click, goes live by a click after now", () => {
    const { seek, live } = shown(NOW);
    const x = xOf(VIEW, NOW - 40 * MINUTE);
    pointer("pointerdown", x, 50);
    pointer("pointerup", x, 50);
    expect(seek).toHaveBeenCalledWith(NOW - 40 * MINUTE, "a");
    pointer("pointerdown", 690, 10);
    pointer("pointerup", 690, 10);
    expect(live).toHaveBeenCalledTimes(1);
  });

  it("pans when the lanes are dragged, without seeking elsewhere", () => {
    const { seek, view } = shown(NOW);
    pointer("pointerdown", 300, 50);
    pointer("pointermove", 400, 50);
    pointer("pointerup", 400, 50);
    expect(view().startMs).toBeCloseTo(VIEW.startMs - 10 * MINUTE, 3);
    expect(seek).not.toHaveBeenCalled();
  });

  it("says what is marked, at the head and under the pointer", () => {
    shown(NOW - 14 * MINUTE);
    expect(slider().getAttribute("aria-valuetext")).toContain("recorded, marked important: collision, alarm of the device");
    pointer("pointermove", xOf(VIEW, NOW - 14 * MINUTE), 30);
    expect(screen.getByTestId("timeline-tip").textContent).toContain("marked important: collision");
    pointer("pointermove", xOf(VIEW, NOW - 10 * MINUTE), 30);
    expect(screen.getByTestId("timeline-tip").textContent).not.toContain("collision");
  });

  it("explains a gap under the pointer", () => {
    shown(NOW);
    pointer("pointermove", xOf(VIEW, NOW - 25 * MINUTE), 30);
    const tip = screen.getByTestId("timeline-tip");
    expect(tip.textContent).toContain("gap, connection lost");
    expect(tip.textContent).toContain("10m00s");
    expect(tip.textContent).toContain("reset by peer");
  });

  it("shows a picture of the moment under the pointer, none after now", () => {
    shown(NOW);
    pointer("pointermove", xOf(VIEW, NOW - 15 * MINUTE), 30);
    expect(screen.getByTestId("timeline-tip").textContent).toContain("picture -15 true");
    pointer("pointermove", xOf(VIEW, NOW - 25 * MINUTE), 30);
    expect(screen.getByTestId("timeline-tip").textContent).toContain("picture -25 false");
    pointer("pointermove", xOf(VIEW, NOW + MINUTE), 30);
    expect(screen.getByTestId("timeline-tip").textContent).not.toContain("picture");
  });

  it("shows a picture of the head while keys move it, until Escape or another focus", () => {
    shown(NOW - 10 * MINUTE);
    expect(screen.queryByTestId("timeline-tip")).toBeNull();
    fireEvent.keyDown(slider(), { key: "+" });
    expect(screen.getByTestId("timeline-tip").textContent).toContain("picture -10 true");
    fireEvent.keyDown(slider(), { key: "Escape" });
    expect(screen.queryByTestId("timeline-tip")).toBeNull();
    fireEvent.keyDown(slider(), { key: "+" });
    fireEvent.blur(slider());
    expect(screen.queryByTestId("timeline-tip")).toBeNull();
    fireEvent.keyDown(slider(), { key: "ArrowLeft" }); // the head has not come there, or has played on
    expect(screen.queryByTestId("timeline-tip")).toBeNull();
  });
});
