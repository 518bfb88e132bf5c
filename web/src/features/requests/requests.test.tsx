import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown } from "../../test-server";
import { windowOf } from "./PresenceStrip";
import RequestPages from "./RequestPages";
import { fromSecond, toSecond } from "./seconds";

const WORDS = (zh: string, en: string) => ({ zh, en });
const ITEMS = { options: { min_two_officers: WORDS("不少于两人", "at least two officers"), show_credentials: WORDS("出示证件", "show certificates") } };
const KIND = {
  name: "access_request", path: "access-requests", words: WORDS("申请", "request"), article: "22", subject: "",
  states: { submitted: WORDS("待答复", "to be answered"), granted: WORDS("已同意", "granted"), refused: WORDS("已拒绝", "refused") },
  moves: [{ name: "refuse", words: WORDS("拒绝", "refuse"), source: ["submitted"], target: "refused", roles: ["custodian"], form: { properties: { items: { type: "array", ...ITEMS } } } }, { name: "grant", words: WORDS("同意", "grant"), source: ["submitted"], target: "granted", roles: ["custodian"], form: {} }],
  openers: ["officer"], readers: ["custodian"], opening: {}, data: { properties: { verbs: { options: { view: WORDS("查阅", "view"), copy: WORDS("复制", "copy") } } } },
};
const CARD = { kind: "work_card", number: "2301-1", issuer: "PSB", valid_to: "2000-01-01" };
const OFFICER = { person: "p1", name: "Wang", unit: null, card: CARD, seen_by: "", undertaking: "1.0", paper: null };
const DATA = { keeper: "k", applicant: "p1", number: "7", purpose: null, reason: "", power: "law", cameras: ["c1", "c2"], begin: "2026-11-26T02:00:00Z", end: "2026-11-26T03:00:05Z", verbs: ["view", "copy"], destination: "room", is_urgent: false, officers: [OFFICER], papers: [], answered: null, refused: null };
const MISSING = [
  { article: "22(1)", code: "R22.1", reason: "one officer only", remedy: "bring another" },
  { article: "22(2)", code: "R22.2", reason: "certificate expired", remedy: "show a valid one" },
];
const record = (more: object = {}) => ({
  id: "r1", number: "CY-2026-0001", title: "Theft", division: "", organisation: null, subject: null, state: "submitted", version: 5, opened_at: DATA.begin, changed_at: DATA.begin, data: DATA,
  steps: [{ name: "grant", is_mine: true, missing: MISSING }], duties: [], history: [], ...more,
});

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const BASE = { "GET /session": { body: { person: person("custodian") } }, "GET /procedures": { body: { items: [KIND] } }, "GET /divisions": { body: { items: [] } }, "GET /regulation": { body: { editions: [] } } };

describe("the decision of a request", () => {
  it("lists everything that is missing with its article, and says that a certificate has expired", async () => {
    serve({ ...BASE, "GET /access-requests/r1": { body: record() } });
    shown(<RequestPages person={person("custodian")} />, "/r1");
    const missing = await screen.findByTestId("missing");
    expect([...missing.querySelectorAll("[data-refusal]")].map((one) => one.getAttribute("data-refusal"))).toEqual(["R22.1", "R22.2"]);
    expect(screen.getByText(/expired \(2000-01-01\)/).getAttribute("data-valid")).toBe("false");
  });

  it("is refused by everything missing if no item is chosen, by the chosen ones otherwise", async () => {
    const log = serve({ ...BASE, "GET /access-requests/r1": { body: record() }, "POST /access-requests/r1/refuse": { body: record({ state: "refused", version: 6 }) } });
    shown(<RequestPages person={person("custodian")} />, "/r1");
    const decide = within(await screen.findByTestId("decide"));
    await userEvent.click(decide.getByRole("radio", { name: "Refuse" }));
    expect(decide.getByText(/all 2 are listed/)).toBeTruthy();
    await userEvent.click(decide.getByRole("checkbox", { name: "At least two officers" }));
    expect(decide.getByRole("button", { name: "Refuse" }).hasAttribute("disabled")).toBe(true); // says why first
    await userEvent.click(decide.getByRole("checkbox", { name: "At least two officers" }));
    await userEvent.click(decide.getByRole("button", { name: "Refuse" }));
    await vi.waitFor(() => expect(log.find(({ method }) => method === "POST")?.body).toEqual({ version: 5, items: [], reason: "" }));
  });

  it("is granted narrower: fewer cameras and rights, exact to the second", async () => {
    const log = serve({ ...BASE, "GET /access-requests/r1": { body: record({ steps: [{ name: "grant", is_mine: true, missing: [] }] }) }, "POST /access-requests/r1/grant": { body: record({ state: "granted" }) } });
    shown(<RequestPages person={person("custodian")} />, "/r1");
    const decide = within(await screen.findByTestId("decide"));
    const cameras = within(decide.getByRole("group", { name: "Cameras: 2" })).getAllByRole("checkbox");
    await userEvent.click(cameras[1] as HTMLElement);
    await userEvent.click(decide.getByRole("checkbox", { name: "Copy" }));
    await userEvent.click(decide.getByRole("button", { name: "Grant" }));
    await vi.waitFor(() => {
      const sent = log.find(({ method }) => method === "POST")?.body as Record<string, unknown>;
      expect(sent).toMatchObject({ version: 5, cameras: ["c1"], verbs: ["view"], begin: "2026-11-26T10:00:00+08:00", end: "2026-11-26T11:00:05+08:00" });
    });
  });

  it("tells the second of two custodians plainly", async () => {
    let decided = false;
    const done = record({ state: "granted", version: 6, steps: [], history: [{ version: 6, act: "grant", at: DATA.begin, by: "9", by_name: "Zhao", reason: "", changes: {} }] });
    serve({
      ...BASE,
      "GET /access-requests/r1": () => ({ body: decided ? done : record() }),
      "POST /access-requests/r1/send_back": () => {
        decided = true;
        return refusal("stale", null, "somebody was faster", null, 409);
      },
    });
    shown(<RequestPages person={person("custodian")} />, "/r1");
    const decide = within(await screen.findByTestId("decide"));
    await userEvent.type(decide.getByLabelText("What is missing"), "seal");
    await userEvent.click(decide.getByRole("button", { name: "Return" }));
    expect((await screen.findByTestId("beaten")).textContent).toContain("Zhao has acted: grant");
  });
});

describe("instants of a request", () => {
  it("are exact to the second, in civil time", () => {
    expect(toSecond("2026-11-26T06:00:05Z")).toBe("2026-11-26T14:00:05");
    expect(fromSecond("2026-11-26T14:00")).toBe("2026-11-26T14:00:00+08:00");
    expect(fromSecond("soon")).toBeNull();
  });

  it("have a strip a little wider than the interval, and never wider than it may be", () => {
    const { startMs, endMs } = windowOf("2026-11-26T10:00:00+08:00", "2026-11-26T14:00:00+08:00", 0);
    expect([startMs, endMs].map((ms) => new Date(ms).toISOString())).toEqual(["2026-11-26T01:00:00.000Z", "2026-11-26T07:00:00.000Z"]);
    const wide = windowOf("2026-01-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00", 0);
    expect(wide.endMs - wide.startMs).toBeLessThanOrEqual(31 * 86_400_000);
  });
});
