import { createContext, useCallback, useContext, useEffect, useMemo, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { speak, type Language } from "./i18n";
import { readPreference, writePreference } from "./storage";

export type ThemeName = "dark" | "light";

interface Preferences {
  language: Language;
  setLanguage: (language: Language) => void;
  theme: ThemeName;
  setTheme: (theme: ThemeName) => void;
}

const PreferencesContext = createContext<Preferences | null>(null);

export function PreferencesProvider({ children }: { children: ReactNode }): JSX.Element {
  const { i18n } = useTranslation();
  const [theme, keepTheme] = useState<ThemeName>(() => (readPreference("theme") === "light" ? "light" : "dark"));
  const language: Language = i18n.language === "en" ? "en" : "zh-CN";

  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    document.documentElement.lang = language;
  }, [theme, language]);

  const setTheme = useCallback((name: ThemeName) => {
    writePreference("theme", name);
    keepTheme(name);
  }, []);
  const setLanguage = useCallback(
    (name: Language) => {
      writePreference("language", name);
      void speak(name);
    },
    [],
  );

  const value = useMemo(
    () => ({ language, setLanguage, theme, setTheme }),
    [language, setLanguage, theme, setTheme],
  );
  return <PreferencesContext value={value}>{children}</PreferencesContext>;
}

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (preferences === null) throw new Error("no PreferencesProvider above");
  return preferences;
}
