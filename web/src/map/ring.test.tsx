import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type JSX } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../shared/i18n";
import { PreferencesProvider } from "../shared/Preferences";
import { person, serve, shown } from "../test-server";
import { openRing, wholeOf, type Corner } from "./ring";
import RingInput from "./RingInput";

const ROUTES = {
  "GET /divisions": { body: { items: [{ code: "230102", name_zh: "道里区", name_en: "Daoli", bbox: [126.2, 45.5, 126.7, 45.9], is_schematic: true }] } },
  "GET /session": { body: { person: person("planner") } },
};

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("an area", () => {
  it("drawn is open and has no more digits than anybody measures", () =>
    expect(openRing([[126.60000049, 45.7], [126.61, 45.7], [126.61, 45.71], [126.60000049, 45.7]])).toEqual([[126.6, 45.7], [126.61, 45.7], [126.61, 45.71]]));

  it("half typed is drawn as far as it is whole", () => expect(wholeOf([[126.6, 45.7], [126.61, null]])).toEqual([[126.6, 45.7]]));

  it("is typed corner by corner, by whoever cannot draw; nobody's base information is asked for", async () => {
    const log = serve(ROUTES);
    const told: (readonly Corner[])[] = [];
    function Held(): JSX.Element {
      const [corners, setCorners] = useState<readonly Corner[]>([]);
      told.push(corners);
      return <RingInput label="Area" near={null} value={corners} onChange={setCorners} />;
    }
    const user = userEvent.setup();
    shown(
      <PreferencesProvider>
        <Held />
      </PreferencesProvider>,
    );
    expect(await screen.findByText(/No area yet/)).toBeTruthy();
    await user.click(screen.getByText("Corners as numbers (WGS-84)"));
    for (const [n, [longitude, latitude]] of [["126.6", "45.7"], ["126.61", "45.7"], ["126.61", "45.71"]].entries()) {
      await user.click(screen.getByText("Add a corner"));
      await user.type(screen.getByLabelText(`Corner ${n + 1}, longitude`), longitude ?? "");
      await user.type(screen.getByLabelText(`Corner ${n + 1}, latitude`), latitude ?? "");
    }
    expect(told.at(-1)).toEqual([[126.6, 45.7], [126.61, 45.7], [126.61, 45.71]]);
    await user.click(screen.getByLabelText("Remove corner 2"));
    expect(told.at(-1)).toEqual([[126.6, 45.7], [126.61, 45.71]]);
    expect(log.some(({ path }) => path === "/places/ground")).toBe(false);
  }, 30_000);
});
