import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { SignedIn } from "../../api/client";
import type { Account } from "../../api/people";
import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown } from "../../test-server";
import AccountPage from "./AccountPage";

const NEVER = { enrolled_at: null, recovery_codes_left: 0 };
const account = (change: Partial<Account["second_factor"]> = {}): { body: Account } => ({
  body: {
    second_factor: { mode: "optional", is_required: false, ...NEVER, ...change },
    sessions: [
      { id: "a", device: "desktop", address: "192.0.2.1", created_at: "2026-11-26T01:00:00Z", seen_at: "2026-11-26T02:00:00Z", expires_at: "2026-11-26T13:00:00Z", is_this: true },
      { id: "b", device: "phone", address: "198.51.100.7", created_at: "2026-11-25T01:00:00Z", seen_at: "2026-11-26T01:30:00Z", expires_at: "2026-11-26T13:00:00Z", is_this: false },
    ],
  },
});
const session = { body: { person: person("custodian"), expires: null, must_enrol: false, untrained: [] } };

function open(who: SignedIn = person("custodian")): void {
  shown(<AccountPage person={who} />, "/account");
}

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("my account", () => {
  it("says what roles must do before anything else", async () => {
    serve({ "GET /account": account({ mode: "required", is_required: true }) });
    open({ ...person("custodian"), mustEnrol: true });
    expect(await screen.findByText(/until you have set up a second factor/)).toBeTruthy();
    expect(await screen.findByText("Not in use")).toBeTruthy();
  });

  it("ends one session, but never offers to end its own", async () => {
    const log = serve({ "GET /account": account(), "DELETE /account/sessions/b": { body: null } });
    open();
    await userEvent.click(await screen.findByRole("button", { name: /^End Telephone/ }));
    await waitFor(() => expect(log.some(({ method, path }) => method === "DELETE" && path === "/account/sessions/b")).toBe(true));
    expect(screen.queryByRole("button", { name: /^End Browser/ })).toBeNull();
  });

  it("shows a wrong password at once and lets one try again", async () => {
    serve({ "GET /account": account(), "POST /account/second-factor": refusal("wrong_password", null, "the password is wrong", null) });
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Set up" }));
    await userEvent.type(screen.getByLabelText("Enter your password once more"), "not it{Enter}");
    expect(await screen.findByText("The password is wrong.")).toBeTruthy();
    expect(screen.getByLabelText("Enter your password once more")).toBeTruthy();
  });

  it("shows the recovery codes once, after the first code", async () => {
    const codes = ["aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"];
    const log = serve({
      "GET /account": account(),
      "GET /session": session,
      "POST /account/second-factor": { status: 201, body: { secret: "ABCD", uri: "otpauth://totp/x", expires: "2026-11-26T02:10:00Z" } },
      "POST /account/second-factor/confirm": { body: { codes } },
    });
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Set up" }));
    await userEvent.type(screen.getByLabelText("Enter your password once more"), "secret{Enter}");
    expect((await screen.findByTestId("secret")).textContent).toBe("ABCD");
    await userEvent.type(screen.getByLabelText("Code"), "123456{Enter}");
    const list = await screen.findByTestId("recovery-codes");
    expect(within(list).getAllByRole("listitem").map((one) => one.textContent)).toEqual(codes);
    await userEvent.click(screen.getByRole("button", { name: "I have kept them" }));
    await waitFor(() => expect(screen.queryByTestId("recovery-codes")).toBeNull());
    expect(log.find(({ path }) => path.endsWith("/confirm"))?.body).toEqual({ code: "123456" });
  });

  it("switches the second factor off with both proofs, where no role needs it", async () => {
    const enrolled = { enrolled_at: "2026-11-26T01:00:00Z", recovery_codes_left: 9 };
    const log = serve({ "GET /account": account(enrolled), "GET /session": session, "POST /account/second-factor/end": { body: null } });
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Switch off" }));
    await userEvent.type(screen.getByLabelText("Enter your password once more"), "secret");
    await userEvent.type(screen.getByLabelText("Code"), "123456{Enter}");
    await waitFor(() => expect(log.find(({ path }) => path.endsWith("/end"))?.body).toEqual({ password: "secret", code: "123456" }));
    cleanup();
    serve({ "GET /account": account({ ...enrolled, mode: "required", is_required: true }) });
    open();
    expect(await screen.findByRole("button", { name: "Use another authenticator" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Switch off" })).toBeNull();
  });
});
