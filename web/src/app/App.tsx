import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import i18next from "i18next";
import { lazy, Suspense, useEffect, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { BrowserRouter, Navigate, Route, Routes, useLocation } from "react-router";

import { Problem, whenSignedOut } from "../api/client";
import { useSession } from "../api/queries";
import { ActionsProvider } from "../shared/actions";
import { speak } from "../shared/i18n";
import { PreferencesProvider, usePreferences } from "../shared/Preferences";
import { may } from "../shared/rights";
import { Empty, Failed, Loading } from "../shared/States";
import { Boundary } from "./Boundary";
import { Layout, menuOf } from "./Layout";
import { themes } from "./theme";

const SignInPage = lazy(() => import("../features/signin/SignInPage"));
const VideoPage = lazy(() => import("../features/video/VideoPage"));
const CamerasPage = lazy(() => import("../features/cameras/CamerasPage"));
const CameraPages = lazy(() => import("../features/cameras/CameraPages"));
const MapPage = lazy(() => import("../features/map/MapPage"));
const PlacePages = lazy(() => import("../features/places/PlacePages"));
const DevicePages = lazy(() => import("../features/devices/DevicePages"));
const AlarmsPage = lazy(() => import("../features/devices/AlarmsPage"));
const ImportPages = lazy(() => import("../features/imports/ImportPages"));
const StoragePages = lazy(() => import("../features/storage/StoragePages"));
const DutiesPage = lazy(() => import("../features/duties/DutiesPage"));
const OverviewPage = lazy(() => import("../features/overview/OverviewPage"));
const ProcedurePages = lazy(() => import("../features/procedures/ProcedurePages"));
const JournalPage = lazy(() => import("../features/journal/JournalPage"));
const AccountPage = lazy(() => import("../features/account/AccountPage"));
const PeoplePages = lazy(() => import("../features/people/PeoplePages"));
const GrantPages = lazy(() => import("../features/grants/GrantPages"));
const InspectionPage = lazy(() => import("../features/inspection/InspectionPage"));
const RequestPages = lazy(() => import("../features/requests/RequestPages"));
const TrialPage = lazy(() => import("../features/trials/TrialPage"));
const RegisterPage = lazy(() => import("../features/register/RegisterPage"));
const CataloguePage = lazy(() => import("../features/catalogue/CataloguePage"));
const RegulationPage = lazy(() => import("../features/regulation/RegulationPage"));

const client = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: true,
      // What was refused stays refused; what did not answer is asked again.
      retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
});
whenSignedOut(() => client.setQueryData(["session"], null));
i18next.on("languageChanged", () => void client.invalidateQueries()); // what the server says is said anew

export function App(): JSX.Element {
  return (
    <QueryClientProvider client={client}>
      <PreferencesProvider>
        <Themed />
      </PreferencesProvider>
    </QueryClientProvider>
  );
}

function Themed(): JSX.Element {
  const { theme, language } = usePreferences();
  return (
    <ConfigProvider theme={themes[theme]} locale={language === "en" ? enUS : zhCN} button={{ autoInsertSpace: false }}>
      <Boundary>
        <BrowserRouter>
          <ActionsProvider>
            <Pages />
          </ActionsProvider>
        </BrowserRouter>
      </Boundary>
    </ConfigProvider>
  );
}

