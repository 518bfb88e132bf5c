import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { serve, shown } from "../../test-server";
import RegisterPage from "../register/RegisterPage";
import GrantPages from "./GrantPages";

const VIEW = { code: "view", words: { zh: "查阅", en: "view" } };
const GRANT = {
  id: "11111111-0000-4000-8000-000000000000", kind: "access", kinds: [], may_forward: false, starts: "2026-11-26T01:00:00Z", request: "r1", number: "CY-2026-0001", cameras: [{ id: "c1", name: "East gate" }, { id: "c2", name: "West gate" }],
  begin: "2026-11-26T02:00:00Z", end: "2026-11-26T03:00:00Z", verbs: [VIEW], purpose: { code: "criminal_case", words: { zh: "刑事案件侦办", en: "investigating a crime" } },
  destination: "Room 2", expires: "2026-11-27T02:00:00Z", has_whole_edges: false, may_unmask: false,
};
const ENTRY = {
  sequence: 41, at: "2026-11-26T04:00:00Z", kind: "view.playback", verb: VIEW, person: { id: "p1", name: "Li Wei" }, unit: { id: "u1", name: "Daoli police" },
  camera: { id: "c1", name: "East gate" }, start: GRANT.begin, end: GRANT.end, purpose: "criminal_case", purpose_words: GRANT.purpose.words, destination: "Room 2", grant: GRANT.id,
  grant_kind: "access", grant_number: "CY-2026-0001", recipient: "", forwarded: null, packages: [], viewing: "revoked", watched_s: 83,
};
const LIVE = { ...ENTRY, sequence: 40, kind: "view.live", start: null, end: null, purpose: "", purpose_words: null, grant: null, grant_kind: null, grant_number: null, unit: null, viewing: "open", watched_s: 120 };
const SHARE = {
  ...GRANT, id: "22222222-0000-4000-8000-000000000000", kind: "share", number: "GX-2026-0001",
  kinds: [{ code: "live", words: { zh: "实时画面", en: "live pictures" } }],
};
const COPY = { ...ENTRY, sequence: 50, kind: "copy.download", packages: [{ sequence: 51, file: 1, size_bytes: 1_234_567, sha256: "ab".repeat(32) }] };
const FORWARD = {
  "POST /register/50/forward": { status: 201, body: { url: "http://127.0.0.1/m/t/x.mp4", files_url: "http://127.0.0.1/m/t/files.json", opens_before: GRANT.expires, expires: GRANT.expires, masked: true } },
};
const FILE = { start: GRANT.begin, end: GRANT.end, clock_offset_ms: 0, size_bytes: 1000 };
const NO_COPIES = { "GET /grants/11111111-0000-4000-8000-000000000000/register": { body: { items: [ENTRY], next: null } } };

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("my grants", () => {
  it("show what was granted, and lead to exactly its cameras", async () => {
    serve({ "GET /grants": { body: { items: [GRANT] } }, ...NO_COPIES });
    shown(<GrantPages />);
    expect((await screen.findByRole("link", { name: "CY-2026-0001" })).getAttribute("href")).toBe("/procedures/access-requests/r1");
    expect(screen.getByText("2026-11-26 10:00:00 – 11:00:00 +08:00")).toBeTruthy();
    expect(screen.getByText("investigating a crime")).toBeTruthy();
    const links = screen.getAllByRole("link", { name: /Watch/ });
    expect(links.map((link) => link.getAttribute("href"))).toEqual([`/grants/${GRANT.id}/c1`, `/grants/${GRANT.id}/c2`]);
  });

  it("offer nothing to watch where only a copy was granted", async () => {
    serve({ "GET /grants": { body: { items: [{ ...GRANT, verbs: [{ code: "copy", words: { zh: "复制", en: "copy" } }] }] } }, ...NO_COPIES });
    shown(<GrantPages />);
    expect(await screen.findByText("copy")).toBeTruthy();
    expect(screen.queryByRole("link", { name: /Watch/ })).toBeNull();
  });

  it("show what is shared with the department, to be watched live where that is shared", async () => {
    serve({ "GET /grants": { body: { items: [SHARE] } } });
    shown(<GrantPages />);
    expect((await screen.findByRole("link", { name: "GX-2026-0001" })).getAttribute("href")).toBe("/procedures/share-requests/r1");
    expect(screen.getByText("live pictures")).toBeTruthy();
    expect(screen.getByText("shared with your department (art. 20)")).toBeTruthy();
    expect(screen.queryByRole("link", { name: /Watch/ })).toBeNull();
    expect(screen.getAllByRole("link", { name: /Live/ }).map((link) => link.getAttribute("href"))).toEqual([`/grants/${SHARE.id}/c1/live`, `/grants/${SHARE.id}/c2/live`]);
  });

  it("give a copy on to one recipient where the grant lets", async () => {
    const log = serve({
      "GET /grants": { body: { items: [{ ...GRANT, may_forward: true }] } },
      "GET /grants/11111111-0000-4000-8000-000000000000/register": { body: { items: [COPY, ENTRY], next: null } },
      ...FORWARD,
      "GET /m/t/files.json": { body: { files: [FILE], ready: true, progress: 1 } },
    });
    shown(<GrantPages />);
    const copies = within(await screen.findByTestId("grant-copies"));
    expect(copies.getByText("SHA-256 abababababab")).toBeTruthy();
    await userEvent.click(copies.getByRole("button", { name: "Give on" }));
    await userEvent.type(copies.getByLabelText("Recipient"), "Court");
    await userEvent.type(copies.getByLabelText("Where it goes"), "File 7{Enter}");
    expect((await copies.findByRole("link", { name: /^Download x 2026-11-26 10/ })).getAttribute("href")).toBe("http://127.0.0.1/m/t/x.mp4?file=1&save=1");
    expect(copies.getByTestId("copy-masked")).toBeTruthy();
    expect(log.find(({ method }) => method === "POST")?.body).toEqual({ recipient: "Court", destination: "File 7" });
  });

  it("say how far a masked copy is that is given on, and why there is none", async () => {
    let answer: { status?: number; body: unknown } = { body: { files: [], ready: false, progress: 0.25 } };
    serve({
      "GET /grants": { body: { items: [{ ...GRANT, may_forward: true }] } },
      "GET /grants/11111111-0000-4000-8000-000000000000/register": { body: { items: [COPY], next: null } },
      ...FORWARD,
      "GET /m/t/files.json": () => answer,
    });
    shown(<GrantPages />);
    await userEvent.click(await screen.findByRole("button", { name: "Give on" }));
    await userEvent.type(screen.getByLabelText("Recipient"), "Court");
    await userEvent.type(screen.getByLabelText("Where it goes"), "File 7{Enter}");
    expect(await screen.findByText(/every picture: 25 % done/)).toBeTruthy();
    answer = { status: 502, body: { code: "masked_failed", detail: "no" } };
    expect((await screen.findByRole("alert", undefined, { timeout: 3000 })).textContent).toContain("could not be made");
    expect(screen.queryByTestId("copy-making")).toBeNull();
  });

  it("offer no giving on where a copy alone was granted", async () => {
    serve({ "GET /grants": { body: { items: [GRANT] } }, "GET /grants/11111111-0000-4000-8000-000000000000/register": { body: { items: [COPY], next: null } } });
    shown(<GrantPages />);
    expect(await screen.findByTestId("grant-copies")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Give on" })).toBeNull();
  });

  it("lead to the requests while there is none", async () => {
    serve({ "GET /grants": { body: { items: [] } } });
    shown(<GrantPages />);
    expect(await screen.findByText("You hold no grant at present")).toBeTruthy();
  });
});

describe("the register", () => {
  it("says what left, to whom, and finds a file by its hash", async () => {
    const forwarded = { ...COPY, sequence: 60, kind: "copy.forward", recipient: "Court", forwarded: 50 };
    const log = serve({ "GET /register": { body: { items: [forwarded], next: null } } });
    shown(<RegisterPage />);
    expect(await screen.findByText("Room 2 (given to Court)")).toBeTruthy();
    expect(screen.getByText("abababababab… 1.23 MB")).toBeTruthy();
    await userEvent.type(screen.getByLabelText("SHA-256 of a file"), `${"AB".repeat(32)}{Enter}`);
    await vi.waitFor(() => expect(log.some(({ query }) => query.get("sha256") === "ab".repeat(32))).toBe(true));
  });

  it("says who, when, what for and where to, and is narrowed to a person by a click", async () => {
    const log = serve({ "GET /register": { body: { items: [ENTRY, LIVE], next: null } } });
    shown(<RegisterPage />);
    const row = (await screen.findByText("41")).closest("tr") as HTMLElement;
    for (const text of ["2026-11-26 12:00:00", "Daoli police", "view", "2026-11-26 10:00:00 – 11:00:00 +08:00", "investigating a crime", "Room 2", "CY-2026-0001", "1m23s"]) {
      expect(within(row).getByText(text)).toBeTruthy();
    }
    const other = screen.getByText("40").closest("tr") as HTMLElement;
    expect(within(other).getByText("live")).toBeTruthy();
    expect(within(other).getByText("by role")).toBeTruthy();
    expect(within(row).getByTitle(/entries of each minute/).textContent).toBe("1m23s · grant revoked");
    expect(within(other).getByTitle(/entries of each minute/).textContent).toBe("2m00s · goes on");
    await userEvent.click(within(row).getByRole("button", { name: "Li Wei" }));
    await vi.waitFor(() => expect(log.some(({ path, query }) => path === "/register" && query.get("person") === "p1")).toBe(true));
    expect(screen.getByText("Only “Li Wei”")).toBeTruthy();
    expect(screen.getByRole("heading", { name: "What “Li Wei” saw" })).toBeTruthy();
  });

  it("answers who saw a camera, by what was in the picture, and gives it as a paper and a spreadsheet", async () => {
    const log = serve({ "GET /register": { body: { items: [ENTRY], next: null } } });
    shown(<RegisterPage />, "/register?camera=c1&shown_from=2026-11-26T02:00:00Z");
    expect(await screen.findByRole("heading", { name: "Who saw “East gate”" })).toBeTruthy();
    expect(log[0]?.query.get("shown_from")).toBe("2026-11-26T02:00:00Z");
    const paper = screen.getByRole("link", { name: /Export as PDF/ }).getAttribute("href");
    expect(paper).toBe("/api/v1/register/export?camera=c1&shown_from=2026-11-26T02%3A00%3A00Z&form=pdf");
    expect(screen.getByRole("link", { name: /Export as CSV/ }).getAttribute("href")).toContain("form=csv");
    expect(within(screen.getByRole("group", { name: "Time in the picture" })).getAllByText(/^(From|Until)/)).toHaveLength(2);
  });
});
