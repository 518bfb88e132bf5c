import { Modal } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

/** A password that was made up: shown this once. */
export function PasswordOnce({ name, password, close }: { name: string; password: string; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Modal open title={t("people.password", { name })} okText={t("people.done")} onOk={close} onCancel={close} cancelButtonProps={{ hidden: true }}>
      <p className="secret" data-testid="password">
        {password}
      </p>
      <p>{t("people.passwordHint")}</p>
    </Modal>
  );
}
