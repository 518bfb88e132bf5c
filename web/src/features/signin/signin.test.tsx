import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { PreferencesProvider } from "../../shared/Preferences";
import { startTranslations } from "../../shared/i18n";
import { person, refusal, serve, shown, type Asked } from "../../test-server";
import SignInPage from "./SignInPage";

const session = { body: { person: person("custodian"), expires: null, must_enrol: false, untrained: [] } };
const NOBODY_AWAITED = { "GET /first-administrator": { body: { is_awaited: false } } };

const open = (): void =>
  shown(
    <PreferencesProvider>
      <SignInPage />
    </PreferencesProvider>,
    "/signin",
  );

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
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
