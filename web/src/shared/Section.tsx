import { Children } from "react";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes, useLocation } from "react-router";
import { Empty } from "./States";

/** The pages below one entry of the menu. An address that is none of them says so, and leads back to the entry. */
export function Section({ children }: { children: ReactNode }): JSX.Element {
  return (
    <Routes>
      {Children.toArray(children)}
      <Route path="*" element={<NoSuchPage />} />
    </Routes>
  );
}

function NoSuchPage(): JSX.Element {
  const { t } = useTranslation();
  const entry = useLocation().pathname.split("/")[1] ?? "";
  return <Empty title={t("app.notFound")} hint={t("app.notFoundHint")} action={{ label: t("app.toEntry"), to: `/${entry}` }} />;
}
