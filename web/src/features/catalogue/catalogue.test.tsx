import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { Person } from "../../api/client";
import { startTranslations } from "../../shared/i18n";
import { serve, shown } from "../../test-server";
import CataloguePage from "./CataloguePage";

const ENTRY = {
  id: "e1", number: "ML-2026-0001", title: "Bridges", keeper: { id: "o1", name: "Police" }, cameras: [{ id: "c1", name: "Bridge 1" }, { id: "c2", name: "Bridge 2" }],
  kinds: [{ code: "live", words: { zh: "实时画面", en: "live pictures" } }], conditions: "public safety", begin: "2026-11-26T02:00:00Z", until: "2026-12-26T02:00:00Z", uses: 7,
};
const of = (role: string): Person => ({ roles: [role] }) as unknown as Person;

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the share catalogue", () => {
  it("shows what is offered with its use, and a department asks by it", async () => {
    serve({ "GET /share-catalogue": { body: { items: [ENTRY] } } });
    shown(<CataloguePage person={of("department_user")} />);
    const ask = await screen.findByRole("link", { name: "Ask to share" });
    expect(ask.getAttribute("href")).toBe("/procedures/share-requests?open=1&entry=e1");
    for (const text of ["Bridges", "Police", "live pictures", "public safety", "7"]) expect(screen.getByText(text)).toBeTruthy();
  });

  it("offers nobody else to ask, and says so while it is empty", async () => {
    serve({ "GET /share-catalogue": { body: { items: [ENTRY] } } });
    shown(<CataloguePage person={of("auditor")} />);
    expect(await screen.findByText("Bridges")).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Ask to share" })).toBeNull();
    cleanup();
    serve({ "GET /share-catalogue": { body: { items: [] } } });
    shown(<CataloguePage person={of("auditor")} />);
    expect(await screen.findByText("Nothing is published yet")).toBeTruthy();
  });
});
