import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { changePassword } from "../../api/people";
import { useAccountWhy } from "./why";

const PASSWORD_MIN = 10; // characters, as the server asks

interface Fields {
  old: string;
  fresh: string;
}

/** Another password; whoever is signed in elsewhere is signed out. */
export function PasswordPanel(): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const explain = useAccountWhy();
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ done: true } | { error: unknown } | null>(null);

  const send = async ({ old, fresh }: Fields): Promise<void> => {
    setBusy(true);
    try {
      await changePassword(old, fresh);
      form.resetFields();
      setSaid({ done: true });
      await client.invalidateQueries({ queryKey: ["account"] });
    } catch (error) {
      setSaid({ error });
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="panel">
      <h2>{t("access.password")}</h2>
      {said !== null && ("done" in said ? <Alert type="success" showIcon title={t("access.passwordChanged")} /> : <Alert type="error" showIcon title={explain(said.error)} />)}
      <Form<Fields> form={form} layout="vertical" requiredMark={false} aria-label={t("access.passwordChange")} onFinish={(fields) => void send(fields)}>
        <Form.Item name="old" label={t("access.passwordOld")} rules={[{ required: true, message: t("signIn.passwordNeeded") }]}>
          <Input.Password autoComplete="current-password" maxLength={1024} />
        </Form.Item>
        <Form.Item name="fresh" label={t("access.passwordNew")} rules={[{ required: true, min: PASSWORD_MIN, message: t("access.passwordMin") }]}>
          <Input.Password autoComplete="new-password" maxLength={1024} />
        </Form.Item>
        <Button htmlType="submit" loading={busy}>
          {t("access.passwordChange")}
        </Button>
      </Form>
    </section>
  );
}
