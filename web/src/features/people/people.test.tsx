import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { PersonDetail, PersonRow } from "../../api/people";
import { startTranslations } from "../../shared/i18n";
import { person, serve, shown } from "../../test-server";
import { newPassword } from "./newPassword";
import PeoplePages from "./PeoplePages";

const row = (change: Partial<PersonRow> = {}): PersonRow => ({
  id: "8", name: "wang", roles: ["watcher"], language: "zh", organisation: null, areas: ["2301"], enabled: true, is_open: true,
  valid_from: null, contract_ends: null, certificate_kind: "", certificate_number: "", home: "", created_at: "2026-11-26T01:00:00Z", ...change,
});
const detail = (change: Partial<PersonDetail> = {}): PersonDetail => ({
  ...row(),
  second_factor: { mode: "optional", is_required: false, enrolled_at: "2026-11-26T01:00:00Z", recovery_codes_left: 7 },
  sessions: [],
  training: [{ kind: "secrecy", zh: "保密", en: "secrecy", valid_until: "2026-11-25T16:00:00Z", is_valid: false }],
  untrained: [],
  ...change,
});

function open(address: string): void {
  shown(
    <Routes>
      <Route path="/people/*" element={<PeoplePages person={person("sysadmin")} />} />
    </Routes>,
    address,
  );
}

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("people", () => {
  it("say who may sign in, and why not", async () => {
    const items = [row(), row({ id: "9", name: "li", is_open: false, contract_ends: "2026-11-25" }), row({ id: "10", name: "sun", is_open: false, enabled: false })];
    serve({ "GET /people": { body: { items, next: null } } });
    open("/people");
    expect(await screen.findByText("Open")).toBeTruthy();
    expect(screen.getByText("Outside the contract")).toBeTruthy();
    expect(screen.getByText("Closed")).toBeTruthy();
    expect(screen.getByText("until 2026-11-25 24:00")).toBeTruthy();
  });

  it("have training that ran out, and a factor that an administrator takes away when sure", async () => {
    const log = serve({ "GET /people/8": { body: detail() }, "DELETE /people/8/second-factor": { body: null } });
    open("/people/8");
    expect(await screen.findByText(/ran out at/)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Take the second factor away" }));
    expect(log.some(({ method }) => method === "DELETE")).toBe(false);
    await userEvent.click(await screen.findByRole("button", { name: "Confirm" }));
    await waitFor(() => expect(log.some(({ method }) => method === "DELETE")).toBe(true));
  });

  it("are not changed by themselves", async () => {
    serve({ "GET /people/7": { body: detail({ id: "7", name: "operator" }) } });
    open("/people/7");
    expect(await screen.findByText(/Another administrator changes the rights/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Change" })).toBeNull();
    expect(screen.queryByRole("button", { name: "New password" })).toBeNull();
  });
});

it("makes passwords that can be read aloud", () => {
  const made = new Set(Array.from({ length: 200 }, newPassword));
  expect(made.size).toBe(200);
  for (const one of made) expect(one).toMatch(/^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/);
});
