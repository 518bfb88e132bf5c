import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { App, Button, Input, Modal } from "antd";
import { lazy, Suspense, useDeferredValue, useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";

import type { Camera, Person } from "../../api/client";
import { useCameras } from "../../api/queries";
import { Empty, Failed, Loading } from "../../shared/States";
import { CameraTable } from "./CameraTable";

const CameraForm = lazy(() => import("./CameraForm").then(({ CameraForm: form }) => ({ default: form })));
const CameraTest = lazy(() => import("./CameraTest").then(({ CameraTest: test }) => ({ default: test })));
const RemoveCamera = lazy(() => import("./RemoveCamera"));

const PAGE = 50;

type Open = { kind: "add" } | { kind: "edit"; camera: Camera } | { kind: "test"; camera: Camera } | { kind: "remove"; camera: Camera } | null;

/** Every camera with its state; whoever may register cameras adds, changes, tests and removes them here. */
export default function CamerasPage({ person }: { person: Person }): JSX.Element {
  return (
    <App component={false}>
      <CameraPages person={person} />
    </App>
  );
}

function CameraPages({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const registrar = person.roles.includes("registrar");
  const [typed, setTyped] = useState(query.get("q") ?? "");
  const q = useDeferredValue(typed.trim());
  const cursor = query.get("cursor");
  const [before, setBefore] = useState<(string | null)[]>([]);
  const [open, setOpen] = useState<Open>(query.has("add") && registrar ? { kind: "add" } : null);
  const cameras = useCameras(q, cursor, PAGE);
  const navigate = useNavigate();

  useEffect(() => {
    if ((query.get("q") ?? "") === q) return;
    setBefore([]);
    setQuery(q === "" ? {} : { q }, { replace: true });
  }, [q, query, setQuery]);

  const turn = (to: string | null): void => {
    setQuery({ ...(q === "" ? {} : { q }), ...(to === null ? {} : { cursor: to }) });
  };
  const next = (): void => {
    setBefore((old) => [...old, cursor]);
    turn(cameras.data?.next ?? null);
  };
  const previous = (): void => {
    turn(before[before.length - 1] ?? null);
    setBefore((old) => old.slice(0, -1));
  };

  const items = cameras.data?.items ?? [];
  return (
    <div className="page" data-testid="cameras-page">
      <header className="page-head">
        <h1>{t("cameras.title")}</h1>
        <Input
          allowClear
          className="page-search"
          prefix={<SearchOutlined />}
          placeholder={t("cameras.search")}
          aria-label={t("cameras.search")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {registrar && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({ kind: "add" })} data-testid="camera-add">
            {t("cameras.add")}
          </Button>
        )}
      </header>
      {cameras.isPending && <Loading />}
      {cameras.isError && items.length === 0 && <Failed error={cameras.error} retry={() => void cameras.refetch()} />}
      {cameras.isSuccess && items.length === 0 && (
        <Nothing q={q} mayAdd={registrar} clear={() => setTyped("")} add={() => setOpen({ kind: "add" })} />
      )}
      {items.length > 0 && (
        <>
          <CameraTable
            cameras={items}
            stale={cameras.isPlaceholderData}
            registrar={registrar}
            watcher={person.roles.includes("watcher")}
            onWatch={(camera) => void navigate(`/video?layout=1&cameras=${camera.id}`)}
            onEdit={(camera) => setOpen({ kind: "edit", camera })}
            onTest={(camera) => setOpen({ kind: "test", camera })}
            onRemove={(camera) => setOpen({ kind: "remove", camera })}
          />
          <nav className="pager" aria-label={t("cameras.pageOf", { page: before.length + 1 })}>
            <Button disabled={cursor === null} onClick={previous}>
              {t("cameras.previous")}
            </Button>
            <span className="digits">{t("cameras.pageOf", { page: before.length + 1 })}</span>
            <Button disabled={cameras.data?.next === null || cameras.data?.next === undefined} onClick={next}>
              {t("cameras.next")}
            </Button>
          </nav>
        </>
      )}
      <Suspense>
        {(open?.kind === "add" || open?.kind === "edit") && (
          <CameraForm camera={open.kind === "edit" ? open.camera : null} close={() => setOpen(null)} />
        )}
        {open?.kind === "remove" && <RemoveCamera camera={open.camera} close={() => setOpen(null)} />}
        {open?.kind === "test" && (
          <Modal open title={t("cameras.testTitle", { name: open.camera.name })} footer={null} onCancel={() => setOpen(null)}>
            <CameraTest camera={open.camera} />
          </Modal>
        )}
      </Suspense>
    </div>
  );
}

type NothingProps = { q: string; mayAdd: boolean; clear: () => void; add: () => void };

function Nothing({ q, mayAdd, clear, add }: NothingProps): JSX.Element {
  const { t } = useTranslation();
  if (q !== "") return <Empty title={t("cameras.noneFound", { q })} action={{ label: t("video.clearFilter"), run: clear }} />;
  const action = mayAdd ? { hint: t("cameras.noneHint"), action: { label: t("cameras.add"), run: add } } : {};
  return <Empty title={t("cameras.none")} {...action} />;
}
