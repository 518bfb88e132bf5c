import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Alert, Button, Input, Segmented } from "antd";
import { lazy, Suspense, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";

import type { Person } from "../../api/client";
import { useDevices, useSignal, type DeviceAdded, type DeviceFilter, type DeviceLine, type DeviceState } from "../../api/gb-devices";
import { useLawCodeName } from "../../shared/inventory/codes";
import { Pager, usePages } from "../../shared/Pager";
import { may } from "../../shared/rights";
import { Empty, Failed, Loading } from "../../shared/States";
import type { Asked } from "./DeviceForm";
import { DeviceStateTag, Heard } from "./DeviceState";
import { RefuseDialog } from "./Leave";
import { PasswordOnce } from "./Once";

const DeviceForm = lazy(() => import("./DeviceForm"));

const STATES: readonly DeviceState[] = ["waiting", "accepted", "refused"];
const PAGE = 100;
type Open = Asked | { how: "refuse"; device: DeviceLine } | { how: "told"; device: DeviceAdded } | null;

/** Who wants to register, who may, who may not. */
export function DeviceList({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [filter, choose] = useFilter();
  const { state } = filter;
  const [typed, setTyped] = useState(filter.q);
  const [open, setOpen] = useState<Open>(null);
  const signal = useSignal();
  const pages = usePages();
  const devices = useDevices(filter, pages.cursor, PAGE);
  const find = (text: string): void => {
    setTyped(text);
    choose({ state, q: text.trim() });
  };
  const items = devices.data?.items ?? [];
  const mayChange = may(person, "baseChange");
  const close = (): void => setOpen(null);
  return (
    <div className="page devices" data-testid="devices-page">
      <header className="page-head">
        <h1>{t("gb.title")}</h1>
        {signal.data !== undefined && <span className="fine digits">{t("gb.counts", { n: signal.data.counts.online })}</span>}
        {mayChange && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({ how: "add" })}>
            {t("gb.add")}
          </Button>
        )}
      </header>
      <Listening />
      <div className="filters" role="search" aria-label={t("gb.filter")}>
        <Segmented
          aria-label={t("gb.columns.state")}
          value={state}
          options={STATES.map((value) => ({ value, label: `${t(`gb.states.${value}`)} ${signal.data?.counts[value] ?? ""}` }))}
          onChange={(to) => choose({ state: to, q: typed.trim() })}
        />
        <Input allowClear className="page-search" prefix={<SearchOutlined />} aria-label={t("gb.find")} placeholder={t("gb.find")} value={typed} onChange={(event) => find(event.target.value)} />
      </div>
      {devices.isPending && <Loading />}
      {devices.isError && items.length === 0 && <Failed error={devices.error} retry={() => void devices.refetch()} />}
      {devices.isSuccess && items.length === 0 && <Empty title={t(`gb.none.${state}`)} hint={t("gb.hint")} />}
      {items.length > 0 && <DeviceTable items={items} state={state} mayChange={mayChange} open={setOpen} />}
      <Pager pages={pages} next={devices.data?.next ?? null} />
      <Suspense>{(open?.how === "add" || open?.how === "accept") && <DeviceForm asked={open} close={close} done={(device) => setOpen(device.generated_password === null ? null : { how: "told", device })} />}</Suspense>
      {open?.how === "refuse" && <RefuseDialog device={open.device} close={close} />}
      {open?.how === "told" && <PasswordOnce device={open.device} close={close} />}
    </div>
  );
}

/** The filter stands in the address; another one begins at its first page. */
function useFilter(): [filter: DeviceFilter, choose: (to: DeviceFilter) => void] {
  const [query, setQuery] = useSearchParams();
  const state = STATES.find((one) => one === query.get("state")) ?? "accepted";
  const choose = ({ state: to, q }: DeviceFilter): void => setQuery({ state: to, ...(q === "" ? {} : { q }) }, { replace: true });
  return [{ state, q: query.get("q") ?? "" }, choose];
}

/** What is set in a device so that it finds us; that it is off, and how to set it, where it is. */
function Listening(): JSX.Element | null {
  const { t } = useTranslation();
  const { data } = useSignal();
  if (data === undefined) return null;
  if (!data.is_on) return <Alert type="info" showIcon title={t("gb.off")} description={t("gb.offHint")} />;
  return (
    <>
      {!data.answers && <Alert type="warning" showIcon title={t("gb.away")} />}
      <p className="fine digits">{t("gb.listens", { id: data.sip_id, domain: data.sip_domain, host: data.sip_host, port: data.sip_port })}{data.sip_tls_port > 0 && t("gb.listensTls", { port: data.sip_tls_port })}</p>
    </>
  );
}

const COLUMNS: Record<DeviceState, readonly string[]> = {
  waiting: ["code", "address", "model", "knocks", "seen"],
  accepted: ["name", "code", "state", "division", "address", "model", "channels", "seen"],
  refused: ["name", "code", "reason", "address", "seen"],
};

interface TableProps {
  items: readonly DeviceLine[];
  state: DeviceState;
  mayChange: boolean;
  open: (what: Open) => void;
}

function DeviceTable({ items, state, mayChange, open }: TableProps): JSX.Element {
  const { t } = useTranslation();
  const isDecided = state !== "accepted" && mayChange;
  return (
    <div className="plain-table" role="region" aria-label={t("gb.title")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {COLUMNS[state].map((column) => (
              <th key={column} scope="col">
                {t(`gb.columns.${column}`)}
              </th>
            ))}
            {isDecided && <td />}
          </tr>
        </thead>
        <tbody>
          {items.map((device) => (
            <tr key={device.id} data-device={device.code}>
              {COLUMNS[state].map((column, at) => (
                <Cell key={column} device={device} column={column} head={at === 0} />
              ))}
              {isDecided && (
                <td className="nowrap">
                  <Button size="small" type="primary" onClick={() => open({ how: "accept", device })}>
                    {t("gb.accept")}
                  </Button>{" "}
                  {state === "waiting" && (
                    <Button size="small" onClick={() => open({ how: "refuse", device })}>
                      {t("gb.refuse")}
                    </Button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ device, column, head }: { device: DeviceLine; column: string; head: boolean }): JSX.Element {
  const { t } = useTranslation();
  const division = useLawCodeName("division");
  const texts: Record<string, () => JSX.Element | string> = {
    name: () => device.name || "–",
    code: () => <span className="digits nowrap">{device.code}</span>,
    state: () => <DeviceStateTag device={device} />,
    division: () => (device.division === "" ? t("gb.form.city") : division(device.division)),
    address: () => <span className="digits">{device.address || "–"}</span>,
    model: () => [device.manufacturer, device.model].filter((text) => text !== "").join(" ") || device.user_agent || "–",
    channels: () => <span className="digits nowrap">{t("gb.matchedOf", { matched: device.matched, channels: device.channels })}</span>,
    seen: () => <Heard device={device} />,
    knocks: () => <span className="digits">{device.knocks}</span>,
    reason: () => device.reason,
  };
  const text = texts[column]?.() ?? "";
  if (!head) return <td>{text}</td>;
  return (
    <th scope="row">
      <Link className="record-link" to={`/devices/${device.id}`}>
        {text}
      </Link>
    </th>
  );
}
