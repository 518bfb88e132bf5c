import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { lazy, Suspense, useDeferredValue, useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";

import { mayOpen, openRecord, useRecords, type Kind, type RecordFilter, type RecordRow } from "../../api/procedures";
import { RefName } from "../../shared/form/RefLink";
import { Moment } from "../../shared/Interval";
import { useDivisionName, useDivisions } from "../../shared/office/divisions";
import { StateTag } from "../../shared/office/states";
import { Pager, usePages } from "../../shared/Pager";
import { Empty, Failed, Loading } from "../../shared/States";
import { useSaid, useTitled } from "../../shared/tongue";
import { openingOf, prefilled } from "./opening";
import type { PageProps } from "./ProcedurePages";

const FormDrawer = lazy(() => import("../../shared/form/FormDrawer"));

const PAGE = 50;

/** The records of one kind, those changed last first. */
export function KindPage({ kind, person }: PageProps): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const titled = useTitled();
  const [query, setQuery] = useSearchParams();
  const { filter, q, typed, setTyped, choose, clear } = useFilter();
  const pages = usePages();
  const records = useRecords(kind, filter, pages.cursor, PAGE);
  const items = records.data?.items ?? [];
  const opens = mayOpen(person, kind);
  const openForm = (on: boolean): void =>
    setQuery((old) => {
      const next = new URLSearchParams(old);
      if (on) next.set("open", "1");
      else next.delete("open");
      return next;
    });
  const isFiltered = q !== "" || filter.state.length > 0 || filter.division !== "" || typeof filter.subject === "string";
  return (
    <div className="page" data-testid="kind-page">
      <header className="page-head">
        <nav className="crumbs" aria-label={t("procedures.where")}>
          <Link to="/procedures">{t("procedures.title")}</Link>
        </nav>
        <h1>{titled(kind.words)}</h1>
        {opens && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => openForm(true)}>
            {t("procedures.openNew")}
          </Button>
        )}
      </header>
      <Filters kind={kind} filter={filter} typed={typed} setTyped={setTyped} choose={choose} />
      {records.isPending && <Loading />}
      {records.isError && items.length === 0 && <Failed error={records.error} retry={() => void records.refetch()} />}
      {records.isSuccess && items.length === 0 && isFiltered && <Empty title={t("procedures.noneFound")} action={{ label: t("video.clearFilter"), run: clear }} />}
      {records.isSuccess && items.length === 0 && !isFiltered && (
        <Empty
          title={t("procedures.none", { kind: said(kind.words) })}
          hint={t(opens ? "procedures.noneHint" : "procedures.noneYetHint")}
          {...(opens ? { action: { label: t("procedures.openNew"), run: () => openForm(true) } } : {})}
        />
      )}
      {items.length > 0 && <RecordTable kind={kind} items={items} stale={records.isPlaceholderData} />}
      <Pager pages={pages} next={records.data?.next ?? null} />
      <Suspense>{opens && query.has("open") && <Opening kind={kind} person={person} close={() => openForm(false)} />}</Suspense>
    </div>
  );
}

function Opening({ kind, person, close }: PageProps & { close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const schema = openingOf(kind);
  const initial = prefilled(schema, query);
  return (
    <FormDrawer
      title={t("procedures.openTitle", { kind: said(kind.words) })}
      submit={t("procedures.open")}
      schema={schema}
      draft={`${person.id} ${kind.path} open ${Object.values(initial).join(" ")}`.trim()}
      {...(Object.keys(initial).length === 0 ? {} : { initial })}
      close={close}
      send={async (wish) => {
        const { id } = await openRecord(kind, wish);
        void navigate(`/procedures/${kind.path}/${id}`);
      }}
    />
  );
}

/** The filter stands in the address, so that it can be passed on; what is typed follows a moment later. */
function useFilter() {
  const [query, setQuery] = useSearchParams();
  const [typed, setTyped] = useState(query.get("q") ?? "");
  const q = useDeferredValue(typed.trim());
  const change = (name: string, values: readonly string[]): void =>
    setQuery(
      (old) => {
        const next = new URLSearchParams(old);
        next.delete(name);
        next.delete("cursor");
        values.filter((value) => value !== "").forEach((value) => next.append(name, value));
        return next;
      },
      { replace: true },
    );
  useEffect(() => {
    if ((query.get("q") ?? "") !== q) change("q", [q]);
  }, [q]);
  const clear = (): void => {
    setTyped("");
    setQuery({});
  };
  const filter: RecordFilter = { state: query.getAll("state"), division: query.get("division") ?? "", q, subject: query.get("subject") };
  return { filter, q, typed, setTyped, choose: change, clear };
}

interface FilterProps {
  kind: Kind;
  filter: RecordFilter;
  typed: string;
  setTyped: (text: string) => void;
  choose: (name: string, values: readonly string[]) => void;
}

function Filters({ kind, filter, typed, setTyped, choose }: FilterProps): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const divisions = useDivisions();
  const states = Object.entries(kind.states).map(([value, words]) => ({ value, label: said(words) }));
  return (
    <div className="filters" role="search">
      <Input allowClear className="page-search" prefix={<SearchOutlined />} aria-label={t("procedures.find")} placeholder={t("procedures.find")} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Select
        mode="multiple"
        className="filter-choice"
        allowClear
        aria-label={t("procedures.state")}
        placeholder={t("procedures.anyState")}
        options={states}
        value={[...filter.state]}
        onChange={(to: string[]) => choose("state", to)}
      />
      <Select
        className="filter-choice"
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("procedures.division")}
        placeholder={t("procedures.anyDivision")}
        options={Object.entries(divisions).map(([value, words]) => ({ value, label: said(words) }))}
        value={filter.division === "" ? null : filter.division}
        onChange={(to: string | null | undefined) => choose("division", [to ?? ""])}
      />
    </div>
  );
}

function RecordTable({ kind, items, stale }: { kind: Kind; items: readonly RecordRow[]; stale: boolean }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const columns = ["state", "name", "number", "division", "owner", "changed"] as const;
  return (
    <div className={stale ? "plain-table stale" : "plain-table"} role="region" aria-label={said(kind.words)} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {t(`procedures.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((record) => (
            <Row key={record.id} kind={kind} record={record} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ kind, record }: { kind: Kind; record: RecordRow }): JSX.Element {
  const divisionName = useDivisionName();
  const { id, state, title, number, division, organisation, changed_at } = record;
  return (
    <tr data-record={id} data-state={state}>
      <td>
        <StateTag kind={kind} state={state} />
      </td>
      <th scope="row">
        <Link className="record-link" to={`/procedures/${kind.path}/${id}`}>
          {title}
        </Link>
      </th>
      <td className="digits nowrap">{number}</td>
      <td className="nowrap">{divisionName(division)}</td>
      <td>{organisation === null ? "–" : <RefName to="organisation" id={organisation} />}</td>
      <td>
        <Moment at={changed_at} />
      </td>
    </tr>
  );
}
