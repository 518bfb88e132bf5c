import { PlusOutlined, RightOutlined, SearchOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Person } from "../../api/client";
import { mayOpen, type Kind } from "../../api/procedures";
import { LawLink } from "../../shared/LawLink";
import { Empty } from "../../shared/States";
import { useTitled } from "../../shared/tongue";
import { THEMES, themeOf } from "./themes";

/** What can be done here, by theme: each kind leads to its records, and to a new one for whoever may open it. */
export function HallPage({ kinds, person }: { kinds: readonly Kind[]; person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const q = typed.trim().toLowerCase();
  const found = kinds.filter(({ words, name }) => q === "" || [words.zh, words.en, name].some((text) => text.toLowerCase().includes(q)));
  return (
    <div className="page" data-testid="hall">
      <header className="page-head">
        <h1>{t("procedures.title")}</h1>
        {kinds.length > 0 && (
          <Input allowClear className="page-search" prefix={<SearchOutlined />} aria-label={t("procedures.findKind")} placeholder={t("procedures.findKind")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        )}
      </header>
      {kinds.length === 0 && <Empty title={t("procedures.nothingForYou")} hint={t("app.noMenuHint")} />}
      {kinds.length > 0 && found.length === 0 && <Empty title={t("procedures.noneCalled", { q: typed.trim() })} action={{ label: t("video.clearFilter"), run: () => setTyped("") }} />}
      <div className="hall">
        {THEMES.map((theme) => ({ theme, shelf: found.filter((kind) => themeOf(kind) === theme) }))
          .filter(({ shelf }) => shelf.length > 0)
          .map(({ theme, shelf }) => (
            <section key={theme} className="hall-theme" aria-labelledby={`theme-${theme}`}>
              <h2 id={`theme-${theme}`}>{t(`procedures.themes.${theme}`)}</h2>
              <ul>
                {shelf.map((kind) => (
                  <KindRow key={kind.name} kind={kind} opens={mayOpen(person, kind)} />
                ))}
              </ul>
            </section>
          ))}
      </div>
    </div>
  );
}

function KindRow({ kind, opens }: { kind: Kind; opens: boolean }): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const name = said(kind.words);
  return (
    <li data-kind={kind.name}>
      <Link className="hall-kind" to={`/procedures/${kind.path}`}>
        <b>{name}</b> <RightOutlined />
      </Link>
      <span className="fine">
        <LawLink article={kind.article} />
      </span>
      {opens && (
        <Link className="hall-open" to={`/procedures/${kind.path}?open=1`} aria-label={`${t("procedures.open")} ${name}`}>
          <PlusOutlined /> {t("procedures.open")}
        </Link>
      )}
    </li>
  );
}
