import { useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, InputNumber, Modal, Select } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { acceptDevice, addDevice, changeDevice, deviceKey, useRecorded, type Device, type DeviceAdded, type DeviceLine, type DeviceWish } from "../../api/gb-devices";
import { useLawCodes } from "../../shared/inventory/codes";
import { useSaid } from "../../shared/tongue";
import { EndedCameras, NOTHING_RECORDED, REASON_MAX } from "../../shared/ending/Ending";
import { Fault } from "../../shared/Fault";

export type Asked = { how: "add" } | { how: "accept"; device: DeviceLine } | { how: "change"; device: Device };
interface Props {
  asked: Asked;
  close: () => void;
  /** With the password that was made up, if one was. */
  done: (device: DeviceAdded) => void;
}
type Fields = DeviceWish & { code?: string; new_password?: boolean; reason?: string };

const BEGIN = { division: "", charset: "auto", edition: "auto", media: "auto", roams: false, tells_time: true, keep_alive_s: 60, misses: 3, positions_s: 0, coordinates: "wgs84" } as const;
const CODE = /^\d{20}$/;
const SHORTEST_S = 5; // between positions

/** Accept a device, by its code or from those that wait, or change one that is accepted. */
export default function DeviceForm({ asked, close, done }: Props): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const title = { add: t("gb.add"), accept: t("gb.accept"), change: t("gb.change") }[asked.how];

  const save = async (fields: Fields): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const saved = await send(asked, fields);
      await client.invalidateQueries({ queryKey: deviceKey });
      done(saved);
    } catch (why) {
      setError(why);
      setBusy(false);
    }
  };

  return (
    <Modal open title={title} onCancel={close} footer={null} width={560}>
      <Form form={form} layout="vertical" initialValues={beginOf(asked)} onFinish={(fields) => void save(fields)} disabled={busy}>
        {asked.how === "accept" && <p className="digits">{asked.device.code}</p>}
        {asked.how === "add" && (
          <Form.Item name="code" label={t("gb.form.code")} rules={[{ required: true, pattern: CODE, message: t("gb.form.code") }]}>
            <Input autoFocus inputMode="numeric" maxLength={20} autoComplete="off" className="digits" />
          </Form.Item>
        )}
        <Form.Item name="name" label={t("gb.form.name")} rules={[{ required: true, whitespace: true, message: t("gb.form.required") }]}>
          <Input maxLength={200} autoFocus={asked.how !== "add"} />
        </Form.Item>
        <Division />
        <Form.Item name="password" label={t("gb.form.password")} extra={t(asked.how === "change" ? "gb.form.passwordKeep" : "gb.form.passwordHint")} rules={[{ min: 8, max: 64, message: t("gb.form.passwordHint") }]}>
          <Input.Password autoComplete="new-password" maxLength={64} />
        </Form.Item>
        {asked.how === "change" && <NewPassword device={asked.device} />}
        <HowSpoken />
        <Fault error={error} />
        <div className="form-buttons">
          <Button onClick={close}>{t("gb.form.cancel")}</Button>
          <Button type="primary" htmlType="submit" loading={busy}>
            {asked.how === "change" ? t("gb.form.save") : t("gb.accept")}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

function Division(): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const divisions = Object.entries(useLawCodes("division")).map(([value, words]) => ({ value, label: said(words) }));
  divisions.sort((a, b) => a.value.localeCompare(b.value));
  return (
    <Form.Item name="division" label={t("gb.form.division")}>
      <Select showSearch={{ optionFilterProp: "label" }} options={[{ value: "", label: t("gb.form.city") }, ...divisions]} />
    </Form.Item>
  );
}

