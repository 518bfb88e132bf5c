import {
  AppstoreOutlined, HddOutlined, LogoutOutlined, QuestionCircleOutlined, ReadOutlined, UserOutlined, VideoCameraOutlined,
} from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { lazy, Suspense, useEffect, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { api, type Person } from "../api/client";
import { Mark } from "../shared/Mark";
import { Switches } from "../shared/Switches";

const Help = lazy(() => import("./Help"));

interface MenuEntry {
  path: string;
  label: string;
  icon: ReactNode;
  roles: readonly string[];
}

const MENU: readonly MenuEntry[] = [
  { path: "/video", label: "app.video", icon: <AppstoreOutlined />, roles: ["watcher"] },
  { path: "/cameras", label: "app.cameras", icon: <VideoCameraOutlined />, roles: ["watcher", "registrar"] },
  { path: "/storage", label: "app.storage", icon: <HddOutlined />, roles: ["watcher", "registrar", "custodian", "auditor", "sysadmin"] },
  { path: "/regulation", label: "app.regulation", icon: <ReadOutlined />, roles: ["watcher", "registrar", "custodian", "auditor", "sysadmin"] },
];

/** Only what this person's roles may do. */
export function menuOf(person: Person): readonly MenuEntry[] {
  return MENU.filter(({ roles }) => person.roles.some((role) => roles.includes(role)));
}

type Props = { person: Person; menu: readonly MenuEntry[]; children: ReactNode };

export function Layout({ person, menu, children }: Props): JSX.Element {
  const { t } = useTranslation();
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
          {menu.map(({ path, label, icon }) => (
            <NavLink key={path} to={path}>
              {icon}
              <span>{t(label)}</span>
            </NavLink>
          ))}
        </nav>
        <div className="top-end">
          <Switches />
          <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t("app.help")} title={`${t("app.help")} (?)`} onClick={() => setHelp(true)} />
          <Account person={person} />
        </div>
      </header>
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

function Account({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const signOut = async (): Promise<void> => {
    await api.DELETE("/api/v1/session").catch(() => undefined);
    client.setQueryData(["session"], null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" }); // nothing stays for the next person
  };
  const items = [
    { key: "roles", disabled: true, label: person.roles.map((role) => t(`app.roles.${role}`)).join(" · ") },
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
