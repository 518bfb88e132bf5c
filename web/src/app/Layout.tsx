import {
  AppstoreOutlined, AuditOutlined, HddOutlined, LogoutOutlined, QuestionCircleOutlined, ReadOutlined, ScheduleOutlined, UserOutlined, VideoCameraOutlined,
} from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { lazy, Suspense, useEffect, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useLocation } from "react-router";

import { api, type Person, type SignedIn } from "../api/client";
import { Mark } from "../shared/Mark";
import { Switches } from "../shared/Switches";

const Help = lazy(() => import("./Help"));

type Section = "video" | "cameras" | "work" | "storage" | "journal" | "people" | "regulation";

interface MenuEntry {
  path: string;
  label: string;
  section: Section;
  /** Who sees it; null: everybody. */
  roles: readonly string[] | null;
}

/** What the bar shows: a section leads to its first page; if it has more, they stand in a row below the bar. */
const SECTIONS: Record<Section, { label: string; icon: ReactNode }> = {
  video: { label: "app.video", icon: <AppstoreOutlined /> },
  cameras: { label: "app.cameras", icon: <VideoCameraOutlined /> },
  work: { label: "app.work", icon: <ScheduleOutlined /> },
  storage: { label: "app.storage", icon: <HddOutlined /> },
  journal: { label: "app.journal", icon: <AuditOutlined /> },
  people: { label: "app.people", icon: <UserOutlined /> },
  regulation: { label: "app.regulation", icon: <ReadOutlined /> },
};

const EVERYBODY = null;
const NOT_SYSADMIN = [
  "watcher", "shift_lead", "custodian", "officer", "maintainer", "builder", "construction_unit", "registrar", "archivist", "planner", "department_user",
  "city_data_authority", "workgroup_office", "public_security", "inspector", "discipline_body", "government", "telecom", "auditor",
];
const WATCHERS = ["watcher", "shift_lead", "public_security"];
const RECORDING_READERS = [
  "watcher", "shift_lead", "public_security", "custodian", "registrar", "inspector", "city_data_authority", "workgroup_office", "auditor", "sysadmin",
];
const REGISTER_READERS = [
  "auditor", "custodian", "inspector", "shift_lead", "registrar", "public_security", "archivist", "city_data_authority", "workgroup_office",
];
const BASE_READERS = ["shift_lead", "registrar", "archivist", "city_data_authority", "workgroup_office", "public_security", "inspector"];
const MENU: readonly MenuEntry[] = [
  { path: "/video", label: "app.video", section: "video", roles: WATCHERS },
  { path: "/alarms", label: "app.alarms", section: "video", roles: WATCHERS },
  { path: "/cameras", label: "app.cameraFiles", section: "cameras", roles: BASE_READERS },
  { path: "/streams", label: "app.streams", section: "cameras", roles: ["watcher", "shift_lead", "public_security", "custodian", "registrar"] },
  { path: "/map", label: "app.map", section: "cameras", roles: BASE_READERS },
  { path: "/places", label: "app.places", section: "cameras", roles: BASE_READERS },
  { path: "/devices", label: "app.devices", section: "cameras", roles: BASE_READERS },
  { path: "/import", label: "app.import", section: "cameras", roles: ["registrar"] },
  { path: "/inspection", label: "app.inspection", section: "work", roles: ["inspector"] },
  { path: "/requests", label: "app.requests", section: "work", roles: ["custodian", "officer", "inspector", "public_security", "workgroup_office"] },
  { path: "/duties", label: "app.duties", section: "work", roles: NOT_SYSADMIN },
  { path: "/procedures", label: "app.procedures", section: "work", roles: NOT_SYSADMIN },
  {
    path: "/overview", label: "app.overview", section: "work",
    roles: ["city_data_authority", "workgroup_office", "public_security", "inspector", "registrar", "auditor"],
  },
  { path: "/grants", label: "app.grants", section: "work", roles: ["officer", "custodian", "department_user", "inspector"] },
  {
    path: "/catalogue", label: "app.catalogue", section: "work",
    roles: ["department_user", "city_data_authority", "custodian", "registrar", "public_security", "workgroup_office", "government", "inspector", "auditor"],
  },
  { path: "/trials", label: "app.trials", section: "work", roles: ["builder", "construction_unit"] },
  { path: "/register", label: "app.register", section: "work", roles: REGISTER_READERS },
  { path: "/storage", label: "app.storage", section: "storage", roles: RECORDING_READERS },
  { path: "/journal", label: "app.journal", section: "journal", roles: ["auditor", "city_data_authority", "workgroup_office"] },
  { path: "/people", label: "app.people", section: "people", roles: ["sysadmin"] },
  { path: "/regulation", label: "app.regulation", section: "regulation", roles: EVERYBODY },
];

/** Only what this person's roles may do. */
export function menuOf(person: Person): readonly MenuEntry[] {
  return MENU.filter(({ roles }) => roles === EVERYBODY || person.roles.some((role) => roles.includes(role)));
}

type Props = { person: SignedIn; menu: readonly MenuEntry[]; children: ReactNode };

export function Layout({ person, menu, children }: Props): JSX.Element {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const here = menu.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`))?.section;
  const sections = [...new Set(menu.map(({ section }) => section))];
  const siblings = menu.filter(({ section }) => section === here);
  const [help, setHelp] = useState(false);
  useQuestionMark(() => setHelp(true));
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("app.skip")}
      </a>
      <header className="top">
        <div className="brand">
          <Mark />
          <span>{t("app.name")}</span>
        </div>
        <nav aria-label={t("app.menu")}>
          {sections.map((section) => (
            <Link key={section} to={menu.find((entry) => entry.section === section)?.path ?? "/"} {...(section === here ? { className: "active", "aria-current": siblings.length > 1 ? "true" : "page" } : {})}>
              {SECTIONS[section].icon}
              <span>{t(SECTIONS[section].label)}</span>
            </Link>
          ))}
        </nav>
        <div className="top-end">
          <Switches />
          <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t("app.help")} title={`${t("app.help")} (?)`} onClick={() => setHelp(true)} />
          <Account person={person} />
        </div>
      </header>
      {siblings.length > 1 && (
        <nav className="siblings tabs" aria-label={t("app.section")}>
          {siblings.map(({ path, label }) => (
            <NavLink key={path} to={path}>
              {t(label)}
            </NavLink>
          ))}
        </nav>
      )}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {help && (
        <Suspense>
          <Help close={() => setHelp(false)} />
        </Suspense>
      )}
    </div>
  );
}

function useQuestionMark(open: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea, [role=dialog]") !== null;
      if (event.key !== "?" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}

function Account({ person }: { person: SignedIn }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const signOut = async (): Promise<void> => {
    await api.DELETE("/api/v1/session").catch(() => undefined);
    window.sessionStorage.clear(); // what was typed and not sent
    client.setQueryData(["session"], null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" }); // nothing stays for the next person
    if (person.signOutAt !== undefined) window.location.assign(person.signOutAt);
  };
  const items = [
    { key: "roles", disabled: true, label: person.roles.map((role) => t(`app.roles.${role}`)).join(" · ") },
    { key: "account", label: <Link to="/account">{t("app.myAccount")}</Link> },
    { key: "out", icon: <LogoutOutlined />, label: t("app.signOut"), onClick: () => void signOut() },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" icon={<UserOutlined />} title={t("app.account")}>
        {person.name}
      </Button>
    </Dropdown>
  );
}
