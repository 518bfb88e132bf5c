import { App, Button, Form, Input, Popconfirm } from "antd";
import type { TFunction } from "i18next";
import { useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { askCards, askConfiguration, askStatus, orderDevice, upgradeDevice, type Card, type Device, type DeviceOrder, type DeviceStatus, type Firmware, type Setting } from "../../api/gb-devices";
import { Moment } from "../../shared/Interval";
import { ChannelSelect } from "./ChannelSelect";
import { Fault } from "../../shared/Fault";

const ORDERS: readonly DeviceOrder[] = ["key_frame", "record", "guard", "unguard", "reset_alarm"];
type Told = { what: "status"; status: DeviceStatus } | { what: "cards"; cards: Card[] } | { what: "configuration"; items: Setting[] };

/** What a field engineer has a device do and tell; turning cameras is not among it. */
export default function UpkeepPanel({ device }: { device: Device }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [channel, setChannel] = useState("");
  const [busy, setBusy] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [told, setTold] = useState<Told | null>(null);
  const run = (name: string, work: () => Promise<unknown>): void => {
    setError(null);
    setBusy(name);
    work()
      .catch(setError)
      .finally(() => setBusy(""));
  };
  const order = (name: DeviceOrder): void =>
    run(name, async () => {
      const { confirmed } = await orderDevice(device.id, name, name === "restart" ? "" : channel);
      void message.success(t(confirmed ? "gb.upkeep.done" : "gb.upkeep.taken"));
    });
  const ask = (what: Told["what"]): void =>
    run(what, async () => {
      setTold(null);
      if (what === "status") setTold({ what, status: await askStatus(device.id, channel) });
      else if (what === "cards") setTold({ what, cards: (await askCards(device.id)).cards });
      else setTold({ what, items: (await askConfiguration(device.id, channel)).items });
    });
  return (
    <div className="device-upkeep" data-testid="device-upkeep">
      <p className="fine">{t("gb.upkeep.hint")}</p>
      <label className="device-channel">
        <span>{t("gb.upkeep.channel")}</span>
        <ChannelSelect device={device.id} choose={setChannel} />
      </label>
      <Row title={t("gb.upkeep.orders")}>
        {ORDERS.map((name) => (
          <Button key={name} loading={busy === name} disabled={busy !== ""} onClick={() => order(name)}>
            {t(`gb.upkeep.order.${name}`)}
          </Button>
        ))}
        <Popconfirm title={t("gb.upkeep.restartAsk")} okText={t("gb.upkeep.yes")} cancelText={t("gb.form.cancel")} onConfirm={() => order("restart")}>
          <Button danger loading={busy === "restart"} disabled={busy !== ""}>
            {t("gb.upkeep.order.restart")}
          </Button>
        </Popconfirm>
      </Row>
      <Row title={t("gb.upkeep.ask")}>
        {(["status", "cards", "configuration"] as const).map((what) => (
          <Button key={what} loading={busy === what} disabled={busy !== ""} onClick={() => ask(what)}>
            {t(`gb.upkeep.${what}`)}
          </Button>
        ))}
      </Row>
      <Fault error={error} />
      <div aria-live="polite">{told !== null && <Answer told={told} />}</div>
      <Upgrade device={device} />
    </div>
  );
}

function Row({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <div className="device-orders">{children}</div>
    </section>
  );
}

function Answer({ told }: { told: Told }): JSX.Element {
  const { t } = useTranslation();
  const rows = rowsOf(told, t);
  if (rows.length === 0) return <p className="fine">{t("gb.upkeep.none")}</p>;
  return (
    <div className="device-told" role="region" aria-label={t(`gb.upkeep.${told.what}`)} tabIndex={0}>
      <table className="device-answer">
        <tbody>
          {rows.map(([name, value], at) => (
            <tr key={at}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rowsOf(told: Told, t: TFunction): [string, ReactNode][] {
  const word = (said: string): string => t(`gb.upkeep.words.${said.toLowerCase()}`, said);
  if (told.what === "configuration") return told.items.map(({ block, name, value }) => [name === "" ? block : `${block}.${name}`, value]);
  if (told.what === "cards") return told.cards.map((card) => [String(card.number ?? ""), t("gb.upkeep.card", { name: card.name, status: cardState(word(card.status), card.format_progress), free: card.free_mb ?? "–", capacity: card.capacity_mb ?? "–" })]);
  const { online, status, reason, encode, record, time, alarm_inputs: inputs } = told.status;
  return [
    [t("gb.upkeep.facts.online"), word(online)],
    [t("gb.upkeep.facts.status"), [word(status), reason].filter((text) => text !== "").join(" · ")],
    [t("gb.upkeep.facts.encode"), word(encode)],
    [t("gb.upkeep.facts.record"), word(record)],
    [t("gb.upkeep.facts.time"), time === null ? "–" : <Moment key="time" at={time} />],
    [t("gb.upkeep.facts.alarm_inputs"), inputs.map((input) => `${input.device_id} ${word(input.duty_status)}`).join(", ")],
  ];
}

const cardState = (status: string, progress: number | null): string => (progress === null ? status : `${status} ${progress} %`);

function Upgrade({ device }: { device: Device }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Firmware>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (wish: Firmware): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { session } = await upgradeDevice(device.id, wish);
      form.resetFields();
      void message.success(t("gb.upkeep.upgrading", { session }), 10);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  const required = [{ required: true, message: t("gb.form.required") }];
  return (
    <section aria-label={t("gb.upkeep.upgrade")}>
      <h3>{t("gb.upkeep.upgrade")}</h3>
      <p className="fine">{t("gb.upkeep.upgradeHint")}</p>
      <Form form={form} layout="vertical" className="device-upgrade" initialValues={{ manufacturer: device.manufacturer }} onFinish={(wish) => void send(wish)}>
        <Form.Item name="firmware" label={t("gb.upkeep.firmware")} rules={required}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="url" label={t("gb.upkeep.url")} rules={[...required, { pattern: /^https?:\/\/[!-~]+$/, message: t("gb.upkeep.urlWrong") }]}>
          <Input maxLength={1000} />
        </Form.Item>
        <Form.Item name="manufacturer" label={t("gb.upkeep.manufacturer")}>
          <Input maxLength={64} />
        </Form.Item>
        <Fault error={error} />
        <Popconfirm title={t("gb.upkeep.upgradeAsk")} okText={t("gb.upkeep.upgrade")} cancelText={t("gb.form.cancel")} onConfirm={() => form.submit()}>
          <Button danger loading={busy}>
            {t("gb.upkeep.upgrade")}
          </Button>
        </Popconfirm>
      </Form>
    </section>
  );
}
