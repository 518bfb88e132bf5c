/** An action is one value with a name, keys and an effect: for buttons, shortcuts and the help page alike. */

import { createContext, useContext, useEffect, useMemo, useState, type JSX, type ReactNode } from "react";

export type ActionGroup = "groupWall" | "groupTime" | "groupPage";

export interface Action {
  id: string;
  group: ActionGroup;
  /** Dictionary key of what it does, as the help page says it. */
  label: string;
  /** As in KeyboardEvent, with modifiers: "Shift+ArrowLeft", "Alt+1", "g". */
  keys: readonly string[];
  /** How the help page writes the keys, if not one by one. */
  shown?: readonly string[];
  run: (key: string) => void;
}

interface Registry {
  actions: readonly Action[];
  set: (actions: readonly Action[]) => void;
}

const ActionsContext = createContext<Registry>({ actions: [], set: () => undefined });

export function ActionsProvider({ children }: { children: ReactNode }): JSX.Element {
  const [actions, set] = useState<readonly Action[]>([]);
  const registry = useMemo(() => ({ actions, set }), [actions]);
  return <ActionsContext value={registry}>{children}</ActionsContext>;
}

/** What the page now shown can do, for the help dialog. */
export function usePageActions(): readonly Action[] {
  return useContext(ActionsContext).actions;
}

/** Makes these actions known and their keys work while the page is shown. `actions` must be memoised. */
export function useActions(actions: readonly Action[]): void {
  const { set } = useContext(ActionsContext);
  useEffect(() => {
    set(actions);
    return () => set([]);
  }, [actions, set]);

  useEffect(() => {
    const byKey = new Map(actions.flatMap((action) => action.keys.map((key) => [key, action] as const)));
    const onKey = (event: KeyboardEvent): void => {
      const key = keyOf(event);
      const action = byKey.get(key);
      if (action === undefined || event.defaultPrevented || belongsElsewhere(event, key)) return;
      event.preventDefault();
      action.run(key);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [actions]);
}

export function keyOf(event: Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey">): string {
  // Alt+digit types other characters on some keyboards: take the key's place instead.
  const digit = event.altKey ? /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] : undefined;
  const key = digit ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  const shift = event.shiftKey && event.key.length > 1; // "?" already says that Shift was held
  return `${event.ctrlKey ? "Ctrl+" : ""}${event.metaKey ? "Meta+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
}

/** Typing, dialogs and menus keep their keys; a focused button keeps Enter and Space (WCAG 2.1.4). */
function belongsElsewhere(event: KeyboardEvent, key: string): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (document.querySelector("[role=dialog], .ant-modal-wrap:not([style*='display: none'])") !== null) return true;
  if (target === null || target === document.body) return false;
  if (target.closest("input, textarea, select, [contenteditable=true], [role=menu], [role=listbox]") !== null) return true;
  if (key !== "Enter" && key !== " ") return false;
  return target.closest("button, a, [role=button], [role=menuitem], summary") !== null;
}
