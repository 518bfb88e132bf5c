import { App } from "antd";
import { lazy, Suspense, type ComponentType, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, NavLink, Route, Routes } from "react-router";

import type { Person } from "../../api/client";
import { storageEn } from "../../shared/dictionaries/storage.en";
import { storageZhCN } from "../../shared/dictionaries/storage.zh-CN";
import { addWords } from "../../shared/i18n";
import { may, type Right } from "../../shared/rights";
import { Loading } from "../../shared/States";

addWords({ "zh-CN": storageZhCN, en: storageEn });

const TABS: readonly Right[] = ["volumes", "retention", "findings"];
const PAGES: Partial<Record<Right, ComponentType<{ person: Person }>>> = {
  volumes: lazy(() => import("./VolumesPage")),
  retention: lazy(() => import("./RetentionPage")),
  findings: lazy(() => import("./FindingsPage")),
};

/** Where footage lies, how long it is kept and by which article, and what the audit found. */
export default function StoragePages({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const tabs = TABS.filter((tab) => may(person, tab));
  return (
    <App component={false}>
      <div className="page" data-testid="storage-page">
        <header className="page-head">
          <h1>{t("storage.title")}</h1>
          <nav className="tabs" aria-label={t("storage.title")}>
            {tabs.map((tab) => (
              <NavLink key={tab} to={`/storage/${tab}`}>
                {t(`storage.tabs.${tab}`)}
              </NavLink>
            ))}
          </nav>
        </header>
        <Suspense fallback={<Loading />}>
          <Routes>
            {tabs.map((tab) => {
              const Page = PAGES[tab];
              return Page !== undefined && <Route key={tab} path={tab} element={<Page person={person} />} />;
            })}
            <Route path="*" element={<Navigate to={`/storage/${tabs[0] ?? ""}`} replace />} />
          </Routes>
        </Suspense>
      </div>
    </App>
  );
}
