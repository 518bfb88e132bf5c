import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useCallback, type JSX } from "react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { WallClock } from "../../player/clock";
import { ActionsProvider, useActions, usePageActions } from "../../shared/actions";
import { copiesEn } from "../../shared/dictionaries/copies.en";
import { copiesZhCN } from "../../shared/dictionaries/copies.zh-CN";
import { startTranslations } from "../../shared/i18n";
import { MINUTE, SECOND } from "../../shared/time";
import { refusal, serve, shown, type Asked } from "../../test-server";
import CopyPanel from "./CopyPanel";
import { useCopyActions, useCopying } from "./copying";
import { NO_RANGE, type Range } from "./range";

const AT = Date.UTC(2025, 10, 25, 6); // past, for what has not come yet cannot be copied
const CAMERA = "00000000-0000-0000-0000-000000000001";
const RANGE: Range = { startMs: AT, endMs: AT + 30 * SECOND };
const CLIP = `POST /cameras/${CAMERA}/clip`;
const STORED = `GET /cameras/${CAMERA}/timeline`;
const GRANTS = `GET /cameras/${CAMERA}/grants`;
const M = "http://127.0.0.1:8810/m/T";

const ticket = { status: 201, body: { url: `${M}/East%20gate.mp4`, files_url: `${M}/files.json`, opens_before: "", expires: "" } };
const purpose = { code: "criminal_case", words: { zh: "刑事案件侦办", en: "investigating a crime" } };
const grant = {
  id: "g1", request: "r1", number: "CY-2026-0001", cameras: [], begin: "2025-11-24T00:00:00Z", end: "2025-11-25T07:00:00Z",
  verbs: [{ code: "copy", words: { zh: "复制", en: "copy" } }], purpose, destination: "Room 2", expires: "2030-01-01T00:00:00Z", has_whole_edges: false,
};
const HELD = { body: { items: [grant] } };
const iso = (ms: number): string => new Date(ms).toISOString();
const file = (startMs: number, endMs: number) => ({
  start: iso(startMs), start_local: "", end: iso(endMs), end_local: "", clock_offset_ms: 120, size_bytes: 4_560_000, mime: "video/mp4",
});
const files = (...all: ReturnType<typeof file>[]) => ({ body: { files: all } });
const spans = (...all: [number, number, string | null][]) => ({
  body: { now: iso(AT + MINUTE), spans: all.map(([start, end, cause]) => ({ start: iso(start), end: iso(end), kind: cause === null ? "present" : "missing", cause })) },
});
const WHOLE = spans([AT - MINUTE, AT + MINUTE, null]);

