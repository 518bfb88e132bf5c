/** What every part of the page needs to know: the language being read, what is searched for, where one came to. */

import { createContext, useContext, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Words } from "../../api/regulation";
import { pieces, type Tongue } from "./search";

export interface Reader {
  terms: readonly RegExp[];
  /** The duty that the address names. */
  marked: string | null;
  /** What commands the same as a duty, by code. */
  beside: ReadonlyMap<string, readonly string[]>;
}

const ReaderContext = createContext<Reader>({ terms: [], marked: null, beside: new Map() });
export const ReaderProvider = ReaderContext.Provider;
export const useReader = (): Reader => useContext(ReaderContext);

export function useTongue(): Tongue {
  return useTranslation().i18n.language === "en" ? "en" : "zh";
}

/** A text of the law in the language being read, with what was searched for marked. */
export function Said({ words }: { words: Words }): JSX.Element {
  return <Found>{words[useTongue()]}</Found>;
}

export function Found({ children }: { children: string }): JSX.Element {
  const { terms } = useReader();
  if (terms.length === 0) return <>{children}</>;
  return <>{pieces(children, terms).map(({ text, hit }, n) => (hit ? <mark key={n}>{text}</mark> : text))}</>;
}

export const articleAnchor = (id: string): string => `article-${id}`;
export const dutyAnchor = (code: string): string => `duty-${code}`;
export const conflictAnchor = (code: string): string => `conflict-${code}`;
