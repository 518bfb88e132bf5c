import { cleanup, screen } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTranslations } from "./i18n";
import { Section } from "./Section";
import { shown } from "../test-server";

beforeAll(() => startTranslations("en"));
afterEach(cleanup);

function pages(address: string): void {
  shown(
    <Routes>
      <Route
        path="/people/*"
        element={
          <Section>
            <Route index element={<p>everybody</p>} />
            {false}
            <Route path=":person" element={<p>somebody</p>} />
          </Section>
        }
      />
    </Routes>,
    address,
  );
}

describe("a section of pages", () => {
  it("shows its pages", async () => {
    pages("/people/anna");
    expect(await screen.findByText("somebody")).toBeTruthy();
  });

  it("says that there is no such page, and leads back", async () => {
    pages("/people/anna/nothing/here");
    (await screen.findByRole("button", { name: "Back to the list" })).click();
    expect(await screen.findByText("everybody")).toBeTruthy();
  });
});
