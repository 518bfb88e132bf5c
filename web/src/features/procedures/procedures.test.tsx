import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { Kind, WholeRecord } from "../../api/procedures";
import { startTranslations } from "../../shared/i18n";
import { person, serve, shown } from "../../test-server";
import { leavesOf } from "./differences";
import { openingOf } from "./opening";
import ProcedurePages from "./ProcedurePages";
import { themeOf } from "./themes";

const words = (zh: string, en: string) => ({ zh, en });
const KIND = {
  name: "plan", path: "plans", words: words("建设规划", "construction plan"), article: "7¶1", subject: "",
  states: { drafted: words("起草中", "being drafted"), submitted: words("已报送", "submitted"), approved: words("已批准", "approved") },
  openers: ["planner"], readers: ["auditor"],
  opening: { type: "object", properties: { title: { type: "string", minLength: 1, maxLength: 200, zh: "名称", en: "Name" }, division: { type: "string", default: "", zh: "区划", en: "Division", options: { "230102": words("道里区", "Daoli District") } }, subject: { type: "string", format: "uuid", zh: "所办对象", en: "What it is about" } }, required: ["title"] },
  data: { type: "object", properties: { standards: { type: "array", items: { type: "string", maxLength: 200 }, zh: "依据标准", en: "Standards" }, opinions: { type: "object", additionalProperties: { type: "object", properties: { text: { type: "string", zh: "意见", en: "Opinion" } } }, options: { finance: words("财政部门", "finance") }, zh: "部门意见", en: "Opinions" }, approved_by: { type: "string", zh: "批准机关", en: "Approved by" } } },
  moves: [
    { name: "cite", words: words("填写依据标准", "cite standards"), source: ["drafted"], target: "", roles: ["planner"], form: { type: "object", properties: { name: { type: "string", minLength: 1, maxLength: 40, zh: "标准", en: "Standard" }, note: { type: "string", maxLength: 4000, default: "", zh: "说明", en: "Note" } }, required: ["name"] } },
    { name: "submit", words: words("报送", "submit"), source: ["drafted"], target: "submitted", roles: ["planner"], form: { type: "object", properties: {} } },
    { name: "approve", words: words("批准", "approve"), source: ["submitted"], target: "approved", roles: ["government"], form: { type: "object", properties: {} } },
  ],
} as unknown as Kind;
const MISSING = [
  { article: "7¶1", code: "R7.1", reason: "8 opinions of 9: finance is missing", remedy: "ask for its opinion" },
  { article: "7¶2", code: "R7.4", reason: "item 1 has no reuse analysis", remedy: "answer for each camera" },
];
const RECORD = {
  id: "r1", kind: "plan", number: "GH-2026-0001", title: "Three years", division: "230102", organisation: null, subject: null, state: "drafted", version: 3,
  opened_at: "2026-11-01T00:00:00Z", changed_at: "2026-11-02T00:00:00Z",
  data: { standards: ["GB/T 28181"], opinions: { finance: { text: "agreed" } }, approved_by: "" },
  steps: [{ name: "cite", is_mine: true, missing: [] }, { name: "submit", is_mine: true, missing: MISSING }],
  duties: [{ id: "d1", code: "R7.1", article: "7¶1", words: words("征求意见", "Ask for the opinions."), subject_kind: "plan", subject: "r1", title: "Three years", owner: null, owner_name: null, division: "", begun_at: "2026-11-01T00:00:00Z", due_at: "2020-01-01T16:00:00Z", state: "overdue", is_provisional: false, reminded_at: null, closed_at: null, evidence_kind: "", evidence: null }],
  history: [{ version: 3, act: "cite", at: "2026-11-02T00:00:00Z", by_name: "Li", reason: "", changes: { standards: [[], ["GB/T 28181"]] } }, { version: 1, act: "opened", at: "2026-11-01T00:00:00Z", by_name: "Li", reason: "", changes: { state: [null, "drafted"] } }],
} as unknown as WholeRecord;

const page = (address: string, roles = ["planner"]) =>
  shown(
    <Routes>
      <Route path="/procedures/*" element={<ProcedurePages person={person(...roles)} />} />
    </Routes>,
    address,
  );
const kinds = { "GET /procedures": { body: { items: [KIND] } } };

