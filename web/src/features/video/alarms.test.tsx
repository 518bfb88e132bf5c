import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { refusal, serve, shown } from "../../test-server";
import { AlarmBadge } from "./AlarmBadge";

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("an alarm on the wall", () => {
  it("stands on its camera's tile and no other, and is asked for once", async () => {
    const asked = serve({ "GET /gb-alarms": { body: { items: [{ id: "a1", camera: "c1", happened_at: "2026-01-01T04:00:00Z" }], next: null } } });
    shown(
      <>
        <AlarmBadge camera="c1" />
        <AlarmBadge camera="c2" />
      </>,
    );
    const badges = await screen.findAllByTestId("tile-alarm");
    expect(badges.map((badge) => badge.getAttribute("href"))).toEqual(["/alarms"]);
    expect(badges[0]?.textContent).toMatch(/alarm of the device \d\d:00:00/);
    expect(asked.map(({ query }) => query.get("open"))).toEqual(["true"]);
  });

  it("is nothing to whoever is not told of alarms", async () => {
    const asked = serve({ "GET /gb-alarms": refusal("R27.1", "27¶1", "not yours", null) });
    shown(<AlarmBadge camera="c1" />);
    await vi.waitFor(() => expect(asked.length).toBe(1));
    expect(screen.queryByTestId("tile-alarm")).toBeNull();
  });
});
