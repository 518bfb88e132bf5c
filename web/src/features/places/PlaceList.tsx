import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { lazy, Suspense, useDeferredValue, useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";

import type { Person } from "../../api/client";
import { usePlaces, type Place, type PlaceFilter } from "../../api/places";
import { useLawCodeName, useLawCodes } from "../../shared/inventory/codes";
import { Moment } from "../../shared/Interval";
import { Pager, usePages } from "../../shared/Pager";
import { may } from "../../shared/rights";
import { Empty, Failed, Loading } from "../../shared/States";
import { useSaid } from "../../shared/tongue";
import { KIND_LISTS } from "./lists";

const PlaceForm = lazy(() => import("./PlaceForm"));

const PAGE = 50;

/** The places of the person's areas, by name. */
export function PlaceList({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { filter, typed, setTyped, choose, clear } = useFilter();
  const pages = usePages();
  const places = usePlaces(filter, pages.cursor, PAGE);
  const [adding, setAdding] = useState(false);
  const items = places.data?.items ?? [];
  const isFiltered = Object.values(filter).some((value) => value !== "");
  const mayAdd = may(person, "baseChange");
  return (
    <div className="page places" data-testid="places-page">
      <header className="page-head">
        <h1>{t("places.title")}</h1>
        <Link to="/places/gaps">{t("places.toGaps")}</Link>
        {mayAdd && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t("places.add")}
          </Button>
        )}
      </header>
      <div className="filters" role="search" aria-label={t("places.filter")}>
        <Input allowClear className="page-search" prefix={<SearchOutlined />} aria-label={t("places.find")} placeholder={t("places.find")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Codes list="division" label={t("places.division")} any={t("places.anyDivision")} value={filter.division} choose={(to) => choose("division", to)} />
        <Codes list="key_place_category" label={t("places.category")} any={t("places.anyCategory")} value={filter.category} choose={(to) => choose("category", to)} />
      </div>
      {places.isPending && <Loading />}
      {places.isError && items.length === 0 && <Failed error={places.error} retry={() => void places.refetch()} />}
      {places.isSuccess && items.length === 0 && isFiltered && <Empty title={t("places.noneFound")} action={{ label: t("video.clearFilter"), run: clear }} />}
      {places.isSuccess && items.length === 0 && !isFiltered && <Empty title={t("places.none")} {...(mayAdd ? { action: { label: t("places.add"), run: () => setAdding(true) } } : {})} />}
      {items.length > 0 && <PlaceTable items={items} stale={places.isPlaceholderData} />}
      <Pager pages={pages} next={places.data?.next ?? null} />
      <Suspense>{adding && <PlaceForm person={person} place={null} close={() => setAdding(false)} done={({ id }) => void navigate(`/places/${id}`)} />}</Suspense>
    </div>
  );
}

function useFilter() {
  const [query, setQuery] = useSearchParams();
  const [typed, setTyped] = useState(query.get("q") ?? "");
  const q = useDeferredValue(typed.trim());
  const choose = (name: string, value: string): void =>
    setQuery(
      (old) => {
        const next = new URLSearchParams(old);
        next.delete("cursor");
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  useEffect(() => {
    if ((query.get("q") ?? "") !== q) choose("q", q);
  }, [q]);
  const filter: PlaceFilter = { q, division: query.get("division") ?? "", category: query.get("category") ?? "", kind: query.get("kind") ?? "" };
  const clear = (): void => {
    setTyped("");
    setQuery({});
  };
  return { filter, typed, setTyped, choose, clear };
}

export function Codes({ list, label, any, value, choose }: { list: string; label: string; any: string; value: string; choose: (value: string) => void }): JSX.Element {
  const said = useSaid();
  const options = Object.entries(useLawCodes(list)).map(([code, words]) => ({ value: code, label: said(words) }));
  options.sort((a, b) => (list === "division" ? a.value.localeCompare(b.value) : 0));
  return <Select className="filter-choice" allowClear showSearch={{ optionFilterProp: "label" }} aria-label={label} placeholder={any} options={options} value={value === "" ? null : value} onChange={(to: string | null | undefined) => choose(to ?? "")} />;
}

function PlaceTable({ items, stale }: { items: readonly Place[]; stale: boolean }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className={stale ? "plain-table stale" : "plain-table"} role="region" aria-label={t("places.title")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {(["name", "kind", "categories", "division", "address", "marks", "changed"] as const).map((column) => (
              <th key={column} scope="col">
                {t(`places.columns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((place) => (
            <Row key={place.id} place={place} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ place }: { place: Place }): JSX.Element {
  const kind = useLawCodeName(...KIND_LISTS);
  const category = useLawCodeName("key_place_category");
  const division = useLawCodeName("division");
  return (
    <tr data-place={place.id}>
      <th scope="row">
        <Link className="record-link" to={`/places/${place.id}`}>
          {place.name}
        </Link>
      </th>
      <td>{kind(place.kind)}</td>
      <td className="place-categories">{place.categories.map(category).join(" · ") || "–"}</td>
      <td className="nowrap">{division(place.division)}</td>
      <td>{place.address || "–"}</td>
      <td>
        <Marks place={place} />
      </td>
      <td>
        <Moment at={place.changed_at} />
      </td>
    </tr>
  );
}

export function Marks({ place, none = "–" }: { place: Place; none?: string }): JSX.Element {
  const { t } = useTranslation();
  const marks = [
    ...(place.counter_terror ? ["counter_terror"] : []),
    ...(place.is_secret_neighbour ? ["secret"] : []),
    ...(place.is_public ? [] : ["private"]),
    ...(place.is_like_those_named && place.likeness_confirmed_by === "" ? ["like"] : []),
  ];
  return <span className="nowrap">{marks.length === 0 ? none : marks.map((mark) => t(`places.marks.${mark}`)).join(" · ")}</span>;
}
