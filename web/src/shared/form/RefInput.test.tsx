import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type JSX } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { addWords, startTranslations } from "../i18n";
import { officeEn } from "../dictionaries/office.en";
import { officeZhCN } from "../dictionaries/office.zh-CN";
import { person, serve, shown, type Asked } from "../../test-server";
import { RefInput } from "./RefInput";

const ID = "00000000-0000-4000-8000-000000000001";
const SYSTEM = { name: "system", path: "systems", words: { zh: "系统", en: "system" }, readers: [], openers: ["builder"], moves: [] };

function ask(ref: string, role: string): { log: Asked[]; told: unknown[] } {
  const log = serve({
    "GET /session": { body: { person: person(role) } },
    "GET /procedures": { body: { items: [SYSTEM] } },
    "GET /systems": { body: { items: [{ id: ID, title: "Riverside system", number: "XT-1" }], next: null } },
  });
  const told: unknown[] = [];
  function Held(): JSX.Element {
    const [value, setValue] = useState<unknown>(null);
    const change = (to: unknown): void => {
      told.push(to);
      setValue(to);
    };
    return <RefInput id="f" path="f" label="About" required={false} several={false} field={{ type: "string", ref, optional: true }} value={value} onChange={change} />;
  }
  shown(<Held />);
  return { log, told };
}

beforeAll(async () => {
  addWords({ "zh-CN": officeZhCN, en: officeEn });
  await startTranslations("en");
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("what a form refers to", () => {
  it("is named by its number where the person may not search base information; nothing refused is asked for", async () => {
    const user = userEvent.setup();
    const { log, told } = ask("place", "builder");
    expect(await screen.findByText(/base information \(article 27\), which your roles may not search/)).toBeTruthy();
    await user.click(screen.getByLabelText("About"));
    await user.paste(ID);
    expect(told.at(-1)).toBe(ID);
    expect(log.some(({ path }) => path.startsWith("/places"))).toBe(false);
  });

  it("a camera or a system: is searched among the systems by whoever may know only those", async () => {
    const user = userEvent.setup();
    const { log, told } = ask("camera_or_system", "builder");
    await waitFor(() => expect(log.some(({ path }) => path === "/session")).toBe(true));
    await user.click(await screen.findByRole("combobox"));
    await user.click(await screen.findByTitle("Riverside system · XT-1"));
    expect(told).toEqual([ID]);
    expect(log.some(({ path }) => path.startsWith("/camera-files"))).toBe(false);
  });
});
