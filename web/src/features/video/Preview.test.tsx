import { cleanup, render, screen, waitFor } from "@testing-library/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { JSX } from "react";

import { startTranslations } from "../../shared/i18n";
import { HOUR, MINUTE } from "../../shared/time";
import { person, refusal, serve, type Asked } from "../../test-server";
import { xOf, type View } from "../../timeline/view";
import Preview from "./Preview";

const CAMERA = "00000000-0000-0000-0000-000000000001";
const VIEW: View = { startMs: Date.UTC(2026, 10, 26, 4), spanMs: HOUR, widthPx: 1000 };
const ROUTE = `GET /cameras/${CAMERA}/sprite`;
const REST = 200; // ms; a little more than a hand must rest

/** One picture in each step, taken at its beginning. */
function sprite({ query }: Asked): { body: unknown } {
  const [start, end, pictures] = [Date.parse(query.get("start") ?? ""), Date.parse(query.get("end") ?? ""), Number(query.get("pictures"))];
  const at = (n: number): string => new Date(start + (n * (end - start)) / pictures).toISOString();
  const steps = Array.from({ length: pictures }, (_, tile) => ({ tile, at: at(tile), at_local: at(tile), clock_offset_ms: 0 }));
  return { body: { jpeg: "AAAA", columns: 8, tile_width: 192, tile_height: 108, steps } };
}

beforeAll(() => startTranslations("en"));
beforeEach(() => vi.stubGlobal("createImageBitmap", async () => ({})));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const SESSION = { "GET /session": { body: { person: person("watcher"), unit: "Daoli police", expires: null } } };
const sheets = (log: readonly Asked[]): readonly Asked[] => log.filter(({ path }) => path.endsWith("/sprite"));

function pointed(): (ms: number, more?: { recorded?: boolean; view?: View }) => void {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const at = (ms: number, { recorded = true, view = VIEW } = {}): JSX.Element => (
    <QueryClientProvider client={client}>
      <Preview camera={CAMERA} view={view} ms={ms} x={xOf(view, ms)} recorded={recorded} />
    </QueryClientProvider>
  );
  const { rerender } = render(<></>);
  return (ms, more) => rerender(at(ms, more));
}

const rested = (): Promise<void> => new Promise((done) => setTimeout(done, REST));
const said = (): string | null => screen.getByTestId("preview").textContent;

describe("the preview", () => {
  it("shows the picture and its civil time, one sheet for the whole view", async () => {
    const log = serve({ ...SESSION, [ROUTE]: sprite });
    const point = pointed();
    point(VIEW.startMs + 10 * MINUTE + 1000);
    await screen.findByLabelText("Picture of 2026-11-26 12:10:00 +08:00");
    point(VIEW.startMs + 50 * MINUTE + 1000);
    expect(said()).toContain("2026-11-26 12:50:00 +08:00");
    await rested();
    expect(sheets(log)).toHaveLength(1);
  });

  it("carries its viewer's mark, and is gone without it (R31.5)", async () => {
    serve({ ...SESSION, [ROUTE]: sprite });
    const point = pointed();
    point(VIEW.startMs + MINUTE);
    await screen.findByTestId("sprite-cell");
    const mark = await screen.findByTestId("watermark");
    expect(mark.textContent).toMatch(/^operator · Daoli police · \d{4}-/);
    expect(mark.parentElement?.className).toBe("preview-box");
    mark.remove();
    expect(await screen.findByTestId("mark-gone")).toBeTruthy();
    expect(screen.queryByTestId("sprite-cell")).toBeNull();
  });

  it("shows nothing before it is known who looks", async () => {
    serve({ "GET /session": "never", [ROUTE]: sprite });
    const point = pointed();
    point(VIEW.startMs + MINUTE);
    await screen.findByText("2026-11-26 12:00:00 +08:00", { exact: false });
    expect(screen.queryByTestId("sprite-cell")).toBeNull();
  });

  it("asks nothing while the pointer is on its way", async () => {
    const log = serve({ ...SESSION, [ROUTE]: sprite });
    const point = pointed();
    for (let n = 0; n < 20; n++) {
      point(VIEW.startMs + n * 2 * MINUTE); // 33 px each
      await new Promise((done) => setTimeout(done, 20));
    }
    expect(sheets(log)).toHaveLength(0);
    await waitFor(() => expect(sheets(log)).toHaveLength(1));
  });

  it("asks for another sheet after a zoom", async () => {
    const log = serve({ ...SESSION, [ROUTE]: sprite });
    const point = pointed();
    point(VIEW.startMs + MINUTE);
    await waitFor(() => expect(sheets(log)).toHaveLength(1));
    point(VIEW.startMs + MINUTE, { view: { ...VIEW, spanMs: HOUR / 2 } });
    await waitFor(() => expect(sheets(log)).toHaveLength(2));
  });

  it("says that there is no picture, over a gap without asking", async () => {
    const log = serve({ ...SESSION, [ROUTE]: refusal("no_footage", null, "nothing there", null, 404) });
    const point = pointed();
    point(VIEW.startMs + MINUTE, { recorded: false });
    expect(said()).toBe("no picture");
    await rested();
    expect(sheets(log)).toHaveLength(0);
    point(VIEW.startMs + MINUTE);
    await waitFor(() => expect(sheets(log)).toHaveLength(1));
    await waitFor(() => expect(said()).toBe("no picture"));
  });
});
