import { Alert, Button, Form, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, type Camera, type Probe } from "../../api/client";
import { useProblemText } from "../../shared/States";
import { Report } from "./Report";

type Fields = { username?: string; password?: string };

/** Tests a registered camera. Its stored password never reaches the browser, so it is asked for. */
export function CameraTest({ camera }: { camera: Camera }): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  const [report, setReport] = useState<Probe | "busy" | null>(null);
  const [error, setError] = useState<unknown>(null);

  const run = async ({ username, password }: Fields): Promise<void> => {
    setReport("busy");
    setError(null);
    try {
      const { url, transport, verify_tls } = camera;
      const body = { url: url ?? "", transport, verify_tls, username: username || null, password: password || null };
      setReport(await ok(api.POST("/api/v1/cameras/test", { body })));
    } catch (why) {
      setReport(null);
      setError(why);
    }
  };

  const { title, hint } = explain(error);
  return (
    <>
      <p className="fine">{camera.url}</p>
      <Form<Fields> layout="vertical" onFinish={(fields) => void run(fields)}>
        <div className="pair">
          <Form.Item name="username" label={t("cameras.form.username")}>
            <Input autoFocus maxLength={200} autoComplete="off" />
          </Form.Item>
          <Form.Item name="password" label={t("cameras.form.password")}>
            <Input.Password maxLength={1024} autoComplete="off" />
          </Form.Item>
        </div>
        <p className="fine">{t("cameras.testPassword")}</p>
        <Button type="primary" htmlType="submit" loading={report === "busy"}>
          {t("cameras.test")}
        </Button>
      </Form>
      {error !== null && <Alert type="error" showIcon title={title} description={hint} className="form-error" />}
      {report !== null && <Report report={report} />}
    </>
  );
}