function Pages(): JSX.Element {
  const session = useSession();
  const location = useLocation();
  useLanguageOf(session.data?.language);
  if (session.isPending) return <Loading />;
  if (session.isError && session.data === undefined) {
    return <Failed error={session.error} retry={() => void session.refetch()} />;
  }
  const person = session.data ?? null;
  if (person === null) {
    if (location.pathname !== "/signin") {
      return <Navigate to="/signin" replace state={{ from: location.pathname + location.search + location.hash }} />;
    }
    return (
      <Suspense fallback={<Loading />}>
        <SignInPage />
      </Suspense>
    );
  }
  const menu = person.mustEnrol === true ? [] : menuOf(person);
  const home = menu[0]?.path;
  return (
    <Layout person={person} menu={menu}>
      <Suspense fallback={<Loading />}>
        <Routes>
          {menu.some(({ path }) => path === "/video") && <Route path="/video" element={<VideoPage person={person} />} />}
          {may(person, "base") || may(person, "streams") ? <Route path="/cameras/*" element={<CameraPages person={person} />} /> : null}
          {menu.some(({ path }) => path === "/streams") && <Route path="/streams" element={<CamerasPage person={person} />} />}
          {menu.some(({ path }) => path === "/map") && <Route path="/map" element={<MapPage person={person} />} />}
          {menu.some(({ path }) => path === "/places") && <Route path="/places/*" element={<PlacePages person={person} />} />}
          {menu.some(({ path }) => path === "/devices") && <Route path="/devices/*" element={<DevicePages person={person} />} />}
          {menu.some(({ path }) => path === "/alarms") && <Route path="/alarms" element={<AlarmsPage person={person} />} />}
          {menu.some(({ path }) => path === "/import") && <Route path="/import/:sheet?" element={<ImportPages person={person} />} />}
          {menu.some(({ path }) => path === "/storage") && (
            <Route path="/storage/*" element={<StoragePages person={person} />} />
          )}
          {menu.some(({ path }) => path === "/duties") && <Route path="/duties" element={<DutiesPage person={person} />} />}
          {menu.some(({ path }) => path === "/procedures") && (
            <Route path="/procedures/*" element={<ProcedurePages person={person} />} />
          )}
          {menu.some(({ path }) => path === "/overview") && <Route path="/overview" element={<OverviewPage />} />}
          {menu.some(({ path }) => path === "/journal") && <Route path="/journal" element={<JournalPage />} />}
          {menu.some(({ path }) => path === "/people") && <Route path="/people/*" element={<PeoplePages person={person} />} />}
          <Route path="/account" element={<AccountPage person={person} />} />
          {menu.some(({ path }) => path === "/grants") && <Route path="/grants/*" element={<GrantPages />} />}
          {menu.some(({ path }) => path === "/catalogue") && <Route path="/catalogue" element={<CataloguePage person={person} />} />}
          {menu.some(({ path }) => path === "/inspection") && <Route path="/inspection" element={<InspectionPage person={person} />} />}
          {menu.some(({ path }) => path === "/requests") && <Route path="/requests/*" element={<RequestPages person={person} />} />}
          {menu.some(({ path }) => path === "/trials") && <Route path="/trials" element={<TrialPage />} />}
          {menu.some(({ path }) => path === "/register") && <Route path="/register" element={<RegisterPage />} />}
          <Route path="/regulation/:article?" element={<RegulationPage />} />
          {home !== undefined && <Route path="/" element={<Navigate to={home} replace />} />}
          {home !== undefined && <Route path="/signin" element={<Navigate to={fromOf(location.state) ?? home} replace />} />}
          {person.mustEnrol === true && <Route path="*" element={<Navigate to="/account" replace />} />}
          <Route path="*" element={<Nowhere home={home} />} />
        </Routes>
      </Suspense>
    </Layout>
  );
}

function fromOf(state: unknown): string | null {
  const from = (state as { from?: unknown } | null)?.from;
  return typeof from === "string" && from.startsWith("/") && !from.startsWith("//") && !from.startsWith("/signin") && from !== "/" ? from : null;
}

/** A person's own language counts until they choose another on this computer. */
function useLanguageOf(language: "zh" | "en" | undefined): void {
  useEffect(() => {
    if (language === undefined || window.localStorage.getItem("bingjian.language") !== null) return;
    void speak(language === "en" ? "en" : "zh-CN");
  }, [language]);
}

function Nowhere({ home }: { home: string | undefined }): JSX.Element {
  const { t } = useTranslation();
  if (home === undefined) return <Empty title={t("app.noMenu")} hint={t("app.noMenuHint")} />;
  return <Empty title={t("app.notFound")} hint={t("app.notFoundHint")} action={{ label: t("app.toVideo"), to: home }} />;
}
