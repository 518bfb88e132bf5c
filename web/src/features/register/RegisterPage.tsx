import { AuditOutlined, ExportOutlined } from "@ant-design/icons";
import { Button, Input, Table, Tag, type TableColumnsType } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { registerPath, useRegister, type Registered, type RegisterFilter } from "../../api/access";
import { looksEn } from "../../shared/dictionaries/looks.en";
import { looksZhCN } from "../../shared/dictionaries/looks.zh-CN";
import { bytesText } from "../../shared/bytes";
import { fromCivilInput, toCivilInput } from "../../shared/form/moments";
import { addWords } from "../../shared/i18n";
import { Interval, Moment } from "../../shared/Interval";
import { Pager, usePages } from "../../shared/Pager";
import { Empty, Failed, Loading } from "../../shared/States";
import { durationText, SECOND } from "../../shared/time";
import { useSaid } from "../../shared/tongue";
import "./register.css";

addWords({ "zh-CN": looksZhCN, en: looksEn });

const PAGE = 50;
type Choose = (change: Partial<RegisterFilter>) => void;

/** The register of art. 25(5), newest first. What is chosen stands in the address. */
export default function RegisterPage(): JSX.Element {
  const { t } = useTranslation();
  const pages = usePages();
  const [filter, choose] = useFilter();
  const found = useRegister(filter, pages.cursor, PAGE);
  const items = found.data?.items ?? [];
  return (
    <div className="page" data-testid="register">
      <header className="page-head">
        <h1>{useTitle(items, filter)}</h1>
        <Hash choose={choose} />
        <Files filter={filter} />
      </header>
      <div className="register-filter">
        <Period label={t("register.at")} names={["start", "end"]} filter={filter} choose={choose} />
        <Period label={t("register.shown")} names={["shown_from", "shown_until"]} filter={filter} choose={choose} />
      </div>
      <p className="fine">{t("register.hint")}</p>
      <Chosen items={items} filter={filter} choose={choose} />
      {found.data === undefined ? (
        found.isError ? <Failed error={found.error} retry={() => void found.refetch()} /> : <Loading />
      ) : items.length === 0 ? (
        <Empty icon={<AuditOutlined />} title={t("register.none")} hint={t("register.noneHint")} />
      ) : (
        <Entries items={items} choose={choose} />
      )}
      <Pager pages={pages} next={found.data?.next ?? null} />
    </div>
  );
}

const NAMES = ["person", "camera", "start", "end", "shown_from", "shown_until", "sha256"] as const;
const HASH = /^[0-9a-f]{64}$/;

/** The question that the page answers. */
function useTitle(items: Registered[], filter: RegisterFilter): string {
  const { t } = useTranslation();
  const [first] = items;
  if (filter.camera !== null && filter.person === null) return t("register.whoSaw", { name: first?.camera.name ?? "…" });
  if (filter.person !== null && filter.camera === null) return t("register.whatSaw", { name: first?.person.name ?? "…" });
  return t("register.title");
}

/** Each is written down before it is given. */
function Files({ filter }: { filter: RegisterFilter }): JSX.Element {
  const { t } = useTranslation();
  return (
    <span className="register-files">
      {(["pdf", "csv"] as const).map((form) => (
        <Button key={form} icon={<ExportOutlined />} href={registerPath(filter, form)} download>
          {t(`register.${form}`)}
        </Button>
      ))}
    </span>
  );
}

