import { SearchOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Input, Segmented, Tree } from "antd";
import { useDeferredValue, useMemo, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { deviceKey, matchEqual, unmatchChannel, useChannels, useTree, type Channel, type Channels, type Device, type TreeKind, type TreeNode } from "../../api/gb-devices";
import { Empty, Failed, Loading } from "../../shared/States";
import { EndDialog, NOTHING_RECORDED } from "../../shared/ending/Ending";
import { Fault } from "../../shared/Fault";
import { LastPlace } from "./LastPlace";
import { MatchDialog } from "./MatchDialog";
import { branches } from "./branches";

type Camera = NonNullable<Channel["camera"]>;
const ALL = "\u0000all"; // no id of a device

/** The channels of a device under what it sorts them by, each with its camera. */
export function ChannelsPanel({ device, mayChange }: { device: Device; mayChange: boolean }): JSX.Element {
  const { t } = useTranslation();
  const [by, setBy] = useState<TreeKind>("civil_code");
  const [node, setNode] = useState(ALL);
  const [typed, setTyped] = useState("");
  const [onlyOpen, setOnlyOpen] = useState(false);
  const [matching, setMatching] = useState<Channel | null>(null);
  const q = useDeferredValue(typed.trim());
  const channels = useChannels(device.id, { q, node: node === ALL ? null : { by, code: node }, matched: onlyOpen ? false : null });
  const told = channels.data?.pages ?? [];
  const isEmpty = told.every(({ items }) => items.length === 0);
  const choose = (to: TreeKind): void => {
    setBy(to);
    setNode(ALL);
  };
  return (
    <div className="device-channels">
      <aside>
        <Segmented aria-label={t("gb.tree.by")} value={by} onChange={choose} options={(["civil_code", "organisation"] as const).map((value) => ({ value, label: t(`gb.tree.${value}`) }))} />
        <Groups device={device.id} by={by} chosen={node} choose={setNode} />
      </aside>
      <section aria-label={t("gb.channels.title")}>
        <div className="filters" role="search">
          <Input allowClear className="page-search" prefix={<SearchOutlined />} aria-label={t("gb.channels.find")} placeholder={t("gb.channels.find")} value={typed} onChange={(event) => setTyped(event.target.value)} />
          <Checkbox checked={onlyOpen} onChange={(event) => setOnlyOpen(event.target.checked)}>
            {t("gb.channels.onlyOpen")}
          </Checkbox>
          {mayChange && device.state === "accepted" && <MatchAll device={device.id} />}
        </div>
        {channels.isPending && <Loading />}
        {channels.isError && isEmpty && <Failed error={channels.error} retry={() => void channels.refetch()} />}
        {channels.isSuccess && isEmpty && <Empty title={t("gb.channels.none")} hint={t("gb.channels.noneHint")} />}
        {!isEmpty && <ChannelTable device={device} pages={told} mayChange={mayChange} match={setMatching} />}
        {channels.hasNextPage && (
          <Button loading={channels.isFetchingNextPage} onClick={() => void channels.fetchNextPage()}>
            {t("gb.channels.more")}
          </Button>
        )}
      </section>
      {matching !== null && <MatchDialog device={device.id} channel={matching} close={() => setMatching(null)} />}
    </div>
  );
}

function Groups({ device, by, chosen, choose }: { device: string; by: TreeKind; chosen: string; choose: (code: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const tree = useTree(device, by);
  const nodes = tree.data;
  const title = (node: TreeNode): string => `${node.kind === "none" ? t("gb.tree.none") : node.name || node.code} (${t("gb.tree.count", { online: node.online, channels: node.channels })})`;
  const data = useMemo(() => branches(nodes ?? [], title), [nodes, t]);
  if (tree.isError && nodes === undefined) return <Failed error={tree.error} retry={() => void tree.refetch()} />;
  return (
    <Tree
      aria-label={t("gb.tree.label")}
      treeData={[{ key: ALL, title: t("gb.tree.all") }, ...data]}
      defaultExpandAll
      key={`${by} ${data.length}`}
      selectedKeys={[chosen]}
      onSelect={(keys) => choose(String(keys[0] ?? ALL))}
      virtual={false}
    />
  );
}

function MatchAll({ device }: { device: string }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [error, setError] = useState<unknown>(null);
  const run = async (): Promise<void> => {
    setError(null);
    try {
      const { matched } = await matchEqual(device);
      await client.invalidateQueries({ queryKey: deviceKey });
      void message.success(t("gb.channels.equalDone", { n: matched }));
    } catch (why) {
      setError(why);
    }
  };
  return (
    <>
      <Button onClick={() => void run()}>{t("gb.channels.equal")}</Button>
      <Fault error={error} />
    </>
  );
}

interface TableProps {
  device: Device;
  pages: readonly Channels[];
  mayChange: boolean;
  match: (channel: Channel) => void;
}

function ChannelTable({ device, pages, mayChange, match }: TableProps): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="plain-table" role="region" aria-label={t("gb.channels.title")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {(["channel", "code", "status", "camera", "stored", ...(device.positions_s > 0 ? (["position"] as const) : [])] as const).map((column) => (
              <th key={column} scope="col">
                {t(`gb.channels.columns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pages.flatMap(({ items, toldMs }) =>
            items.map((channel) => <Row key={channel.channel} device={device} channel={channel} toldMs={toldMs} mayChange={mayChange} match={match} />),
          )}
        </tbody>
      </table>
    </div>
  );
}

function Row({ device, channel, toldMs, mayChange, match }: Omit<TableProps, "pages"> & { channel: Channel; toldMs: number }): JSX.Element {
  const { t } = useTranslation();
  const { camera = null } = channel;
  return (
    <tr data-channel={channel.channel}>
      <th scope="row">{channel.name}</th>
      <td>
        <span className="digits nowrap">{channel.channel}</span> {!channel.is_code && <span className="tone-warn nowrap">{t("gb.channels.notCode")}</span>}
      </td>
      <td className={channel.status === "on" ? "tone-good nowrap" : "tone-bad nowrap"}>{t(`gb.channels.status.${channel.status}`, channel.status)}</td>
      <td>
        {camera !== null && <Link to={`/cameras/${camera.id}`}>{camera.name}</Link>} {mayChange && camera !== null && <Unmatch device={device.id} channel={channel} camera={camera} />}
        {mayChange && camera === null && (
          <Button size="small" onClick={() => match(channel)} aria-label={`${t("gb.channels.match")} ${channel.name}`}>
            {t("gb.channels.match")}
          </Button>
        )}
      </td>
      <td>{camera === null ? "–" : <Stored camera={camera} />}</td>
      {device.positions_s > 0 && (
        <td>
          <LastPlace place={channel.position} toldMs={toldMs} />
        </td>
      )}
    </tr>
  );
}

function Stored({ camera: { storable, has_source: hasSource } }: { camera: Camera }): JSX.Element {
  const { t } = useTranslation();
  if (storable.may_store) return <span className="tone-good">{t(hasSource ? "gb.channels.stored" : "gb.channels.waits")}</span>;
  return (
    <span className="tone-warn">
      {storable.reason} <span className="fine">{storable.remedy}</span>
    </span>
  );
}

function Unmatch({ device, channel, camera: { id, name, has_source: hasSource, storable } }: { device: string; channel: Channel; camera: Camera }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const isRecorded = hasSource && storable.may_store;
  const run = async (reason: string): Promise<void> => {
    await unmatchChannel(device, channel.channel, reason);
    await client.invalidateQueries({ queryKey: deviceKey });
    setAsks(false);
  };
  return (
    <>
      <Button size="small" type="text" onClick={() => setAsks(true)}>
        {t("gb.channels.unmatch")}
      </Button>
      {asks && (
        <EndDialog
          title={t("gb.channels.unmatchAsk", { name: channel.name })}
          act={t("gb.channels.unmatch")}
          hint={t("ending.kept")}
          recorded={isRecorded ? { items: [{ id, name }], count: 1 } : NOTHING_RECORDED}
          run={run}
          close={() => setAsks(false)}
        />
      )}
    </>
  );
}