/** With another password a device registers anew: until then nothing of it is recorded, for a reason (art. 31(7)). */
function NewPassword({ device }: { device: Device }): JSX.Element {
  const { t } = useTranslation();
  const recorded = useRecorded(device).data;
  const isMadeUp = Form.useWatch<boolean | undefined>("new_password") ?? false;
  const isTyped = (Form.useWatch<string | undefined>("password") ?? "") !== "";
  return (
    <>
      <Form.Item name="new_password" valuePropName="checked">
        <Checkbox>{t("gb.form.newPassword")}</Checkbox>
      </Form.Item>
      {(isMadeUp || isTyped) && recorded?.count !== 0 && (
        <>
          <EndedCameras recorded={recorded ?? NOTHING_RECORDED} />
          <Form.Item name="reason" label={t("ending.reason")} extra={t("gb.form.passwordEnds")} rules={[{ required: true, whitespace: true, message: t("gb.form.required") }]}>
            <Input.TextArea maxLength={REASON_MAX} rows={2} />
          </Form.Item>
        </>
      )}
    </>
  );
}

/** What most devices need no word about. */
function HowSpoken(): JSX.Element {
  const { t } = useTranslation();
  const auto = { value: "auto", label: t("gb.form.auto") };
  return (
    <div className="device-spoken">
      <Form.Item name="media" label={t("gb.form.media")}>
        <Select options={[auto, { value: "tcp", label: t("gb.form.tcp") }, { value: "tcp-active", label: t("gb.form.tcpActive") }, { value: "udp", label: t("gb.form.udp") }]} />
      </Form.Item>
      <Form.Item name="edition" label={t("gb.form.edition")}>
        <Select options={[auto, { value: "2016", label: "2016" }, { value: "2022", label: "2022" }]} />
      </Form.Item>
      <Form.Item name="charset" label={t("gb.form.charset")}>
        <Select options={[auto, { value: "gb", label: "GB 18030" }, { value: "utf-8", label: "UTF-8" }]} />
      </Form.Item>
      <Form.Item name="keep_alive_s" label={t("gb.form.keepAlive")}>
        <InputNumber min={5} max={3600} precision={0} />
      </Form.Item>
      <Form.Item name="misses" label={t("gb.form.misses")}>
        <InputNumber min={1} max={20} precision={0} />
      </Form.Item>
      <Positions />
      <Form.Item name="roams" valuePropName="checked">
        <Checkbox>{t("gb.form.roams")}</Checkbox>
      </Form.Item>
      <Form.Item name="tells_time" valuePropName="checked">
        <Checkbox>{t("gb.form.tellsTime")}</Checkbox>
      </Form.Item>
    </div>
  );
}

/** Of what moves: whether it is asked where it is, and what its numbers mean. */
function Positions(): JSX.Element {
  const { t } = useTranslation();
  const check = (_: unknown, seconds: number | null): Promise<void> => (seconds === 0 || (seconds ?? 0) >= SHORTEST_S ? Promise.resolve() : Promise.reject(new Error(t("gb.form.positionsWrong"))));
  return (
    <>
      <Form.Item name="positions_s" label={t("gb.form.positions")} extra={t("gb.form.positionsHint")} rules={[{ validator: check }]}>
        <InputNumber min={0} max={3600} precision={0} />
      </Form.Item>
      <Form.Item name="coordinates" label={t("gb.form.coordinates")}>
        <Select options={[{ value: "wgs84", label: "WGS-84" }, { value: "gcj02", label: "GCJ-02" }]} />
      </Form.Item>
    </>
  );
}

function beginOf(asked: Asked): Partial<Fields> {
  if (asked.how === "add") return BEGIN;
  if (asked.how === "accept") return { ...BEGIN, name: asked.device.name, division: asked.device.division };
  const { name, division, charset, edition, media, roams, tells_time, keep_alive_s, misses, positions_s, coordinates } = asked.device;
  return { name, division, charset, edition, media, roams, tells_time, keep_alive_s, misses, positions_s, coordinates };
}

function send(asked: Asked, { code = "", new_password: isNew, password, reason = "", ...rest }: Fields): Promise<DeviceAdded> {
  const wish = { ...rest, ...(password == null || password === "" ? {} : { password }) };
  if (asked.how === "add") return addDevice(code, wish);
  if (asked.how === "accept") return acceptDevice(asked.device.id, wish);
  return changeDevice(asked.device.id, { ...wish, version: asked.device.version, new_password: isNew === true, reason });
}
