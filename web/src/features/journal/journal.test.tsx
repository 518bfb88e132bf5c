import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import type { Checkpoint, JournalEntry } from "../../api/journal";
import { startTranslations } from "../../shared/i18n";
import { serve, shown } from "../../test-server";
import JournalPage from "./JournalPage";

const head: Checkpoint = {
  origin: "video.example.org/journal", size: 8, root: "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", signed_at: "2026-11-26T04:00:00Z",
  text: "…", key: "video.example.org/journal+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
};
const WANG = "435c63df-a968-4a17-9f52-6b989d9490e7", CAMERA = "04fef9b7-68ea-43f1-b4c9-7bf7a80391eb";
const entry = (sequence: number): JournalEntry => ({
  sequence, at: "2026-11-26T04:00:00Z", kind: "view.live", entry: { actor: WANG, purpose: null, fields: ["name"], camera: CAMERA, expires: "2026-11-26T05:00:00Z", unmasked: false }, hash: "ab".repeat(32),
});
const served = (...items: JournalEntry[]) => serve({ "GET /journal": { body: { items, next: null, names: { [WANG]: "Wang", [CAMERA]: "East gate" } } }, "GET /journal/checkpoint": { body: head } });

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the journal", () => {
  it("shows the checkpoint: whose, how many, which root, when, and the key", async () => {
    served(entry(7));
    shown(<JournalPage />);
    const checkpoint = await screen.findByTestId("checkpoint");
    for (const text of [head.origin, "8", head.root, head.key]) expect(within(checkpoint).getByText(text)).toBeTruthy();
    expect(checkpoint.querySelector("time")?.getAttribute("datetime")).toBe(head.signed_at);
  });

  it("offers a proof of each entry as a file", async () => {
    served(entry(7), entry(6));
    shown(<JournalPage />);
    const link = await screen.findByRole("link", { name: "Download the proof of entry 6" });
    expect(link.getAttribute("href")).toBe("/api/v1/journal/6/proof");
    expect(link.getAttribute("download")).toBe("journal-6.tlog-proof");
  });

  it("says each entry in words: what, who, and its fields with names for ids", async () => {
    served(entry(7), { ...entry(6), kind: "platform.started", entry: { actor: "00000000-0000-0000-0000-000000000001", version: "0.1.0" } });
    shown(<JournalPage />);
    expect(await screen.findByText("live looked at")).toBeTruthy();
    expect(screen.getByText("Wang")).toBeTruthy();
    expect(screen.getByText('fields ["name"] · camera East gate · holds until 2026-11-26 13:00:00 · unmasked no')).toBeTruthy();
    expect(screen.getByText("console")).toBeTruthy();
    expect(screen.getByText("version 0.1.0")).toBeTruthy();
  });

  it("goes to an entry by its number, from the address and as typed", async () => {
    const log = served(entry(7), entry(6));
    shown(<JournalPage />, "/journal?newest=7");
    const row = (await screen.findByRole("link", { name: "Download the proof of entry 7" })).closest("tr");
    expect(row?.classList).toContain("row-wanted");
    const asked = (): string[] => log.filter(({ path }) => path === "/journal").map(({ query }) => query.get("newest") ?? "");
    expect(asked()).toEqual(["7"]);
    await userEvent.type(screen.getByRole("searchbox", { name: "To entry number" }), "{Control>}a{/Control}nonsense{Enter}");
    await waitFor(() => expect(asked()).toEqual(["7", ""]));
    await userEvent.clear(screen.getByRole("searchbox", { name: "To entry number" }));
    await userEvent.type(screen.getByRole("searchbox", { name: "To entry number" }), "42{Enter}");
    await waitFor(() => expect(asked()).toEqual(["7", "", "42"]));
  });

  it("says so while there is nothing", async () => {
    served();
    shown(<JournalPage />);
    expect(await screen.findByText("No entries yet")).toBeTruthy();
  });

  it("says what did not work", async () => {
    serve({ "GET /journal/checkpoint": { body: head } });
    shown(<JournalPage />);
    expect(await screen.findByRole("button", { name: /again/i })).toBeTruthy();
  });
});