let clock: WallClock;
beforeAll(() => startTranslations("en"));
beforeEach(() => {
  clock = new WallClock();
  clock.seek(AT, false);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function Host({ camera, range, allowed }: { camera: string | null; range: Range; allowed: boolean }): JSX.Element {
  const copying = useCopying(allowed, clock, range, useCallback(() => camera, [camera]));
  useActions(useCopyActions(copying));
  return (
    <>
      <p data-testid="label">{usePageActions()[0]?.label}</p>
      {copying.asked !== null && <CopyPanel asked={copying.asked} name="East gate" allowed={allowed} close={copying.close} />}
    </>
  );
}

function open(part: { camera?: string | null; range?: Range; allowed?: boolean } = {}): void {
  const { camera = CAMERA, range = RANGE, allowed = true } = part;
  shown(<ActionsProvider><Host camera={camera} range={range} allowed={allowed} /></ActionsProvider>);
  fireEvent.keyDown(document.body, { key: "e" });
}

const posts = (log: readonly Asked[]): unknown[] => log.filter(({ method }) => method === "POST").map(({ body }) => body);
const ask = async (): Promise<void> => {
  await screen.findByRole("radio", { name: /CY-2026-0001/ });
  fireEvent.submit(screen.getByTestId("copy-form"));
};

describe("a copy", () => {
  it("is of the range set, for a purpose, and its file is a link", async () => {
    const log = serve({ [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: ticket, "GET /m/T/files.json": files(file(AT - 800, AT + 30 * SECOND)) });
    open();
    expect((await screen.findByLabelText<HTMLInputElement>("Start (+08:00)")).value).toBe("2025-11-25 14:00:00");
    expect(screen.getByText("UTC 2025-11-25 06:00:30.000")).toBeTruthy();
    expect(screen.getByText(/^Length 30s/)).toBeTruthy();
    expect(await screen.findByText("This interval is recorded whole.")).toBeTruthy();
    expect(document.activeElement).toBe(await screen.findByRole("radio", { name: /CY-2026-0001 · investigating a crime · Room 2/ }));
    await ask();
    const link = await screen.findByRole<HTMLAnchorElement>("link", { name: "Download East gate 2025-11-25 13.59.59+0800 (055959Z).mp4" });
    expect(link.href).toBe(`${M}/East%20gate.mp4?file=1&save=1`);
    await waitFor(() => expect(document.activeElement).toBe(link));
    expect(screen.getByTestId("copy-files").textContent).toContain("31s, 4.56 MB");
    expect(screen.getByTestId("copy-files").textContent).toContain("camera clock off by 0.12 s");
    expect(posts(log)).toEqual([{ start: iso(AT), end: iso(AT + 30 * SECOND), purpose: "criminal_case", grant: "g1", verb: "copy", form: "download" }]);
  });

  it("says how far it is while masks are put into it, and that it is a derived file", async () => {
    let answer: { body: unknown } = { body: { files: [], ready: false, progress: 0.4 } };
    serve({ [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: { ...ticket, body: { ...ticket.body, masked: true } }, "GET /m/T/files.json": () => answer });
    open();
    await ask();
    expect(await screen.findByText("Masks are being put into every picture: 40 % done.")).toBeTruthy();
    expect(screen.getByRole<HTMLProgressElement>("progressbar").value).toBe(40);
    answer = { body: { ...files(file(AT, AT + 30 * SECOND)).body, ready: true, progress: 1 } };
    await waitFor(() => expect(screen.getByTestId("copy-masked").textContent).toContain("derived file"), { timeout: 3000 });
    expect(screen.queryByTestId("copy-making")).toBeNull();
  });

  it.each(["masked_streams_full", "renditions_away", "masks_changed", "masked_failed"])("that fails with %s says what to do, in both languages", async (code) => {
    serve({ [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: ticket, "GET /m/T/files.json": refusal(code, null, "the server's sentence", null, 503) });
    open();
    await ask();
    const words = [copiesEn, copiesZhCN].map(({ copies }) => (copies.problems as Record<string, string>)[code] ?? "");
    expect((await screen.findByRole("alert")).textContent).toBe(words[0]);
    expect(words[0]).toMatch(/[Tt]ry|again/);
    expect(words[1]).toMatch(/请/);
  });

  it("has several files where the configuration changed, and gaps with their cause", async () => {
    serve({
      [GRANTS]: HELD, [STORED]: spans([AT - MINUTE, AT + 10 * SECOND, null], [AT + 10 * SECOND, AT + 14 * SECOND, "disconnected"], [AT + 14 * SECOND, AT + MINUTE, null]),
      [CLIP]: ticket,
      "GET /m/T/files.json": files(file(AT, AT + 10 * SECOND), file(AT + 14 * SECOND, AT + 30 * SECOND)),
    });
    open();
    const gaps = await screen.findByTestId("copy-gaps");
    expect(gaps.textContent).toBe("Missing in this interval: 1, in all 4s2025-11-25 14:00:10 – 14:00:14 +08:004sconnection lost");
    await ask();
    const links = await screen.findAllByRole<HTMLAnchorElement>("link");
    expect(links.map(({ href }) => href)).toEqual([1, 2].map((n) => `${M}/East%20gate.mp4?file=${n}&save=1`));
    expect(screen.getByText(/so there are several files/)).toBeTruthy();
  });

  it("asks for an interval where no range is set: the minute before the moment", async () => {
    serve({ [GRANTS]: HELD, [STORED]: WHOLE });
    open({ range: NO_RANGE });
    const start = await screen.findByLabelText<HTMLInputElement>("Start (+08:00)");
    expect([start.value, screen.getByLabelText<HTMLInputElement>("End (+08:00)").value]).toEqual(["2025-11-25 13:59:00", "2025-11-25 14:00:00"]);
    await waitFor(() => expect(document.activeElement).toBe(start));
  });

  it("is not asked for without a grant (R22.8)", async () => {
    const log = serve({ [GRANTS]: { body: { items: [] } }, [STORED]: WHOLE, [CLIP]: ticket });
    open();
    expect((await screen.findByTestId("copy-no-grant")).textContent).toContain("two officers apply");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Make the copy" }).disabled).toBe(true);
    expect(posts(log)).toEqual([]);
  });

  it("is taken under the grant that has the interval, or the one chosen", async () => {
    const early = { ...grant, id: "g0", number: "CY-2026-0000", end: "2025-11-24T01:00:00Z", verbs: [{ ...grant.verbs[0], code: "retrieve" }] };
    const log = serve({ [GRANTS]: { body: { items: [early, grant] } }, [STORED]: WHOLE, [CLIP]: ticket });
    open();
    await ask();
    await waitFor(() => expect(posts(log)[0]).toMatchObject({ grant: "g1", verb: "copy" }));
    await userEvent.click(screen.getByRole("radio", { name: /CY-2026-0000/ }));
    await ask();
    await waitFor(() => expect(posts(log)[1]).toMatchObject({ grant: "g0", verb: "retrieve" }));
  });

  it("is not asked for beyond what its form allows", async () => {
    const log = serve({ [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: ticket });
    open();
    await ask();
    await waitFor(() => expect(posts(log)).toHaveLength(1));
    const start = screen.getByLabelText("Start (+08:00)");
    fireEvent.change(start, { target: { value: "2025-11-25 01:00" } });
    expect(screen.getByRole("alert").textContent).toContain("Longer than this form allows");
    await ask();
    expect(posts(log)).toHaveLength(1);
    await userEvent.click(screen.getByRole("radio", { name: /As stored/ }));
    expect(screen.queryByText(/Longer than/)).toBeNull();
    await ask();
    await waitFor(() => expect(posts(log)[1]).toMatchObject({ form: "fragmented", start: "2025-11-24T17:00:00.000Z" }));
    fireEvent.change(start, { target: { value: "soon" } });
    expect(screen.getByRole("alert").textContent).toContain("Write it like");
  });

  it("forgets its files when the interval changes", async () => {
    serve({ [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: ticket, "GET /m/T/files.json": files(file(AT, AT + 30 * SECOND)) });
    open();
    await ask();
    await screen.findByTestId("copy-files");
    fireEvent.change(screen.getByLabelText("End (+08:00)"), { target: { value: "2025-11-25 14:00:20" } });
    expect(screen.queryByTestId("copy-files")).toBeNull();
  });

  it("shows a refusal with its article", async () => {
    serve({ [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: refusal("R27.1", "27¶1", "none of your roles may do this", null) });
    open();
    await ask();
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Your roles don't allow this.");
    expect(screen.getByRole<HTMLAnchorElement>("link").getAttribute("href")).toBe("/regulation/27#R27.1");
  });

  it("says what the media worker could not give", async () => {
    serve({ [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: ticket, "GET /m/T/files.json": refusal("nothing_recorded", null, "nothing", null, 404) });
    open();
    await ask();
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing is recorded in this interval");
  });

  it("does not follow a link that has lapsed", async () => {
    serve({
      [GRANTS]: HELD, [STORED]: WHOLE, [CLIP]: ticket, "GET /m/T/files.json": files(file(AT, AT + 30 * SECOND)),
      "HEAD /m/T/East%20gate.mp4": { status: 403, body: {} },
    });
    open();
    await ask();
    await userEvent.click(await screen.findByRole("link"));
    expect((await screen.findByRole("alert")).textContent).toContain("has lapsed");
    expect(screen.queryByTestId("copy-files")).toBeNull();
  });
});

describe("who may not copy", () => {
  it("is told why, with the article, and sees the action as not theirs", async () => {
    const log = serve({});
    open({ allowed: false });
    expect(screen.getByTestId("label").textContent).toBe("keys.copyNot");
    expect((await screen.findByTestId("copy-not-allowed")).textContent).toMatch(/Only the role “Custodian”.*Ground: Art. 27 par. 1 \(R27.1\)/);
    expect(screen.queryByTestId("copy-form")).toBeNull();
    expect(log).toEqual([]);
  });

  it("needs a camera all the same", async () => {
    serve({});
    open({ camera: null });
    expect(await screen.findByText("Choose a camera first.")).toBeTruthy();
  });
});
