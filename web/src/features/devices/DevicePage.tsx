import { EditOutlined, SyncOutlined } from "@ant-design/icons";
import { App, Button, Tabs } from "antd";
import type { TFunction } from "i18next";
import { lazy, Suspense, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";

import type { Person } from "../../api/client";
import { askCatalogue, useDevice, useDeviceHistory, type Device, type DeviceAdded } from "../../api/gb-devices";
import { useLawCodeName } from "../../shared/inventory/codes";
import { Moment } from "../../shared/Interval";
import { RecordHeader } from "../../shared/office/RecordHeader";
import { may } from "../../shared/rights";
import { Failed, Loading } from "../../shared/States";
import { civilText } from "../../shared/time";
import { ChannelsPanel } from "./ChannelsPanel";
import type { Asked } from "./DeviceForm";
import { DeviceStateTag, Heard } from "./DeviceState";
import { Fault } from "../../shared/Fault";
import { RefuseDialog, RemoveDialog } from "./Leave";
import { PasswordOnce } from "./Once";
import { SignallingLog } from "./SignallingLog";

const DeviceForm = lazy(() => import("./DeviceForm"));
const UpkeepPanel = lazy(() => import("./UpkeepPanel"));

type Open = Asked | { how: "refuse" } | { how: "remove" } | { how: "told"; device: DeviceAdded } | null;
const CLOCK_MOST_S = 5; // off by more, its owner is told

/** One device: what it is, its channels, what was said with it, what was decided about it. */
export default function DevicePage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const { device: id = "" } = useParams();
  const [query, setQuery] = useSearchParams();
  const device = useDevice(id);
  const [open, setOpen] = useState<Open>(null);
  if (device.data === undefined) return device.isError ? <Failed error={device.error} /> : <Loading />;
  const mayChange = may(person, "baseChange");
  const close = (): void => setOpen(null);
  const tabs = [
    { key: "channels", label: t("gb.tabs.channels"), children: <ChannelsPanel device={device.data} mayChange={mayChange} /> },
    ...(mayChange ? [{ key: "log", label: t("gb.tabs.log"), children: <SignallingLog device={device.data} /> }] : []),
    ...(mayChange && device.data.state === "accepted" ? [{ key: "upkeep", label: t("gb.tabs.upkeep"), children: <Suspense fallback={<Loading />}><UpkeepPanel device={device.data} /></Suspense> }] : []),
    { key: "history", label: t("gb.tabs.history"), children: <History device={id} /> },
  ];
  return (
    <div className="page devices" data-testid="device-page">
      <Head device={device.data} mayChange={mayChange} open={setOpen} />
      <Tabs destroyOnHidden activeKey={query.get("tab") ?? "channels"} onChange={(tab) => setQuery({ tab }, { replace: true })} items={tabs} />
      <Suspense>{(open?.how === "accept" || open?.how === "change") && <DeviceForm asked={open} close={close} done={(added) => setOpen(added.generated_password === null ? null : { how: "told", device: added })} />}</Suspense>
      {open?.how === "refuse" && <RefuseDialog device={device.data} close={close} />}
      {open?.how === "remove" && <RemoveDialog device={device.data} close={close} />}
      {open?.how === "told" && <PasswordOnce device={open.device} close={close} />}
    </div>
  );
}

function Head({ device, mayChange, open }: { device: Device; mayChange: boolean; open: (what: Open) => void }): JSX.Element {
  const { t } = useTranslation();
  const division = useLawCodeName("division");
  const facts: [string, ReactNode][] = [
    [t("gb.columns.division"), device.division === "" ? t("gb.form.city") : division(device.division)],
    [t("gb.columns.model"), [device.manufacturer, device.model].filter((text) => text !== "").join(" ") || device.user_agent || "–"],
    [t("gb.facts.firmware"), device.firmware || "–"],
    [t("gb.facts.edition"), editionOf(device, t)],
    [t("gb.columns.address"), <span key="address" className="digits">{[device.address, device.transport.toUpperCase()].filter((text) => text !== "").join(" · ") || "–"}</span>],
    [t("gb.columns.seen"), <Heard key="seen" device={device} />],
    [t("gb.facts.catalogue"), catalogueOf(device, t)],
    ...(device.positions_s === 0 ? [] : [[t("gb.facts.positions"), t("gb.positionsEvery", { s: device.positions_s })] satisfies [string, ReactNode]]),
  ];
  return (
    <>
      <RecordHeader back={{ to: `/devices?state=${device.state}`, label: t("gb.back") }} number={device.code} title={device.name} state={<DeviceStateTag device={device} />} facts={facts} actions={mayChange ? <Actions device={device} open={open} /> : undefined} />
      {device.realm_differs && <p className="tone-warn">{t("gb.realmDiffers")}</p>}
      {device.time_offset_s !== null && Math.abs(device.time_offset_s) > CLOCK_MOST_S && <p className="tone-warn">{t("gb.clockOff", { s: device.time_offset_s.toFixed(1) })}</p>}
      {device.state === "refused" && <p className="fine">{device.reason}</p>}
    </>
  );
}

const editionOf = ({ edition, said_version: said }: Device, t: TFunction): string => [edition === "auto" ? t("gb.form.auto") : edition, ...(said === "" ? [] : [t("gb.editionSaid", { version: said })])].join(" · ");

function catalogueOf({ catalogue_at: at, catalogue_complete: whole }: Device, t: TFunction): string {
  if (at === null) return t("gb.catalogueNever");
  return t(whole ? "gb.catalogueAt" : "gb.cataloguePartial", { at: civilText(Date.parse(at)) });
}

function Actions({ device, open }: { device: Device; open: (what: Open) => void }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [error, setError] = useState<unknown>(null);
  const run = (work: () => Promise<unknown>): void => {
    setError(null);
    work().catch(setError);
  };
  const ask = async (): Promise<void> => {
    await askCatalogue(device.id);
    void message.success(t("gb.asked"));
  };
  return (
    <>
      {device.state === "accepted" ? (
        <>
          <Button icon={<SyncOutlined />} onClick={() => run(ask)}>
            {t("gb.ask")}
          </Button>{" "}
          <Button icon={<EditOutlined />} onClick={() => open({ how: "change", device })}>
            {t("gb.change")}
          </Button>
        </>
      ) : (
        <Button type="primary" onClick={() => open({ how: "accept", device })}>
          {t("gb.accept")}
        </Button>
      )}{" "}
      {device.state !== "refused" && <Button onClick={() => open({ how: "refuse" })}>{t("gb.refuse")}</Button>}{" "}
      <Button danger onClick={() => open({ how: "remove" })}>
        {t("gb.remove")}
      </Button>
      <Fault error={error} />
    </>
  );
}

function History({ device }: { device: string }): JSX.Element {
  const { t } = useTranslation();
  const history = useDeviceHistory(device);
  if (history.data === undefined) return history.isError ? <Failed error={history.error} /> : <Loading />;
  if (history.data.items.length === 0) return <p className="fine">{t("gb.history.none")}</p>;
  return (
    <ul className="device-history">
      {history.data.items.map((change) => (
        <li key={change.version}>
          <Moment at={change.at} /> <b>{t(`gb.history.acts.${change.act}`, change.act)}</b> {change.by_name} <span className="fine">{[change.reason, Object.keys(change.changes).join(", ")].filter((text) => text !== "").join(" · ")}</span>
        </li>
      ))}
    </ul>
  );
}
