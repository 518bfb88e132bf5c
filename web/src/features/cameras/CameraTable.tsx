import { DeleteOutlined, EditOutlined, ExperimentOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { Button, Table, type TableColumnsType } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Camera, CameraState } from "../../api/client";
import { clockText, dateText } from "../../shared/time";
import { StreamState } from "./StreamState";

interface Props {
  cameras: Camera[];
  stale: boolean;
  registrar: boolean;
  watcher: boolean;
  onWatch: (camera: Camera) => void;
  onEdit: (camera: Camera) => void;
  onTest: (camera: Camera) => void;
  onRemove: (camera: Camera) => void;
}

export function CameraTable(props: Props): JSX.Element {
  const { t } = useTranslation();
  return (
    <Table<Camera>
      className={props.stale ? "camera-table stale" : "camera-table"}
      size="small"
      rowKey="id"
      columns={useColumns(props)}
      dataSource={props.cameras}
      pagination={false}
      sticky
      scroll={{ x: "max-content" }}
      aria-label={t("cameras.title")}
      onRow={({ id }) => ({ "data-camera": id }) as React.HTMLAttributes<HTMLElement>}
    />
  );
}

function useColumns({ registrar, watcher, onWatch, onEdit, onTest, onRemove }: Props): TableColumnsType<Camera> {
  const { t } = useTranslation();
  const word = (name: string): string => t(`cameras.columns.${name}`);
  const columns: TableColumnsType<Camera> = [
    { key: "state", title: word("state"), width: 126, render: (_, { state }) => <StreamState state={state} /> },
    {
      key: "name", title: word("name"), width: 150, ellipsis: true,
      render: (_, camera) => <b title={camera.name}>{camera.name}</b>,
    },
    { key: "picture", title: word("picture"), width: 158, render: (_, { state }) => <span className="digits">{pictureOf(state)}</span> },
    { key: "rate", title: word("rate"), width: 100, align: "right", render: (_, { state }) => <span className="digits">{rateOf(state)}</span> },
    { key: "frames", title: word("frames"), width: 82, align: "right", render: (_, { state }) => <span className="digits">{state?.frame_rate?.toFixed(1) ?? "–"}</span> },
    { key: "audio", title: word("audio"), width: 78, render: (_, { state }) => audioName(state?.audio) },
    { key: "recording", title: word("recording"), width: 112, render: (_, { state }) => <Recording state={state} /> },
    {
      key: "loss", title: word("loss"), width: 58, align: "right",
      render: (_, { state }) => <span className="digits">{state === null ? "–" : state.packets_lost}</span>,
    },
    { key: "clock", title: word("clock"), width: 100, align: "right", render: (_, { state }) => <span className="digits">{offsetOf(state)}</span> },
    { key: "since", title: word("since"), width: 118, render: (_, { state }) => <span className="digits">{sinceOf(state)}</span> },
  ];
  if (registrar) {
    columns.push({
      key: "address", title: word("address"), width: 280, ellipsis: true,
      render: (_, { url, has_sub }) => <span title={url ?? ""}>{`${url ?? "–"}${has_sub ? ` (${t("cameras.hasSub")})` : ""}`}</span>,
    });
  }
  columns.push({
    key: "actions", title: word("actions"), fixed: "right", width: registrar ? 148 : 70,
    render: (_, camera) => (
      <span className="row-actions">
        {watcher && <Act label={t("cameras.watch")} icon={<PlayCircleOutlined />} camera={camera} run={onWatch} />}
        {registrar && <Act label={t("cameras.test")} icon={<ExperimentOutlined />} camera={camera} run={onTest} />}
        {registrar && <Act label={t("cameras.edit")} icon={<EditOutlined />} camera={camera} run={onEdit} />}
        {registrar && <Act label={t("cameras.remove")} icon={<DeleteOutlined />} camera={camera} run={onRemove} danger />}
      </span>
    ),
  });
  return columns;
}

type ActProps = { label: string; icon: ReactNode; camera: Camera; run: (camera: Camera) => void; danger?: boolean };

function Act({ label, icon, camera, run, danger = false }: ActProps): JSX.Element {
  return <Button type="text" danger={danger} icon={icon} title={label} aria-label={`${label} ${camera.name}`} onClick={() => run(camera)} />;
}

function Recording({ state }: { state: CameraState | null }): JSX.Element {
  const { t } = useTranslation();
  if (state === null) return <>–</>;
  return state.recording ? <span>● {t("state.recording")}</span> : <span className="tone-warn">○ {t("state.notRecording")}</span>;
}

function pictureOf(state: CameraState | null): string {
  if (state === null || (state.codec ?? null) === null) return "–";
  const size = state.width && state.height ? ` ${state.width}×${state.height}` : "";
  return `${codecName(state.codec ?? "")}${size}`;
}

export function codecName(codec: string): string {
  if (/^(h\.?264|avc)/i.test(codec)) return "H.264";
  if (/^(h\.?265|hevc|hvc1|hev1)/i.test(codec)) return "H.265";
  return codec;
}

const AUDIO: Record<string, string> = { aac: "AAC", pcma: "G.711 A", pcmu: "G.711 µ", alaw: "G.711 A", ulaw: "G.711 µ" };

function audioName(audio: string | null | undefined): string {
  return audio ? (AUDIO[audio.toLowerCase()] ?? audio) : "–";
}

function rateOf(state: CameraState | null): string {
  const rate = state?.bit_rate_bps ?? null;
  if (rate === null) return "–";
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} Mbit/s` : `${Math.round(rate / 1000)} kbit/s`;
}

function offsetOf(state: CameraState | null): string {
  const off = state?.clock_offset_ms ?? null;
  if (off === null) return "–";
  const seconds = off / 1000;
  if (Math.abs(seconds) < 0.005) return "0.00 s";
  const text = Math.abs(seconds) < 10 ? seconds.toFixed(2) : Math.round(seconds).toString();
  return `${seconds > 0 ? "+" : ""}${text.replace("-", "−")} s`;
}

function sinceOf(state: CameraState | null): string {
  const since = Date.parse(state?.since ?? "");
  return Number.isNaN(since) ? "–" : `${dateText(since).slice(5)} ${clockText(since)}`;
}
