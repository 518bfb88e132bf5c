import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useMemo, type JSX } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";

import { ActionsProvider, keyOf, useActions, usePageActions, type Action } from "./actions";

function Page({ run }: { run: (key: string) => void }): JSX.Element {
  const actions = useMemo<Action[]>(() => [{ id: "x", group: "groupPage", label: "keys.help", keys: ["g", " ", "Alt+1"], run }], [run]);
  useActions(actions);
  return (
    <>
      <input aria-label="text" />
      <button type="button">button</button>
      <p>{usePageActions().length}</p>
    </>
  );
}

afterEach(cleanup);

describe("actions", () => {
  it("run by their keys, but not while one types, nor in a button's stead", () => {
    const run = vi.fn();
    render(<ActionsProvider><Page run={run} /></ActionsProvider>);
    expect(screen.getByText("1")).toBeTruthy();
    fireEvent.keyDown(screen.getByLabelText("text"), { key: "g" });
    fireEvent.keyDown(screen.getByRole("button"), { key: " " });
    expect(run).not.toHaveBeenCalled();
    fireEvent.keyDown(screen.getByRole("button"), { key: "g" });
    fireEvent.keyDown(document.body, { key: " " });
    fireEvent.keyDown(document.body, { key: "¡", code: "Digit1", altKey: true });
    expect(run.mock.calls).toEqual([["g"], [" "], ["Alt+1"]]);
  });

  it("leave the browser's own keys alone", () => {
    const run = vi.fn();
    render(<ActionsProvider><Page run={run} /></ActionsProvider>);
    fireEvent.keyDown(document.body, { key: "g", ctrlKey: true });
    fireEvent.keyDown(document.body, { key: "g", metaKey: true });
    expect(run).not.toHaveBeenCalled();
  });

  it("know a key by one name", () => {
    const key = (init: KeyboardEventInit): string => keyOf(new KeyboardEvent("keydown", init));
    expect(key({ key: "G", shiftKey: true })).toBe("g");
    expect(key({ key: "ArrowLeft", shiftKey: true })).toBe("Shift+ArrowLeft");
    expect(key({ key: "?", shiftKey: true })).toBe("?");
  });
});
