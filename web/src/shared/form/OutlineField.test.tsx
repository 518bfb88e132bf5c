import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { useState, type JSX } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../i18n";
import { shown } from "../../test-server";
import { OutlineField, ShotContext } from "./OutlineField";
import { FormProvider } from "./SchemaForm";

const asked: string[] = [];

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  asked.length = 0;
});

function Host(): JSX.Element {
  const [value, setValue] = useState<unknown>([]);
  return (
    <FormProvider value={{ root: {}, faults: new Map(), prefix: "f" }}>
      <ShotContext value={{ camera: "c1", at: "2026-01-01T02:00:00Z" }}>
        <OutlineField path="polygon" label="Outline" required field={{ optional: false }} value={value} onChange={setValue} />
        <output>{JSON.stringify(value)}</output>
      </ShotContext>
    </FormProvider>
  );
}

describe("an outline over a picture", () => {
  it("is drawn by keys on a still of the record's beginning", async () => {
    vi.stubGlobal("fetch", async (address: string) => {
      asked.push(address);
      return new Response("jpeg");
    });
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:still", revokeObjectURL: () => undefined }));
    shown(<Host />);
    const add = await screen.findByRole("button", { name: /corner/i });
    for (let n = 0; n < 3; n++) fireEvent.click(add);
    await waitFor(() => expect(screen.getByRole<HTMLImageElement>("img", { name: /still|picture/i }).src).toBe("blob:still"));
    expect(asked).toEqual(["/api/v1/cameras/c1/masks/still?at=2026-01-01T02%3A00%3A00Z"]);
    expect((JSON.parse(document.querySelector("output")?.textContent ?? "[]") as unknown[]).length).toBe(3);
  });
});
