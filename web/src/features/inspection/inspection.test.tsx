import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown } from "../../test-server";
import InspectionPage from "./InspectionPage";

const INSPECTION = { id: "i1", number: "JD-2026-0001", title: "Yearly", division: "", state: "open", data: { begin: "2026-11-26T00:00:00Z", until: "2026-11-30T00:00:00Z", inspectors: ["7"] } };
const OTHERS = { ...INSPECTION, id: "i2", number: "JD-2026-0002", data: { ...INSPECTION.data, inspectors: ["8"] } };
const breach = (code: string, article: string, facts: string) => ({ article, article_zh: article, code, facts, evidence: [`e-${facts}`], entries: [12], consequence: { zh: "警告", en: "a warning" }, citation: "" });
const ROUTES = {
  "GET /session": { body: { person: person("inspector") } },
  "GET /supervisions": { body: { items: [OTHERS, INSPECTION], next: null } },
  "GET /reports/inspection": { body: { at: "2026-11-26T02:00:00Z", breaches: [breach("R18.1", "18", "a"), breach("R18.1", "18", "b"), breach("R28.1", "28¶2", "c")] } },
  "GET /duties": { body: { items: [], next: null, now: "2026-11-26T02:00:00Z" } },
  "GET /reports/systems": { body: { items: [], next: null } },
  "GET /grants": { body: { items: [] } },
  "GET /procedures": { body: { items: [] } },
  "GET /divisions": { body: { items: [] } },
  "GET /journal/checkpoint": { body: { origin: "city", size: 40, root: "AAA=", signed_at: "2026-11-26T02:00:00Z", text: "city\n40\nAAA=\n", key: "k" } },
};

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("an inspector's desk", () => {
  it("shows the inspection that names them, its breaches by article, and the report of that very instant", async () => {
    serve(ROUTES);
    shown(<InspectionPage person={person("inspector")} />);
    expect(await screen.findByText("JD-2026-0001")).toBeTruthy();
    expect(screen.queryByText("JD-2026-0002")).toBeNull();
    const breaches = within(await screen.findByTestId("breaches"));
    const report = (await breaches.findByRole("link", { name: /Report PDF \(English\)/ })).getAttribute("href");
    expect([...document.querySelectorAll("[data-article]")].map((one) => [one.getAttribute("data-article"), one.querySelectorAll("[data-code]").length])).toEqual([["18", 2], ["28¶2", 1]]);
    expect(report).toBe("/api/v1/reports/inspection?number=JD-2026-0001&at=2026-11-26T02%3A00%3A00Z&format=pdf&language=en");
    expect(document.querySelector('[href="/api/v1/journal/12/proof"]')).toBeTruthy();
  });

  it("offers the proof that the log grew from a size that it had", async () => {
    serve(ROUTES);
    shown(<InspectionPage person={person("inspector")} />);
    await userEvent.type(await screen.findByLabelText("Entries it had before"), "30");
    expect((await screen.findByRole("link", { name: /Consistency proof/ })).getAttribute("href")).toBe("/api/v1/journal/consistency?from=30");
  });

  it("says what an account without an inspection is to do", async () => {
    serve({ ...ROUTES, "GET /supervisions": refusal("R32.1", "32", "no inspection of this account is in progress", "have one opened") });
    shown(<InspectionPage person={person("inspector")} />);
    expect((await screen.findByRole("alert")).textContent).toContain("no inspection of this account");
  });
});
