import { act, cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../shared/i18n";
import { person, serve, shown } from "../test-server";
import { Marked } from "./Marked";

const WHO = { person: person("watcher"), unit: "Daoli police", expires: null };
const mark = async (): Promise<HTMLElement> => screen.findByTestId("watermark");
const settled = (): Promise<void> => act(async () => void (await new Promise((done) => setTimeout(done, 0))));

function show(unit = WHO.unit): void {
  serve({ "GET /session": { body: { ...WHO, unit } } });
  shown(
    <Marked>
      <video data-testid="picture" />
    </Marked>,
  );
}

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the viewer's mark", () => {
  it("says who, of which unit, and the minute in China", async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 26, 16, 59, 30), shouldAdvanceTime: true });
    show();
    expect((await mark()).textContent).toMatch(/^operator · Daoli police · 2026-11-27 00:59 /);
    await act(() => vi.advanceTimersByTimeAsync(31_000));
    expect((await mark()).textContent).toMatch(/^operator · Daoli police · 2026-11-27 01:00 /);
    expect(screen.getByTestId("picture")).toBeTruthy();
  });

  it("leaves out a unit that there is not", async () => {
    show("");
    expect((await mark()).textContent).toMatch(/^operator · \d{4}-/);
  });

  it("comes before the picture: without a viewer there is none", async () => {
    serve({ "GET /session": "never" });
    shown(<Marked><video data-testid="picture" /></Marked>);
    await settled();
    expect(screen.queryByTestId("picture")).toBeNull();
  });

  it.each<[string, (it: HTMLElement) => void]>([
    ["removed", (it) => it.remove()],
    ["moved elsewhere", (it) => document.body.append(it)],
    ["emptied", (it) => { it.textContent = ""; }],
    ["given another name", (it) => { it.textContent = "somebody else"; }],
    ["hidden by its style", (it) => { it.style.display = "none"; }],
    ["given another class", (it) => { it.className = ""; }],
  ])("takes the picture with it when it is %s", async (_, away) => {
    show();
    const found = await mark();
    away(found);
    await settled();
    expect(screen.queryByTestId("picture")).toBeNull();
    expect(screen.getByTestId("mark-gone").textContent).toContain("The viewer's mark was taken away");
    found.remove();
    await userEvent.click(screen.getByRole("button", { name: "Show it again" }));
    expect(screen.getByTestId("picture")).toBeTruthy();
    expect(await mark()).toBeTruthy();
  });

  it("is missed also when a style sheet hides it, within a second", async () => {
    show();
    await mark();
    const sheet = document.createElement("style");
    sheet.textContent = ".watermark { visibility: hidden }";
    document.head.append(sheet);
    await vi.waitFor(() => expect(screen.queryByTestId("picture")).toBeNull(), { timeout: 3000 });
    sheet.remove();
  });
});
