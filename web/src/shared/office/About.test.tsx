import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";

import { subjectIn } from "../../api/procedures";
import { person, serve, shown } from "../../test-server";
import { officeEn } from "../dictionaries/office.en";
import { officeZhCN } from "../dictionaries/office.zh-CN";
import { addWords, startTranslations } from "../i18n";
import { RecordsAbout } from "./About";

const kind = (name: string, subject: string, openers: string[]) => ({
  name, path: `${name}s`, words: { zh: name, en: name }, states: { kept: { zh: "保管", en: "kept" } }, moves: [], openers, readers: ["registrar"], opening: { properties: {} }, data: {}, article: "18", subject,
});
const RECORD = { id: "r1", kind: "check", number: "MR-2026-0001", title: "Check of the school", state: "kept", division: "", organisation: null, subject: "p1", version: 1, opened_at: "2026-11-01T00:00:00Z", changed_at: "2026-11-01T00:00:00Z", data: {} };

beforeAll(async () => {
  addWords({ "zh-CN": officeZhCN, en: officeEn });
  await startTranslations("en");
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("lists what is about a thing and offers what may be begun about it, and nothing else", async () => {
  const log = serve({
    "GET /procedures": { body: { items: [kind("check", "place", ["registrar"]), kind("consent", "place", ["builder"]), kind("filing", "record:system", ["registrar"])] } },
    "GET /checks": { body: { items: [RECORD], next: null } },
    "GET /consents": { body: { items: [], next: null } },
  });
  shown(<RecordsAbout person={person("registrar")} subjects={{ place: "p1" }} />);
  expect((await screen.findByRole("link", { name: "Check of the school" })).getAttribute("href")).toBe("/procedures/checks/r1");
  expect(screen.getByRole("link", { name: /^\S* ?Check$/ }).getAttribute("href")).toBe("/procedures/checks?subject=p1&open=1");
  expect(screen.queryByRole("link", { name: /Consent|Filing/ })).toBeNull();
  expect(log.filter(({ path }) => path === "/filings")).toEqual([]);
});

it("knows what a kind is about", () => {
  const system = { "record:system": "s1", camera: null };
  expect(subjectIn({ subject: "camera_or_system" }, system)).toBe("s1");
  expect(subjectIn({ subject: "record:plan|system" }, system)).toBe("s1");
  expect(subjectIn({ subject: "camera" }, system)).toBeNull();
  expect(subjectIn({ subject: "" }, system)).toBeNull();
});
