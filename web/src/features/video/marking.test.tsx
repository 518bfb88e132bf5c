import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useCallback, useRef, useSyncExternalStore, type JSX } from "react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { Mark } from "../../api/storage";
import { WallClock } from "../../player/clock";
import { ActionsProvider, useActions } from "../../shared/actions";
import { startTranslations } from "../../shared/i18n";
import { MINUTE, SECOND } from "../../shared/time";
import { refusal, serve, shown, WORKER_AWAY, type Asked } from "../../test-server";
import { useMarkActions, useMarking } from "./marking";
import { MarkPanel, RangeChip, type MarkPanelHandle } from "./MarkPanel";
import { MarkToast } from "./MarkToast";
import { percentText, Today } from "./Today";

const NOW = Date.UTC(2026, 10, 26, 6);
const AT = NOW - 10 * MINUTE;
const CAMERA = "00000000-0000-0000-0000-000000000001";

const made = (change: Partial<Mark> = {}): Mark => ({
  id: "m1", camera: CAMERA, camera_name: "East gate", start: "2026-11-26T05:49:00Z", end: "2026-11-26T05:51:00Z", reason: "x",
  article: "28¶2", state: "in_force", by: "operator", at: "2026-11-26T06:00:00Z", release: null, ...change,
});

let clock: WallClock;
beforeAll(() => startTranslations("en"));
beforeEach(() => {
  clock = new WallClock(() => NOW);
  clock.seek(AT, false);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function Host({ camera }: { camera: string | null }): JSX.Element {
  const panel = useRef<MarkPanelHandle>(null);
  const marking = useMarking(clock, useCallback(() => camera, [camera]));
  useActions(useMarkActions(marking, panel));
  const { positionMs } = useSyncExternalStore(clock.subscribe, clock.get);
  return (
    <>
      <MarkToast marking={marking} />
      <RangeChip marking={marking} />
      <MarkPanel marks={[made()]} marking={marking} positionMs={positionMs} handle={panel} onSeek={(ms) => clock.seek(ms)} />
    </>
  );
}

function open(camera: string | null = CAMERA): void {
  shown(<ActionsProvider><Host camera={camera} /></ActionsProvider>);
}

const press = (key: string): boolean => fireEvent.keyDown(document.body, { key });
const toast = (): HTMLElement => screen.getByTestId("mark-toast");
const wished = (log: readonly Asked[]): unknown[] => log.filter(({ method }) => method === "POST").map(({ body }) => body);
const iso = (ms: number): string => new Date(ms).toISOString();
const ROUTE = `POST /cameras/${CAMERA}/marks`;

describe("marking", () => {
  it("takes a minute before and after at one key, and says so at once", async () => {
    const log = serve({ [ROUTE]: { status: 201, body: made() } });
    open();
    press("m");
    await waitFor(() => expect(toast().textContent).toBe("Marking…"));
    await waitFor(() => expect(toast().textContent).toContain("Marked East gate"));
    expect(wished(log)).toEqual([{ start: iso(AT - MINUTE), end: iso(AT + MINUTE), reason: "Marked on the Video page", article: "28¶2" }]);
  });

  it("takes the range that [ and ] set, once", async () => {
    const log = serve({ [ROUTE]: { status: 201, body: made() } });
    open();
    press("[");
    act(() => clock.seek(AT + 20 * SECOND, false));
    press("]");
    expect(screen.getByTestId("range").textContent).toMatch(/^\[\d\d:\d\d:00 – \d\d:\d\d:20\]$/);
    press("m");
    await waitFor(() => expect(screen.queryByTestId("range")).toBeNull());
    press("m");
    await waitFor(() => expect(wished(log)).toHaveLength(2));
    expect(wished(log)[0]).toMatchObject({ start: iso(AT), end: iso(AT + 20 * SECOND) });
    expect(wished(log)[1]).toMatchObject({ start: iso(AT + 20 * SECOND - MINUTE), end: iso(AT + 20 * SECOND + MINUTE) });
  });

  it("keeps a range that could not be marked, and one can clear it", async () => {
    serve({ [ROUTE]: WORKER_AWAY });
    open();
    press("[");
    press("m");
    await waitFor(() => expect(toast().textContent).toContain("The media worker does not answer"));
    await userEvent.click(screen.getByRole("button", { name: "Clear the range" }));
    expect(screen.queryByTestId("range")).toBeNull();
  });

  it("is taken back by asking for the release, which another person confirms", async () => {
    const log = serve({
      [ROUTE]: { status: 201, body: made() },
      "POST /marks/m1/release": { body: made({ state: "release_asked" }) },
    });
    open();
    press("m");
    await userEvent.click(await screen.findByRole("button", { name: "Ask for release (two persons)" }));
    await waitFor(() => expect(toast().textContent).toContain("another person must confirm"));
    expect(wished(log)[1]).toEqual({ reason: "Marked by mistake" });
  });

  it("takes a note instead of the usual reason", async () => {
    const log = serve({ [ROUTE]: { status: 201, body: made() } });
    open();
    press("n");
    await userEvent.type(await screen.findByLabelText("Note (optional)"), "hit and run{Enter}");
    await waitFor(() => expect(wished(log)).toMatchObject([{ reason: "hit and run" }]));
  });

  it("explains what is gone, what is refused and by which article, and that a camera is needed", async () => {
    let reply = refusal("R28.6", "28¶2", "removed under receipt 5541", null, 409);
    serve({ [ROUTE]: () => reply });
    open();
    press("m");
    await waitFor(() => expect(toast().textContent).toMatch(/is gone.*receipt 5541.*in the journal/));
    reply = refusal("R28.3", "28¶2", "the interval is too long", "mark a shorter one");
    press("m");
    await waitFor(() => expect(toast().textContent).toMatch(/too long mark a shorter one Ground: Art. 28 par. 2/));
    cleanup();
    open(null);
    press("m");
    await waitFor(() => expect(toast().textContent).toContain("Choose a camera first."));
  });
});

describe("completeness", () => {
  it("is 100 only if nothing is missing", () => {
    expect(percentText({ due_s: 86_400, present_s: 86_400 })).toBe("100");
    expect(percentText({ due_s: 86_400, present_s: 86_399.99 })).toBe("99.99");
    expect(percentText({ due_s: 86_400, present_s: 0 })).toBe("0.00");
  });

  it("of today stands beside the camera, with what is missing and why", async () => {
    const log = serve({
      [`GET /cameras/${CAMERA}/completeness`]: { body: { days: [{ day: "2026-11-26", due_s: 50_400, present_s: 50_390, missing: { disconnected: 10 }, outages: 1 }] } },
    });
    shown(<Today camera={CAMERA} name="East gate" nowMs={NOW} />);
    const said = await screen.findByTestId("completeness");
    expect(said.textContent).toBe("East gate · today 99.98 %");
    expect(said.title).toBe("connection lost 10s");
    expect(log[0]?.query.get("start")).toBe("2026-11-25T16:00:00.000Z"); // midnight of civil time
  });

  it("is left out where nothing is known", async () => {
    const log = serve({});
    shown(<Today camera={CAMERA} name="East gate" nowMs={NOW} />);
    await waitFor(() => expect(log).toHaveLength(1));
    expect(screen.queryByTestId("completeness")).toBeNull();
  });
});
