import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { startTranslations } from "../../shared/i18n";
import { MINUTE } from "../../shared/time";
import { JumpBox } from "./JumpBox";

beforeAll(() => startTranslations("en"));
afterEach(cleanup);

describe("the box for a typed moment", () => {
  it("goes to what was typed", async () => {
    const jump = vi.fn<(ms: number) => void>();
    render(<JumpBox handle={null} onJump={jump} />);
    await userEvent.type(screen.getByLabelText("Go to time"), "-10m{Enter}");
    expect(Math.abs((jump.mock.calls[0]?.[0] ?? 0) - (Date.now() - 10 * MINUTE))).toBeLessThan(MINUTE);
  });

  it("says what is wrong and keeps the text", async () => {
    const jump = vi.fn();
    render(<JumpBox handle={null} onJump={jump} />);
    await userEvent.type(screen.getByLabelText("Go to time"), "soon{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("not a time");
    expect(screen.getByDisplayValue("soon")).toBeTruthy();
    await userEvent.clear(screen.getByLabelText("Go to time"));
    await userEvent.type(screen.getByLabelText("Go to time"), "2999-01-01{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("not come yet");
    expect(jump).not.toHaveBeenCalled();
  });
});