beforeAll(() => startTranslations("en"));
beforeEach(() => window.sessionStorage.clear());
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("a record", () => {
  it("says where it is, what is missing by which article, what is owed and what happened", async () => {
    serve({ ...kinds, "GET /plans/r1": { body: RECORD } });
    page("/procedures/plans/r1");
    expect(await screen.findByRole("heading", { name: "GH-2026-0001 Three years" })).toBeTruthy();
    expect(screen.getByTestId("life-cycle").querySelector("[aria-current=step]")?.textContent).toBe("Being drafted");
    const next = screen.getByTestId("next");
    expect([...next.querySelectorAll("[data-refusal]")].map((one) => one.getAttribute("data-refusal"))).toEqual(["R7.1", "R7.4"]);
    expect(within(next).getByRole("link", { name: "Art. 7 par. 2" }).getAttribute("href")).toBe("/regulation/7#R7.4");
    expect(within(next).getByText("ask for its opinion", { exact: false })).toBeTruthy();
    expect(screen.getByText(/d overdue/)).toBeTruthy();
    expect(screen.getByText("finance")).toBeTruthy(); // the code's word
    expect(screen.getByText("Not recorded yet: Approved by")).toBeTruthy();
    expect(screen.getAllByText("Cite standards").length).toBe(2); // the step, and its entry in the history
  });

  it.each([["auditor", "/journal?newest=2422"], ["public_security", undefined]])("leads the %s to entries of the journal", async (role, to) => {
    const numbers = { ...KIND, readers: [role], data: { type: "object", properties: { entries: { type: "array", items: { type: "integer", journal: true }, zh: "日志序号", en: "Entries in the journal" } } } };
    serve({ "GET /procedures": { body: { items: [numbers] } }, "GET /plans/r1": { body: { ...RECORD, data: { entries: [2422] } } }, "GET /session": { body: { person: person(role) } } });
    page("/procedures/plans/r1", [role]);
    await screen.findByText("2422");
    await waitFor(() => expect(screen.getByText("2422").closest("a")?.getAttribute("href")).toBe(to));
  });

  it("says of which thing each duty is, where they are of several", async () => {
    const [duty] = RECORD.duties;
    const owed = [{ ...duty, id: "d1", title: "Three years · S-1" }, { ...duty, id: "d2", title: "Three years · S-2" }];
    serve({ ...kinds, "GET /plans/r1": { body: { ...RECORD, duties: owed } } });
    page("/procedures/plans/r1");
    const card = within(await screen.findByRole("region", { name: "What is owed" }));
    for (const { title } of owed) expect(card.getByText(title, { exact: false })).toBeTruthy();
    cleanup();
    serve({ ...kinds, "GET /plans/r1": { body: RECORD } });
    page("/procedures/plans/r1");
    const alone = within(await screen.findByRole("region", { name: "What is owed" }));
    expect(alone.queryByText("Three years", { exact: false })).toBeNull();
  });

  it("shows everything that refuses, in place, and stays", async () => {
    const refused = { status: 403, body: { title: "Refused", status: 403, code: "R7.1", article: "7¶1", detail: MISSING[0]?.reason, remedy: "", instance: "urn:uuid:1", refusals: MISSING } };
    serve({ ...kinds, "GET /plans/r1": { body: RECORD }, "POST /plans/r1/submit": refused });
    page("/procedures/plans/r1");
    await userEvent.click(await screen.findByRole("button", { name: "Submit" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(await within(dialog).findByRole("button", { name: "Submit" }));
    const alert = await within(dialog).findByRole("alert");
    expect(within(alert).getAllByRole("link")).toHaveLength(2);
    expect(alert.textContent).toContain("item 1 has no reuse analysis");
  });

  it("tells who was faster, keeps what was typed, and sends it with the newest version", async () => {
    let version = 3;
    const newest = { ...RECORD, version: 4, history: [{ version: 4, act: "cite", at: "2026-11-03T00:00:00Z", by_name: "Wang", reason: "", changes: { standards: [["GB/T 28181"], []] } }, ...RECORD.history] };
    const stale = { status: 409, body: { title: "Conflict", status: 409, code: "stale", detail: "Wang changed this", instance: "urn:uuid:1" } };
    const log = serve({
      ...kinds,
      "GET /plans/r1": () => ({ body: version === 3 ? RECORD : newest }),
      "POST /plans/r1/cite": ({ body }) => {
        version = 4;
        return (body as { version: number }).version === 4 ? { body: newest } : stale;
      },
    });
    page("/procedures/plans/r1");
    await userEvent.click(await screen.findByRole("button", { name: "Cite standards" }));
    await userEvent.type(await screen.findByLabelText(/^Standard/), "GB 37300");
    await userEvent.keyboard("{Enter}");
    const told = await screen.findByTestId("stale");
    expect(told.textContent).toContain("Wang");
    expect(told.textContent).toContain("Standards");
    await userEvent.click(within(told).getByRole("button", { name: "Seen, go on" }));
    expect(screen.getByLabelText<HTMLInputElement>(/^Standard/).value).toBe("GB 37300");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText(/^Standard/)));
    await userEvent.keyboard("{Enter}");
    await vi.waitFor(() => expect(log.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([{ name: "GB 37300", version: 3 }, { name: "GB 37300", version: 4 }]));
  });

  it("marks the fields that were not accepted, and keeps what is typed over a reload", async () => {
    const wrong = { status: 422, body: { title: "Not accepted", status: 422, code: "not_accepted", detail: "", instance: "urn:uuid:1", errors: [{ field: "body.note", detail: "no such note" }] } };
    serve({ ...kinds, "GET /plans/r1": { body: RECORD }, "POST /plans/r1/cite": wrong });
    page("/procedures/plans/r1");
    await userEvent.click(await screen.findByRole("button", { name: "Cite standards" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cite standards" }));
    const standard = await screen.findByLabelText(/^Standard/);
    expect(standard.getAttribute("aria-invalid")).toBe("true");
    await waitFor(() => expect(document.activeElement).toBe(standard));
    await userEvent.type(standard, "GB 37300{Enter}");
    const note = await screen.findByLabelText("Note");
    await vi.waitFor(() => expect(note.getAttribute("aria-invalid")).toBe("true"));
    expect(standard.getAttribute("aria-invalid")).toBe("false");
    cleanup();
    page("/procedures/plans/r1");
    await userEvent.click(await screen.findByRole("button", { name: "Cite standards" }));
    expect((await screen.findByLabelText<HTMLInputElement>(/^Standard/)).value).toBe("GB 37300");
    await userEvent.click(screen.getByRole("button", { name: "Start afresh" }));
    expect(screen.getByLabelText<HTMLInputElement>(/^Standard/).value).toBe("");
  });
});

describe("the hall and the list", () => {
  it("offer opening only to whoever may", async () => {
    serve({ ...kinds, "GET /plans": { body: { items: [], next: null } } });
    page("/procedures", ["auditor"]);
    expect(await screen.findByRole("link", { name: /Construction plan/ })).toBeTruthy();
    expect(screen.queryByRole("link", { name: /New/ })).toBeNull();
    cleanup();
    page("/procedures");
    expect(await screen.findByRole("link", { name: "New Construction plan" })).toBeTruthy();
  });

  it("hide what the person has no part in", async () => {
    serve(kinds);
    page("/procedures", ["watcher"]);
    expect(await screen.findByText("There is no procedure that you may take part in or see")).toBeTruthy();
  });

  it("ask the server by what stands in the address", async () => {
    const log = serve({ ...kinds, "GET /plans": { body: { items: [RECORD], next: null } } });
    page("/procedures/plans?state=drafted&state=submitted&division=230102&q=dl");
    expect(await screen.findByRole("link", { name: "Three years" })).toBeTruthy();
    const asked = log.find(({ path }) => path === "/plans")?.query;
    expect(asked?.getAll("state")).toEqual(["drafted", "submitted"]);
    expect([asked?.get("division"), asked?.get("q")]).toEqual(["230102", "dl"]);
  });

  it("tell nothing found from nothing there", async () => {
    serve({ ...kinds, "GET /plans": { body: { items: [], next: null } } });
    page("/procedures/plans?division=230102");
    await userEvent.click(await screen.findByRole("button", { name: "Clear the filter" }));
    expect(await screen.findByText("No construction plan yet")).toBeTruthy();
  });
});

describe("what is read from a kind", () => {
  it("asks for a subject only where there is one", () => {
    expect(Object.keys(openingOf(KIND).properties ?? {})).toEqual(["title", "division"]);
    const about = openingOf({ ...KIND, subject: "record:system" });
    expect(about.properties?.["subject"]).toMatchObject({ ref: "record:system", en: "What it is about" });
    expect(about.required).toEqual(["title", "subject"]);
  });

  it("puts a kind nobody named on the shelf of its article", () => {
    const shelf = (article: string) => themeOf({ name: "unheard_of", article });
    expect(["15", "16", "17¶1", "18", "20", "30", "31(11)"].map(shelf)).toEqual(["planning", "acceptance", "acceptance", "filing", "upkeep", "upkeep", "supervision"]);
  });

  it("tells a change down to the fields that differ", () => {
    const leaves = leavesOf(KIND.data as object, { opinions: [{ finance: { text: "no" } }, { finance: { text: "yes" }, transport: { text: "yes" } }], approved_by: ["", ""] });
    expect(leaves.map(({ path, before, after }) => [path.map(({ key }) => key).join("."), before, after])).toEqual([
      ["opinions.finance.text", "no", "yes"],
      ["opinions.transport", undefined, { text: "yes" }],
    ]);
  });
});
