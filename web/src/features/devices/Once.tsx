import { Modal } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { DeviceAdded } from "../../api/gb-devices";

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
