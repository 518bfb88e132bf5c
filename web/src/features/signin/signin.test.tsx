import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { JSX } from "react";
import { useLocation } from "react-router";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { PreferencesProvider } from "../../shared/Preferences";
import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown, type Asked } from "../../test-server";
import SignInPage from "./SignInPage";

const session = { body: { person: person("custodian"), expires: null, must_enrol: false, untrained: [] } };
const NO_PROVIDER = { "GET /session/provider": { body: { is_set: false, label: null } } };
const NOBODY_AWAITED = { "GET /first-administrator": { body: { is_awaited: false } }, ...NO_PROVIDER };
const PROVIDER = { ...NOBODY_AWAITED, "GET /session/provider": { body: { is_set: true, label: "City ID" } } };
const ANSWER = "POST /session/provider/answer";

/** The address, as the page left it. */
function Where(): JSX.Element {
  const { search, state } = useLocation();
  return <output data-testid="where">{`${search} ${(state as { from?: string } | null)?.from ?? ""}`}</output>;
}

const open = (search = ""): void =>
  shown(
    <PreferencesProvider>
      <SignInPage />
      <Where />
    </PreferencesProvider>,
    `/signin${search}`,
  );

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  window.sessionStorage.clear();
  vi.unstubAllGlobals();
});

describe("sign-in", () => {
  const answer = ({ body }: Asked) => ((body as { code?: string }).code === undefined ? refusal("second_factor_needed", null, "a code is wanted", null, 401) : session);

  it("asks for the code of whoever has a second factor", async () => {
    const log = serve({ ...NOBODY_AWAITED, "POST /session": answer });
    open();
    await userEvent.type(await screen.findByLabelText("Account name"), "wang");
    await userEvent.type(screen.getByLabelText("Password"), "secret{Enter}");
    await userEvent.type(await screen.findByLabelText("Code"), "123456{Enter}");
    await waitFor(() => expect(log.at(-1)?.body).toEqual({ name: "wang", password: "secret", code: "123456" }));
  });

  it("lets the first administrator in with the terminal's code", async () => {
    const log = serve({ "GET /first-administrator": { body: { is_awaited: true } }, "POST /first-administrator": { status: 201, body: {} }, "POST /session": session });
    open();
    await userEvent.type(await screen.findByLabelText("Code shown by the terminal"), "aaaa-bbbb-cccc-dddd");
    await userEvent.type(screen.getByLabelText("Account name"), "root");
    await userEvent.type(screen.getByLabelText("Password"), "long enough{Enter}");
    await waitFor(() => expect(log.at(-1)).toMatchObject({ path: "/session", body: { name: "root" } }));
    expect(log.find(({ method, path }) => method === "POST" && path === "/first-administrator")?.body).toMatchObject({ code: "aaaa-bbbb-cccc-dddd", language: "en" });
  });
});

describe("sign-in by the city's provider", () => {
  it("is offered only where one is set", async () => {
    serve(NOBODY_AWAITED);
    open();
    await screen.findByLabelText("Account name");
    expect(screen.queryByRole("button", { name: /City ID|provider/ })).toBeNull();
    cleanup();
    serve(PROVIDER);
    open();
    expect(await screen.findByRole("button", { name: /City ID/ })).toBeTruthy();
  });

  it("hands the answer on once, out of the address, and remembers the wanted page", async () => {
    const log = serve({ ...PROVIDER, [ANSWER]: { status: 201, body: { session: session.body } } });
    window.sessionStorage.setItem("bingjian.from", "/duties");
    open("?code=c&state=s&iss=https%3A%2F%2Fid.example&more=x");
    await waitFor(() => expect(log.filter(({ path }) => path.endsWith("/answer"))).toHaveLength(1));
    expect(log.at(-1)?.body).toEqual({ code: "c", state: "s", iss: "https://id.example" });
    expect(screen.getByTestId("where").textContent).toBe(" /duties");
    expect(window.sessionStorage.getItem("bingjian.from")).toBeNull();
  });

  it("asks for our code where one is wanted", async () => {
    const log = serve({ ...PROVIDER, [ANSWER]: { status: 201, body: { session: null } }, "POST /session/provider/code": { status: 201, body: session.body } });
    open("?code=c&state=s");
    await userEvent.type(await screen.findByLabelText("Code"), "123456{Enter}");
    await waitFor(() => expect(log.at(-1)).toMatchObject({ path: "/session/provider/code", body: { code: "123456" } }));
  });

  it.each(["provider_away", "provider_lost", "provider_denied", "provider_not_genuine", "provider_unbound"])("says %s in one sentence of its own", async (code) => {
    serve({ ...PROVIDER, [ANSWER]: refusal(code, null, "what the server says", null, 401) });
    open("?error=access_denied&state=s");
    const text = (await screen.findByRole("alert")).textContent ?? "";
    expect(text).toMatch(/provider|begun/);
    expect(text).not.toContain("what the server says");
  });
});
