import { CloseOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input, Segmented } from "antd";
import { lazy, Suspense, useDeferredValue, useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import type { Person } from "../../api/client";
import { useKept, useTerms, type Hold, type Kind, type Mark, type Term } from "../../api/storage";
import { Pager, usePages } from "../../shared/Pager";
import { may } from "../../shared/rights";
import { Empty, Failed, Loading } from "../../shared/States";
import { KeptTable } from "./KeptTable";
import { TermTable } from "./TermTable";

const KeepForm = lazy(() => import("./KeepForm"));
const ReleaseDialog = lazy(() => import("./ReleaseDialog"));
const TermForm = lazy(() => import("./TermForm"));

const PAGE = 50;
const VIEWS = ["terms", "marks", "holds"] as const;
type View = (typeof VIEWS)[number];

/** How long each camera's footage is kept and why; what is marked or held beyond that. */
export default function RetentionPage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const view: View = VIEWS.find((name) => name === query.get("view")) ?? "terms";
  return (
    <>
      <Segmented
        className="views"
        value={view}
        aria-label={t("storage.tabs.retention")}
        options={VIEWS.map((value) => ({ value, label: t(`storage.views.${value}`) }))}
        onChange={(to) => setQuery({ view: to })}
      />
      {view === "terms" ? <Terms person={person} /> : <KeptList key={view} kind={view} person={person} />}
    </>
  );
}

type Open = { kind: "term"; term: Term } | { kind: Kind; term: Term } | null;

function Terms({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped, q] = useFilter();
  const pages = usePages();
  const terms = useTerms(q, pages.cursor, PAGE);
  const [open, setOpen] = useState<Open>(null);
  const items = terms.data?.items ?? [];
  return (
    <>
      <Input
        allowClear
        className="page-search"
        prefix={<SearchOutlined />}
        placeholder={t("video.search")}
        aria-label={t("video.search")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {terms.isPending && <Loading />}
      {terms.isError && items.length === 0 && <Failed error={terms.error} retry={() => void terms.refetch()} />}
      {terms.isSuccess && items.length === 0 && <NoTerms q={q} clear={() => setTyped("")} />}
      {items.length > 0 && (
        <TermTable
          terms={items}
          stale={terms.isPlaceholderData}
          rights={{ term: may(person, "term"), mark: may(person, "mark"), hold: may(person, "hold") }}
          onChange={(term) => setOpen({ kind: "term", term })}
          onKeep={(kind, term) => setOpen({ kind, term })}
        />
      )}
      <Pager pages={pages} next={terms.data?.next ?? null} />
      <Suspense>
        {open?.kind === "term" && <TermForm term={open.term} close={() => setOpen(null)} />}
        {open !== null && open.kind !== "term" && <KeepForm kind={open.kind} term={open.term} close={() => setOpen(null)} />}
      </Suspense>
    </>
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

function NoTerms({ q, clear }: { q: string; clear: () => void }): JSX.Element {
  const { t } = useTranslation();
  if (q !== "") return <Empty title={t("cameras.noneFound", { q })} action={{ label: t("video.clearFilter"), run: clear }} />;
  return <Empty title={t("cameras.none")} hint={t("storage.terms.noneHint")} />;
}

function KeptList({ kind, person }: { kind: Kind; person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const camera = query.get("camera");
  const pages = usePages();
  const kept = useKept(kind, camera, pages.cursor, PAGE);
  const [asked, setAsked] = useState<Mark | Hold | null>(null);
  const items = kept.data?.items ?? [];
  const clear = (): void => setQuery({ view: kind });
  return (
    <>
      <p className="fine">{t(`storage.${kind}.rule`)}</p>
      {camera !== null && (
        <Button className="only" size="small" icon={<CloseOutlined />} iconPlacement="end" onClick={clear}>
          {t("storage.onlyCamera", { name: items[0]?.camera_name ?? camera.slice(0, 8) })}
        </Button>
      )}
      {kept.isPending && <Loading />}
      {kept.isError && items.length === 0 && <Failed error={kept.error} retry={() => void kept.refetch()} />}
      {kept.isSuccess && items.length === 0 && (
        <Empty
          title={t(`storage.${kind}.none`)}
          hint={t(`storage.${kind}.noneHint`)}
          {...(camera === null ? {} : { action: { label: t("video.clearFilter"), run: clear } })}
        />
      )}
      {items.length > 0 && <KeptTable kind={kind} items={items} person={person} onRelease={setAsked} />}
      <Pager pages={pages} next={kept.data?.next ?? null} />
      <Suspense>{asked !== null && <ReleaseDialog kind={kind} kept={asked} person={person} close={() => setAsked(null)} />}</Suspense>
    </>
  );
}
