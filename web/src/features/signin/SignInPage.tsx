import { LockOutlined, UserOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, Problem } from "../../api/client";
import { Mark } from "../../shared/Mark";
import { useProblemText } from "../../shared/States";
import { Switches } from "../../shared/Switches";

type Fields = { name: string; password: string };

export default function SignInPage(): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const explain = useWhy();

  const submit = async (body: Fields): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const session = await ok(api.POST("/api/v1/session", { body }));
      client.setQueryData(["session"], session.person);
    } catch (why) {
      setError(why);
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="signin">
      <div className="signin-switches">
        <Switches />
      </div>
      <section className="card">
        <div className="signin-brand">
          <Mark size={40} />
          <div>
            <h1>{t("signIn.title")}</h1>
            <p>{t("signIn.tagline")}</p>
          </div>
        </div>
        {error !== null && <Alert type="error" showIcon title={explain(error)} role="alert" />}
        <Form<Fields> layout="vertical" requiredMark={false} onFinish={(fields) => void submit(fields)}>
          <Form.Item name="name" label={t("signIn.name")} rules={[{ required: true, message: t("signIn.nameNeeded") }]}>
            <Input prefix={<UserOutlined />} autoComplete="username" autoFocus size="large" maxLength={200} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t("signIn.password")}
            rules={[{ required: true, message: t("signIn.passwordNeeded") }]}
          >
            <Input.Password prefix={<LockOutlined />} autoComplete="current-password" size="large" maxLength={1024} />
          </Form.Item>
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>
            {t("signIn.submit")}
          </Button>
        </Form>
      </section>
    </main>
  );
}

function useWhy(): (error: unknown) => ReactNode {
  const { t } = useTranslation();
  const text = useProblemText();
  return (error) => {
    if (error instanceof Problem && error.status === 401) return t("signIn.wrong");
    if (error instanceof Problem && error.status === 429) {
      const seconds = error.retryAfterSeconds;
      return seconds === null ? t("signIn.lockedSoon") : t("signIn.locked", { seconds });
    }
    const { title, hint } = text(error);
    return <>{title} {hint}</>;
  };
}
