import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { refusal, serve, shown } from "../../test-server";
import TrialPage from "./TrialPage";

const TRIAL = {
  system: "s1", number: "XT-2026-0001", title: "West bridge", since: "2026-11-01T02:00:00Z",
  cameras: [{ id: "c1", name: "East gate", has_stream: true }, { id: "c2", name: "West gate", has_stream: false }],
};

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the test view", () => {
  it("says what runs on trial, since when and until when", async () => {
    serve({ "GET /trials": { body: { items: [TRIAL] } } });
    shown(<TrialPage />);
    expect((await screen.findByRole("link", { name: "XT-2026-0001 West bridge" })).getAttribute("href")).toBe("/procedures/systems/s1");
    expect(screen.getByText("On trial")).toBeTruthy();
    expect(screen.getByText(/2026-11-01 10:00/)).toBeTruthy();
    expect(screen.getByText(/until it is accepted/i)).toBeTruthy();
    expect((screen.getByRole("button", { name: /West gate/ }) as HTMLButtonElement).disabled).toBe(true);
  });

  it("asks the door for one camera and says when it is refused", async () => {
    const log = serve({ "GET /trials": { body: { items: [TRIAL] } }, "POST /cameras/c1/trial": refusal("R16.5", "16", "the system is not on trial", null) });
    shown(<TrialPage />);
    await userEvent.click(await screen.findByRole("button", { name: /Test “East gate”/ }));
    await waitFor(() => expect(log.some(({ method, path }) => method === "POST" && path === "/cameras/c1/trial")).toBe(true));
    await waitFor(() => expect(screen.getByTestId("trial-state").dataset["state"]).toBe("refused"));
    await userEvent.click(screen.getByRole("button", { name: /Test “East gate”/ }));
    expect(screen.queryByTestId("trial-video")).toBeNull();
  });

  it("leads to the systems while none is on trial", async () => {
    serve({ "GET /trials": { body: { items: [] } } });
    shown(<TrialPage />);
    expect(await screen.findByText("No system of your organisation runs on trial")).toBeTruthy();
  });
});
