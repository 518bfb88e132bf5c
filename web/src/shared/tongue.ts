/** Words that come from the server in both languages, in the one being read. */

import { useTranslation } from "react-i18next";

export type Tongue = "zh" | "en";

export function useTongue(): Tongue {
  return useTranslation().i18n.language === "en" ? "en" : "zh";
}

export function useSaid(): (words: { zh: string; en: string }) => string {
  const tongue = useTongue();
  return (words) => words[tongue];
}
