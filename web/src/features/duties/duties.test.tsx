import { act, cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { person, serve, shown } from "../../test-server";
import DutiesPage from "./DutiesPage";

const NOW = "2026-11-26T02:00:00Z"; // 10:00 in Harbin
const duty = (id: string, due: string | null, more: object = {}) => ({
  id, code: "R18.1", article: "18", words: { zh: "备案", en: "File it." }, subject_kind: "filing", subject: `s${id}`, title: `System ${id}`, owner: null, owner_name: null, division: "", begun_at: "2026-11-01T00:00:00Z",
  due_at: due, state: "open", is_provisional: false, reminded_at: null, closed_at: null, evidence_kind: "", evidence: null, ...more,
});
const OPEN = [duty("1", "2026-11-20T16:00:00Z"), duty("2", null), duty("3", "2026-11-26T02:00:30Z"), duty("4", "2026-11-29T16:00:00Z"), duty("5", "2027-01-01T16:00:00Z")];
const MET = [duty("9", "2026-11-20T16:00:00Z", { state: "met_late", closed_at: NOW, evidence_kind: "filing", evidence: "e1" })];
const TALLY = [{ code: "R18.1", article: "18", words: { zh: "备案", en: "File it." }, open: 5, overdue: 1 }];
const KIND = { name: "filing", path: "filings", words: { zh: "备案", en: "filing" }, states: {}, moves: [], openers: [], readers: ["registrar"], opening: { properties: {} }, data: {}, article: "18", subject: "" };

function answers() {
  return serve({
    "GET /session": { body: { person: person("registrar") } },
    "GET /procedures": { body: { items: [KIND] } },
    "GET /filings/e1": { body: { id: "e1", number: "BA-2026-0007", title: "Park", state: "filed" } },
    "GET /duties/tally": { body: { items: TALLY } },
    "GET /duties": ({ query }) => ({ body: { items: query.has("state") ? MET : OPEN, next: null, now: new Date().toISOString() } }),
  });
}

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the inbox", () => {
  it("groups what is owed by its deadline, and time goes on without a reload", async () => {
    vi.useFakeTimers({ now: Date.parse(NOW), shouldAdvanceTime: true });
    answers();
    shown(<DutiesPage person={person("registrar")} />);
    expect(await screen.findByRole("link", { name: "System 1" })).toBeTruthy();
    const groups = (): [string | null, number][] => [...document.querySelectorAll("[data-group]")].map((one) => [one.getAttribute("data-group"), one.querySelectorAll("[data-duty]").length]);
    expect(groups()).toEqual([["overdue", 1], ["atOnce", 1], ["today", 1], ["week", 1], ["later", 1]]);
    expect(screen.getByText("1 min left")).toBeTruthy();
    expect(screen.getByText("2026-11-29 24:00")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(31_000));
    expect(groups()).toEqual([["overdue", 2], ["atOnce", 1], ["week", 1], ["later", 1]]);
    expect(screen.getByText("0 min overdue")).toBeTruthy();
  });

  it("leads to the record, and is filtered by article", async () => {
    const log = answers();
    shown(<DutiesPage person={person("registrar")} />);
    expect((await screen.findByRole("link", { name: "System 4" })).getAttribute("href")).toBe("/procedures/filings/s4");
    const [first] = screen.getAllByRole("button", { name: /Art. 18/ });
    await userEvent.click(first as HTMLElement);
    await vi.waitFor(() => expect(log.some(({ path, query }) => path === "/duties" && query.get("code") === "R18.1")).toBe(true));
  });

  it("shows what was met with its evidence when asked", async () => {
    const log = answers();
    shown(<DutiesPage person={person("registrar")} />, "/?view=met");
    const row = (await screen.findByText("Met late")).closest("li") as HTMLElement;
    expect((await within(row).findByRole("link", { name: "BA-2026-0007 Park" })).getAttribute("href")).toBe("/procedures/filings/e1");
    expect(log.find(({ path }) => path === "/duties")?.query.getAll("state")).toEqual(["met", "met_late"]);
  });

  it("offers only ours to whoever acts for somebody", async () => {
    answers();
    shown(<DutiesPage person={{ ...person("registrar"), organisation: "o1" }} />, "/?mine=1");
    expect((await screen.findByRole("switch", { name: "Only ours" })).getAttribute("aria-checked")).toBe("true");
    cleanup();
    shown(<DutiesPage person={person("registrar")} />);
    expect(await screen.findByRole("link", { name: "System 1" })).toBeTruthy();
    expect(screen.queryByRole("switch")).toBeNull();
  });
});