/** Another choice begins at its first page. */
function useFilter(): [RegisterFilter, Choose] {
  const [query, setQuery] = useSearchParams();
  const filter = Object.fromEntries(NAMES.map((name) => [name, query.get(name)])) as unknown as RegisterFilter;
  const choose: Choose = (change) =>
    setQuery((old) => {
      const next = new URLSearchParams(old);
      next.delete("cursor");
      for (const [name, value] of Object.entries(change)) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  return [filter, choose];
}

type Ends = readonly ["start", "end"] | readonly ["shown_from", "shown_until"];

/** Of a file that turned up: whom it was given to. */
function Hash({ choose }: { choose: Choose }): JSX.Element {
  const { t } = useTranslation();
  const look = (text: string): void => {
    const hash = text.trim().toLowerCase();
    if (HASH.test(hash)) choose({ sha256: hash });
  };
  return (
    <label className="register-hash" title={t("register.hint256")}>
      {t("register.hashOf")}
      <Input.Search className="form-short" allowClear maxLength={80} placeholder="0–9, a–f" onSearch={look} />
    </label>
  );
}

function Period({ label, names, filter, choose }: { label: string; names: Ends; filter: RegisterFilter; choose: Choose }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="register-period" role="group" aria-label={label}>
      <span>{label}</span>
      {names.map((name) => (
        <label key={name}>
          {t(name === names[0] ? "register.from" : "register.until")}
          <Input
            type="datetime-local"
            className="form-short"
            suffix="+08:00"
            value={toCivilInput(filter[name] ?? "")}
            onChange={(event) => choose({ [name]: fromCivilInput(event.target.value) })}
          />
        </label>
      ))}
    </div>
  );
}

function Chosen({ items, filter, choose }: { items: Registered[]; filter: RegisterFilter; choose: Choose }): JSX.Element | null {
  const { t } = useTranslation();
  if (filter.person === null && filter.camera === null && filter.sha256 === null) return null;
  const [first] = items;
  return (
    <div>
      {filter.person !== null && (
        <Tag closable onClose={() => choose({ person: null })}>
          {t("register.onlyPerson", { name: first?.person.name ?? filter.person })}
        </Tag>
      )}
      {filter.camera !== null && (
        <Tag closable onClose={() => choose({ camera: null })}>
          {t("register.onlyCamera", { name: first?.camera.name ?? filter.camera })}
        </Tag>
      )}
      {filter.sha256 !== null && (
        <Tag closable onClose={() => choose({ sha256: null })}>
          {t("register.onlyHash", { hash: filter.sha256.slice(0, 12) })}
        </Tag>
      )}
      <Button type="link" onClick={() => choose({ person: null, camera: null, sha256: null })}>
        {t("register.clear")}
      </Button>
    </div>
  );
}

function Entries({ items, choose }: { items: Registered[]; choose: Choose }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Table<Registered> size="small" rowKey="sequence" columns={useColumns(choose)} dataSource={items} pagination={false} aria-label={t("register.title")} scroll={{ x: true }} />
  );
}

/** How long it was looked at, and why that ended. */
function Watched({ entry: { viewing, watched_s } }: { entry: Registered }): JSX.Element | null {
  const { t } = useTranslation();
  if (viewing === null) return null;
  return (
    <span className="nowrap" title={t("register.watchedHint")}>
      <span className="digits">{durationText((watched_s ?? 0) * SECOND)}</span> · {t(`register.ends.${viewing}`)}
    </span>
  );
}

function useColumns(choose: Choose): TableColumnsType<Registered> {
  const { t } = useTranslation();
  const said = useSaid();
  const named = (name: string): string => (name === "" ? t("register.unknown") : name);
  return [
    { title: t("register.at"), key: "at", render: (_, { at }) => <Moment at={at} /> },
    {
      title: t("register.person"), key: "person",
      render: (_, { person }) => <Button type="link" size="small" onClick={() => choose({ person: person.id })}>{named(person.name)}</Button>,
    },
    { title: t("register.unit"), key: "unit", render: (_, { unit }) => unit?.name ?? "" },
    { title: t("register.what"), key: "what", render: (_, { verb }) => said(verb.words) },
    {
      title: t("register.camera"), key: "camera",
      render: (_, { camera }) => <Button type="link" size="small" onClick={() => choose({ camera: camera.id })}>{named(camera.name)}</Button>,
    },
    {
      title: t("register.interval"), key: "interval",
      render: (_, { kind, start, end }) => (kind === "view.live" || start === null || end === null ? t("register.live") : <Interval start={start} end={end} />),
    },
    { title: t("register.watched"), key: "watched", render: (_, entry) => <Watched entry={entry} /> },
    { title: t("register.purpose"), key: "purpose", render: (_, { purpose, purpose_words }) => (purpose_words === null ? purpose : said(purpose_words)) },
    {
      title: t("register.destination"), key: "destination",
      render: (_, { destination, recipient, forwarded }) => (
        <span {...(forwarded === null ? {} : { title: t("register.copyOf", { sequence: forwarded }) })}>
          {recipient === "" ? destination : `${destination} (${t("register.givenTo", { name: recipient })})`}
        </span>
      ),
    },
    {
      title: t("register.grant"), key: "grant",
      render: (_, { grant, grant_number }) => (grant === null ? t("register.byRole") : <span className="digits nowrap" title={grant}>{grant_number ?? grant.slice(0, 8)}</span>),
    },
    {
      title: t("register.packages"), key: "packages",
      render: (_, { packages }) => packages.map(({ file, sha256, size_bytes }) => (
        <div key={file} className="digits nowrap" title={`SHA-256 ${sha256}`}>{`${sha256.slice(0, 12)}… ${bytesText(size_bytes)}`}</div>
      )),
    },
    { title: t("register.entry"), key: "entry", render: (_, { sequence }) => <span className="digits">{sequence}</span> },
  ];
}
