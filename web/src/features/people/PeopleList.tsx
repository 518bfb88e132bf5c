import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { lazy, Suspense, useDeferredValue, useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";

import type { Person } from "../../api/client";
import { usePeople, type PersonAdded, type PersonRow } from "../../api/people";
import { Pager, usePages } from "../../shared/Pager";
import { Empty, Failed, Loading } from "../../shared/States";
import { AccountState, Areas, Contract, Roles } from "./facts";
import { PasswordOnce } from "./PasswordOnce";

const PersonForm = lazy(() => import("./PersonForm"));

const PAGE = 50;

/** Everybody with an account, by name. */
export function PeopleList({ me }: { me: Person }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped, q] = useFilter();
  const pages = usePages();
  const people = usePeople(q, pages.cursor, PAGE);
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState<PersonAdded | null>(null);
  const items = people.data?.items ?? [];
  return (
    <div className="page" data-testid="people-page">
      <header className="page-head">
        <h1>{t("people.title")}</h1>
        <Input allowClear className="page-search" prefix={<SearchOutlined />} aria-label={t("people.find")} placeholder={t("people.find")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          {t("people.add")}
        </Button>
      </header>
      {people.isPending && <Loading />}
      {people.isError && items.length === 0 && <Failed error={people.error} retry={() => void people.refetch()} />}
      {people.isSuccess && items.length === 0 && <Empty title={q === "" ? t("people.none") : t("people.noneFound", { q })} />}
      {items.length > 0 && <PeopleTable items={items} />}
      <Pager pages={pages} next={people.data?.next ?? null} />
      <Suspense>{adding && <PersonForm me={me} person={null} close={() => setAdding(false)} added={setAdded} />}</Suspense>
      {added?.generated_password != null && <PasswordOnce name={added.name} password={added.generated_password} close={() => setAdded(null)} />}
    </div>
  );
}

function PeopleTable({ items }: { items: readonly PersonRow[] }): JSX.Element {
  const { t } = useTranslation();
  return (
    <table className="plain-table" aria-label={t("people.title")}>
      <thead>
        <tr>
          {["name", "roles", "areas", "contract", "state"].map((name) => (
            <th key={name} scope="col">
              {t(`people.columns.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.id} data-person={one.name}>
            <td>
              <Link to={`/people/${one.id}`}>{one.name}</Link>
            </td>
            <td>
              <Roles of={one} />
            </td>
            <td>
              <Areas of={one} />
            </td>
            <td>
              <Contract of={one} />
            </td>
            <td>
              <AccountState of={one} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What is typed, and what is asked for a moment later; the address keeps it. */
function useFilter(): [typed: string, set: (text: string) => void, q: string] {
  const [query, setQuery] = useSearchParams();
  const [typed, setTyped] = useState(query.get("q") ?? "");
  const q = useDeferredValue(typed.trim());
  useEffect(() => {
    if ((query.get("q") ?? "") === q) return;
    setQuery(q === "" ? {} : { q }, { replace: true });
  }, [q, query, setQuery]);
  return [typed, setTyped, q];
}
