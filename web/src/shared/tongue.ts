/** Words that come from the server in both languages, in the one being read. */

import { useTranslation } from "react-i18next";

export type Tongue = "zh" | "en";

export function useTongue(): Tongue {
  return useTranslation().i18n.language === "en" ? "en" : "zh";
}

/** The same with a capital at its beginning: for headings, buttons and what else stands for itself. */
export function useTitled(): (words: { zh: string; en: string }) => string {
  const said = useSaid();
  return (words) => {
    const text = said(words);
    return text.charAt(0).toUpperCase() + text.slice(1);
  };
}

export function useSaid(): (words: { zh: string; en: string }) => string {
  const tongue = useTongue();
  return (words) => words[tongue];
}
