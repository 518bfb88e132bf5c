import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { purposeNow } from "../../player/purpose";
import { openLive } from "../../player/tickets";
import { startTranslations } from "../../shared/i18n";
import { serve, shown } from "../../test-server";
import { PurposeSelect, usePurpose } from "./PurposeSelect";

function Chooser() {
  const [purpose, choose] = usePurpose();
  return <PurposeSelect value={purpose} onChange={choose} />;
}

beforeAll(() => startTranslations("en"));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("what one looks for", () => {
  it("is the watch, until another is chosen, and goes with every opening", async () => {
    const ticket = { url: "ws://x/m/t/live", opens_before: "2026-11-26T04:00:00Z", expires: "2026-11-26T04:00:00Z", watermark: null };
    const log = serve({ "POST /cameras/c1/live": { status: 201, body: ticket } });
    shown(<Chooser />);
    await openLive("c1", "main", new AbortController().signal);
    await userEvent.selectOptions(screen.getByLabelText("What you look for"), "missing_person");
    await openLive("c1", "main", new AbortController().signal);
    expect(log.map(({ body }) => (body as { purpose: string }).purpose)).toEqual(["duty_watch", "missing_person"]);
  });

  it("is the watch again on the next page", async () => {
    shown(<Chooser />);
    await userEvent.selectOptions(screen.getByLabelText("What you look for"), "maintenance");
    expect(purposeNow()).toBe("maintenance");
    cleanup();
    expect(purposeNow()).toBe("duty_watch");
  });
});
