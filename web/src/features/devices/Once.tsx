import { useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { deviceKey, refuseDevice, type DeviceAdded, type DeviceLine } from "../../api/gb-devices";
import { Fault } from "./Fault";

/** A password that was made up: shown this once. */
export function PasswordOnce({ device, close }: { device: DeviceAdded; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Modal open title={t("gb.password", { name: device.name })} okText={t("gb.done")} onOk={close} onCancel={close} cancelButtonProps={{ hidden: true }} mask={{ closable: false }}>
      <p className="secret" data-testid="password">
        {device.generated_password}
      </p>
      <p>{t("gb.passwordOnce")}</p>
    </Modal>
  );
}

/** A device is refused with a reason, never without one. */
export function RefuseDialog({ device, close }: { device: DeviceLine; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const refuse = async (): Promise<void> => {
    try {
      await refuseDevice(device.id, reason);
      await client.invalidateQueries({ queryKey: deviceKey });
      close();
    } catch (why) {
      setError(why);
    }
  };
  return (
    <Modal open title={`${t("gb.refuse")} · ${device.name || device.code}`} onCancel={close} footer={null}>
      <label className="device-reason">
        <span>{t("gb.form.reason")}</span>
        <Input.TextArea autoFocus maxLength={500} rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <Fault error={error} />
      <div className="form-buttons">
        <Button onClick={close}>{t("gb.form.cancel")}</Button>
        <Button danger type="primary" disabled={reason.trim() === ""} onClick={() => void refuse()}>
          {t("gb.refuse")}
        </Button>
      </div>
    </Modal>
  );
}
