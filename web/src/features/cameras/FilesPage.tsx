import { EnvironmentOutlined, ExportOutlined, PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { lazy, Suspense, useEffect, useMemo, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { exportPath, useCounts, useFiles, useStates, type FileFilter } from "../../api/camera-files";
import type { Person } from "../../api/client";
import { useActions, type Action } from "../../shared/actions";
import { Pager, usePages } from "../../shared/Pager";
import { may } from "../../shared/rights";
import { Empty, Failed, Loading } from "../../shared/States";
import { FilterBar } from "../../shared/inventory/FilterBar";
import { FileTable } from "./FileTable";
import { writeFilter } from "../../shared/inventory/filters";
import { SavedViews } from "./SavedViews";
import { SelectionBar } from "./SelectionBar";
import { useFilter, type FilterState } from "../../shared/inventory/useFilter";

const BulkDialog = lazy(() => import("./BulkDialog"));
const AddFile = lazy(() => import("./AddFile"));

const PAGE = 50;
const TICKED_MAX = 200; // more are taken as all that the filter finds

/** One camera, one file: the list. */
export default function FilesPage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const state = useFilter();
  const { filter, sort, descending } = state;
  const pages = usePages();
  const files = useFiles(filter, { sort, descending, cursor: pages.cursor, limit: PAGE });
  const counts = useCounts(filter);
  const items = useMemo(() => files.data?.items ?? [], [files.data]);
  const cameras = useStates(items.filter((file) => file.has_stream).map(({ id }) => id), may(person, "streams"));
  const ticks = useTicks(filter);
  const [open, setOpen] = useState<"bulk" | "add" | null>(null);
  useActions(useListActions());
  const total = counts.data?.total ?? items.length;
  const count = ticks.isAll ? total : ticks.ids.size;
  return (
    <div className="page files" data-testid="files-page">
      <header className="page-head">
        <h1>{t("files.title")}</h1>
        <p className="digits" role="status" data-testid="total">
          {counts.data !== undefined && t("files.total", { n: total, streams: counts.data.with_stream })}
        </p>
        <Tools person={person} filter={filter} state={state} add={() => setOpen("add")} />
      </header>
      <FilterBar state={state} counts={counts.data} />
      {count > 0 && (
        <SelectionBar
          filter={ticks.isAll ? filter : { ids: [...ticks.ids] }}
          count={count}
          total={total}
          isAll={ticks.isAll}
          offersAll={!ticks.isAll && items.length > 0 && items.every(({ id }) => ticks.ids.has(id)) && total > ticks.ids.size}
          mayChange={may(person, "baseChange")}
          takeAll={ticks.takeAll}
          clear={ticks.clear}
          change={() => setOpen("bulk")}
        />
      )}
      {files.isPending && <Loading />}
      {files.isError && items.length === 0 && <Failed error={files.error} retry={() => void files.refetch()} />}
      {files.isSuccess && items.length === 0 && <Nothing person={person} state={state} add={() => setOpen("add")} />}
      {items.length > 0 && <FileTable files={items} cameras={cameras} stale={files.isPlaceholderData} order={state} ticked={ticks.isAll ? "all" : ticks.ids} tick={ticks.tick} />}
      <Pager pages={pages} next={files.data?.next ?? null} />
      <Suspense>
        {open === "bulk" && <Bulk filter={ticks.isAll ? filter : { ids: [...ticks.ids] }} count={count} close={() => setOpen(null)} clear={ticks.clear} />}
        {open === "add" && <AddFile person={person} close={() => setOpen(null)} />}
      </Suspense>
    </div>
  );
}

function Bulk({ filter, count, close, clear }: { filter: FileFilter; count: number; close: () => void; clear: () => void }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (
    <BulkDialog
      filter={filter}
      count={count}
      close={close}
      done={(n) => {
        void message.success(t("files.changed", { n }));
        clear();
        close();
      }}
    />
  );
}

function Tools({ person, filter, state, add }: { person: Person; filter: FileFilter; state: FilterState; add: () => void }): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <span className="page-tools">
      <SavedViews state={state} />
      <Button icon={<EnvironmentOutlined />} onClick={() => void navigate(`/map?${writeFilter(filter).toString()}`)}>
        {t("files.onMap")}
      </Button>
      <Button icon={<ExportOutlined />} href={exportPath(filter, "xlsx")} download>
        {t("files.export")}
      </Button>
      {may(person, "baseChange") && (
        <>
          <Button icon={<UploadOutlined />} onClick={() => void navigate("/import")}>
            {t("files.import")}
          </Button>
          <Button type="primary" icon={<PlusOutlined />} onClick={add}>
            {t("files.add")}
          </Button>
        </>
      )}
    </span>
  );
}

function Nothing({ person, state, add }: { person: Person; state: FilterState; add: () => void }): JSX.Element {
  const { t } = useTranslation();
  if (Object.keys(state.filter).length > 0) return <Empty title={t("files.noneFound")} action={{ label: t("video.clearFilter"), run: state.clear }} />;
  if (!may(person, "baseChange")) return <Empty title={t("files.none")} />;
  return (
    <div className="state">
      <h2>{t("files.none")}</h2>
      <p>{t("files.noneHint")}</p>
      <p className="form-buttons">
        <Link className="ant-btn" to="/import">
          {t("files.import")}
        </Link>
        <Button type="primary" onClick={add}>
          {t("files.add")}
        </Button>
      </p>
    </div>
  );
}

/** What is ticked: single files over all pages, or all that the filter finds; another filter unticks. */
function useTicks(filter: FileFilter) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [isAll, setAll] = useState(false);
  const key = JSON.stringify(filter);
  const clear = (): void => {
    setIds(new Set());
    setAll(false);
  };
  useEffect(clear, [key]);
  const tick = (which: readonly string[], on: boolean): void => {
    setAll(false);
    setIds((old) => new Set([...(isAll ? [] : old)].filter((id) => on || !which.includes(id)).concat(on ? which : []).slice(0, TICKED_MAX)));
  };
  return { ids, isAll, tick, clear, takeAll: () => setAll(true) };
}

function useListActions(): readonly Action[] {
  return useMemo(
    () => [
      { id: "file-search", group: "groupPage" as const, label: "files.keys.search", keys: ["/"], run: () => document.getElementById("file-search")?.focus() },
      {
        id: "file-first", group: "groupPage" as const, label: "files.keys.first", keys: ["ArrowDown"],
        run: () => document.querySelector<HTMLElement>("tr[data-file] th a")?.focus(),
      },
    ],
    [],
  );
}
