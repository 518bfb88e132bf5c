import { BulbOutlined, GlobalOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { languageNames, type Language } from "./i18n";
import { usePreferences } from "./Preferences";

/** Language and appearance: on every page, before and after sign-in. */
export function Switches(): JSX.Element {
  return (
    <>
      <LanguageSwitch />
      <ThemeSwitch />
    </>
  );
}

function LanguageSwitch(): JSX.Element {
  const { t } = useTranslation();
  const { language, setLanguage } = usePreferences();
  const other: Language = language === "en" ? "zh-CN" : "en";
  return (
    <Button type="text" icon={<GlobalOutlined />} lang={other} title={t("app.language")} onClick={() => setLanguage(other)}>
      {languageNames[other]}
    </Button>
  );
}

function ThemeSwitch(): JSX.Element {
  const { t } = useTranslation();
  const { theme, setTheme } = usePreferences();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <Button type="text" icon={<BulbOutlined />} title={t("app.theme")} onClick={() => setTheme(other)}>
      {t(`app.${other}`)}
    </Button>
  );
}
