import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { readPreference } from "./storage";

export type Language = "zh-CN" | "en";
export const languageNames: Record<Language, string> = { "zh-CN": "中文", en: "English" };

const words: Record<Language, Record<string, unknown>> = { "zh-CN": {}, en: {} }; // that pages brought
const BASE: Record<Language, () => Promise<Record<string, unknown>>> = {
  "zh-CN": async () => (await import("./dictionaries/zh-CN")).zhCN,
  en: async () => (await import("./dictionaries/en")).en,
};
const base = new Map<Language, Promise<Record<string, unknown>>>();

/** The words of every page: of the language that is read, and of the other once it is. */
function baseOf(language: Language): Promise<Record<string, unknown>> {
  const found = base.get(language) ?? BASE[language]();
  base.set(language, found);
  return found;
}

/** Words that come with a page loaded later, so that the first page carries only its own. */
export function addWords(more: Record<Language, Record<string, unknown>>): void {
  for (const language of ["zh-CN", "en"] as const) {
    Object.assign(words[language], more[language]);
    if (i18next.isInitialized) i18next.addResourceBundle(language, "translation", more[language], true, true);
  }
}

let problems: Promise<void> | null = null;

/** The words of what the API answers by a code, fetched with the first such answer: most pages never need them.
 *  Never rejects: without them the API's own sentence is shown. */
export function problemWords(): Promise<void> {
  problems ??= Promise.all([import("./dictionaries/problems.zh-CN"), import("./dictionaries/problems.en")]).then(
    ([{ problemsZhCN }, { problemsEn }]) => addWords({ "zh-CN": problemsZhCN, en: problemsEn }),
    () => void (problems = null),
  );
  return problems;
}

export function initialLanguage(): Language {
  const kept = readPreference("language");
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export async function startTranslations(language: Language): Promise<void> {
  const first = { ...(await baseOf(language)), ...words[language] };
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { "zh-CN": { translation: words["zh-CN"] }, en: { translation: words.en }, [language]: { translation: first } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
}

/** Go on in this language. */
export async function speak(language: Language): Promise<void> {
  i18next.addResourceBundle(language, "translation", await baseOf(language), true, true);
  await i18next.changeLanguage(language);
}

/** The words for a cause code; codes of a later version show as they are. */
export function causeText(t: (key: string) => string, cause: string | null | undefined): string {
  if (cause === null || cause === undefined || cause === "") return t("cause.unknown");
  const key = `cause.${cause}`;
  const text = t(key);
  return text === key ? cause : text;
}
