import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { en } from "./dictionaries/en";
import { zhCN } from "./dictionaries/zh-CN";
import { readPreference } from "./storage";

export type Language = "zh-CN" | "en";
export const languageNames: Record<Language, string> = { "zh-CN": "中文", en: "English" };

const words: Record<Language, Record<string, unknown>> = { "zh-CN": { ...zhCN }, en: { ...en } };

/** Words that come with a page loaded later, so that the first page carries only its own. */
export function addWords(more: Record<Language, Record<string, unknown>>): void {
  for (const language of ["zh-CN", "en"] as const) {
    Object.assign(words[language], more[language]);
    if (i18next.isInitialized) i18next.addResourceBundle(language, "translation", more[language], true, true);
  }
}

export function initialLanguage(): Language {
  const kept = readPreference("language");
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export function startTranslations(language: Language): void {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "zh-CN",
    resources: { "zh-CN": { translation: words["zh-CN"] }, en: { translation: words.en } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
}

/** The words for a cause code; codes of a later version show as they are. */
export function causeText(t: (key: string) => string, cause: string | null | undefined): string {
  if (cause === null || cause === undefined || cause === "") return t("cause.unknown");
  const key = `cause.${cause}`;
  const text = t(key);
  return text === key ? cause : text;
}
