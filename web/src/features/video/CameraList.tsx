import { CheckCircleOutlined, DisconnectOutlined, LoadingOutlined, MinusCircleOutlined, SyncOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useDeferredValue, useState, type JSX, type ReactNode, type Ref } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, type Camera } from "../../api/client";
import { causeText } from "../../shared/i18n";
import { Empty, Failed, Loading } from "../../shared/States";
import { DRAG_TYPE } from "./Tile";

const PAGE = 50;

interface Props {
  tiles: readonly (string | null)[];
  mayAdd: boolean;
  search: Ref<HTMLInputElement>;
  onChoose: (camera: string) => void;
}

/** All cameras, found by name, with the state of each; a click or a drag hangs one on the wall. */
export function CameraList({ tiles, mayAdd, search, onChoose }: Props): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const list = useInfiniteQuery({
    queryKey: ["camera-list", q],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(q === "" ? {} : { q }), ...(pageParam === null ? {} : { cursor: pageParam }) };
      return ok(api.GET("/api/v1/cameras", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next,
    refetchInterval: 5000,
  });
  const cameras = list.data?.pages.flatMap(({ items }) => items) ?? [];

  return (
    <aside className="camera-list" aria-label={t("video.list")}>
      <input
        ref={search}
        className="field"
        type="search"
        placeholder={t("video.search")}
        aria-label={t("video.search")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && cameras[0] !== undefined) onChoose(cameras[0].id);
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <div className="camera-rows">
        {list.isPending && <Loading />}
        {list.isError && cameras.length === 0 && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && cameras.length === 0 && <Nothing q={q} mayAdd={mayAdd} clear={() => setTyped("")} />}
        {cameras.length > 0 && (
          <ul>
            {cameras.map((camera) => (
              <Row key={camera.id} camera={camera} tile={tiles.indexOf(camera.id)} onChoose={onChoose} />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <Button block type="text" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("video.more")}
          </Button>
        )}
      </div>
    </aside>
  );
}

function Nothing({ q, mayAdd, clear }: { q: string; mayAdd: boolean; clear: () => void }): JSX.Element {
  const { t } = useTranslation();
  if (q !== "") return <Empty title={t("video.noneFound", { q })} action={{ label: t("video.clearFilter"), run: clear }} />;
  const action = mayAdd ? { action: { label: t("video.addFirst"), to: "/streams?add" } } : {};
  return <Empty title={t("video.noCameras")} hint={t("video.noCamerasHint")} {...action} />;
}

const ICONS: Record<string, ReactNode> = {
  live: <CheckCircleOutlined className="tone-good" />,
  connecting: <LoadingOutlined className="tone-busy" />,
  reconnecting: <SyncOutlined className="tone-warn" />,
  stopped: <DisconnectOutlined className="tone-bad" />,
  unknown: <MinusCircleOutlined className="tone-quiet" />,
};

function Row({ camera, tile, onChoose }: { camera: Camera; tile: number; onChoose: (camera: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const state = camera.state?.state ?? "unknown";
  const cause = camera.state?.cause;
  const said = state !== "live" && cause ? `${t(`state.${state}`)} · ${causeText(t, cause)}` : t(`state.${state}`);
  return (
    <li>
      <button
        type="button"
        className="camera-row"
        draggable
        data-camera={camera.id}
        onClick={() => onChoose(camera.id)}
        onDragStart={(event) => {
          event.dataTransfer.setData(DRAG_TYPE, camera.id);
          event.dataTransfer.effectAllowed = "copy";
        }}
      >
        {ICONS[state]}
        <span className="camera-row-text">
          <span className="camera-row-name">{camera.name}</span>
          <span className="fine">{said}</span>
        </span>
        {tile !== -1 && (
          <span className="tile-number" title={t("video.onWall", { n: tile + 1 })}>
            {tile + 1}
          </span>
        )}
      </button>
    </li>
  );
}
