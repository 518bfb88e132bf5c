/** The three forms of the sign-in page. */

import { BankOutlined, LockOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Divider, Form, Input } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

export interface PasswordFields {
  name: string;
  password: string;
}
export type FirstFields = PasswordFields & { code: string };

const PASSWORD_MIN = 10; // characters, as the server asks

export function PasswordForm({ busy, send }: { busy: boolean; send: (fields: PasswordFields) => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Form<PasswordFields> layout="vertical" requiredMark={false} onFinish={send}>
      <NameItem focus />
      <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, message: t("signIn.passwordNeeded") }]}>
        <Input.Password prefix={<LockOutlined />} autoComplete="current-password" size="large" maxLength={1024} />
      </Form.Item>
      <Submit busy={busy} label={t("signIn.submit")} />
    </Form>
  );
}

export function CodeForm({ busy, send, back }: { busy: boolean; send: (code: string) => void; back: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Form<{ code: string }> layout="vertical" requiredMark={false} onFinish={({ code }) => send(code)}>
      <Form.Item name="code" label={t("access.code")} extra={t("access.codeHint")} rules={[{ required: true, whitespace: true, message: t("access.codeNeeded") }]}>
        <Input prefix={<LockOutlined />} autoComplete="one-time-code" autoFocus size="large" maxLength={40} />
      </Form.Item>
      <Submit busy={busy} label={t("signIn.submit")} />
      <Button type="text" block onClick={back}>
        {t("access.back")}
      </Button>
    </Form>
  );
}

export function FirstForm({ busy, send }: { busy: boolean; send: (fields: FirstFields) => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Form<FirstFields> layout="vertical" requiredMark={false} onFinish={send}>
      <Form.Item name="code" label={t("access.firstCode")} extra={t("access.firstHint")} rules={[{ required: true, whitespace: true, message: t("access.codeNeeded") }]}>
        <Input autoComplete="off" autoFocus size="large" maxLength={40} />
      </Form.Item>
      <NameItem focus={false} />
      <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, min: PASSWORD_MIN, message: t("access.passwordMin") }]}>
        <Input.Password prefix={<LockOutlined />} autoComplete="new-password" size="large" maxLength={1024} />
      </Form.Item>
      <Submit busy={busy} label={t("access.firstSubmit")} />
    </Form>
  );
}

/** The other way in. */
export function ProviderButton({ label, busy, go }: { label: string; busy: boolean; go: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <>
      <Divider plain>{t("access.or")}</Divider>
      <Button icon={<BankOutlined />} size="large" block disabled={busy} onClick={go}>
        {label}
      </Button>
    </>
  );
}

function NameItem({ focus }: { focus: boolean }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Form.Item name="name" label={t("signIn.name")} rules={[{ required: true, message: t("signIn.nameNeeded") }]}>
      <Input prefix={<UserOutlined />} autoComplete="username" autoFocus={focus} size="large" maxLength={200} />
    </Form.Item>
  );
}

const Submit = ({ busy, label }: { busy: boolean; label: string }): JSX.Element => (
  <Button type="primary" htmlType="submit" size="large" block loading={busy}>
    {label}
  </Button>
);
