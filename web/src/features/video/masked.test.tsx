import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { Camera } from "../../api/client";
import { WallClock } from "../../player/clock";
import { troubleOf } from "../../player/live";
import { MaskedBadge } from "../../player/MaskedBadge";
import { en } from "../../shared/dictionaries/en";
import { zhCN } from "../../shared/dictionaries/zh-CN";
import { startTranslations } from "../../shared/i18n";
import { shown } from "../../test-server";
import { WallBudget } from "./budget";
import { LiveTile, type LiveShown } from "./LiveTile";
import { PlaybackTile, type PlaybackShown } from "./PlaybackTile";
import { playbackWord } from "./tileState";

const CAMERA = { id: "c1", name: "East gate", has_sub: false, state: { codec: "h265" } } as unknown as Camera; // that jsdom cannot play: stills
const CODES = ["masked_streams_full", "masked_failed", "masked_original_away", "renditions_away", "masks_changed", "no_picture"] as const;
const picture = (masked: string) => (): Response => new Response("JPEG", { headers: { "X-Masked": masked, "X-Picture-Time": "2026-11-26T04:00:00Z" } });
const away = (): Response => Response.json({ code: "no_picture", detail: "no" }, { status: 502 });

let answer: () => Response;
beforeAll(() => startTranslations("en"));
beforeEach(() => {
  vi.stubGlobal("fetch", async () => answer());
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:1", revokeObjectURL: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function live(): { last: () => LiveShown | undefined } {
  const told: LiveShown[] = [];
  shown(<LiveTile camera={CAMERA} large muted budget={new WallBudget()} restored={0} onShown={(one) => void told.push(one)} />);
  return { last: () => told.at(-1) };
}

describe("a tile of a masked camera", () => {
  it.each([["1", true], ["0", false]] as const)("knows whether its stills are masked (%s)", async (header, masked) => {
    answer = picture(header);
    const { last } = live();
    await waitFor(() => expect(last()).toMatchObject({ grade: "still", masked, takenMs: Date.parse("2026-11-26T04:00:00Z") }));
  });

  it("says why there is no still, and shows it again by itself", async () => {
    answer = away;
    const { last } = live();
    await waitFor(() => expect(last()?.state).toEqual({ kind: "waiting", cause: "no_picture" }));
    answer = picture("1");
    await waitFor(() => expect(last()).toMatchObject({ masked: true, state: { kind: "connecting" } }), { timeout: 3000 });
  });

  it("says the same of what was recorded", async () => {
    answer = away;
    const [told, clock] = [[] as PlaybackShown[], new WallClock()];
    clock.seek(Date.UTC(2026, 10, 26), true);
    shown(<PlaybackTile camera={CAMERA} clock={clock} leads={false} muted plays={false} jump={0} playing onShown={(one) => void told.push(one)} />);
    await waitFor(() => expect(told.at(-1)?.state).toEqual({ kind: "error", attempt: 1, cause: "no_picture" }));
    expect(playbackWord({ kind: "error", attempt: 1, cause: "no_picture" }, true).cause).toBe("no_picture");
  });

  it("has a badge that says so", () => {
    shown(<MaskedBadge />);
    expect(screen.getByTestId("masked-badge").textContent).toContain("masked");
    expect(zhCN.video.masked).toBe("已遮挡");
  });
});

describe("the words of masked pictures", () => {
  it.each(CODES)("say what to do about %s, in both languages", (code) => {
    expect(troubleOf(code)).toBe(code);
    expect(en.cause[code]).toMatch(/^[^:]+: .*(wait|close|tell|again)/);
    expect(zhCN.cause[code]).toMatch(/：.*(请|正)/);
  });

  it("are for nothing else", () => {
    for (const code of [null, "no_footage", "journal_unavailable"]) expect(troubleOf(code)).toBeNull();
  });
});
