import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Drawer, Form, Input, Segmented, Switch } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, type Camera, type CameraIn, type CameraPatch, Problem, type Probe } from "../../api/client";
import { useProblemText } from "../../shared/States";
import { Report } from "./Report";

interface Fields {
  name: string;
  url: string;
  sub_url?: string;
  username?: string;
  password?: string;
  transport: "auto" | "tcp" | "udp";
  verify_tls: boolean;
}

/** Add or change a camera, with a test of what was typed before it is saved. */
export function CameraForm({ camera, close }: { camera: Camera | null; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const explain = useProblemText();
  const [form] = Form.useForm<Fields>();
  const [error, setError] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const [report, setReport] = useState<Probe | "busy" | null>(null);

  const save = async (fields: Fields): Promise<void> => {
    setSaving(true);
    setError(null);
    try {
      await (camera === null ? add(fields) : change(camera, fields));
      await client.invalidateQueries({ queryKey: ["cameras"] });
      void message.success(t(camera === null ? "cameras.added" : "cameras.changed", { name: fields.name }));
      close();
    } catch (why) {
      setError(why);
      if (why instanceof Problem) markFields(form, why);
    } finally {
      setSaving(false);
    }
  };

  const test = async (): Promise<void> => {
    const { url } = await form.validateFields(["url"]).catch(() => ({ url: null }));
    if (url === null) return;
    setReport("busy");
    setError(null);
    try {
      const { username, password, transport, verify_tls } = form.getFieldsValue();
      const body = { url, transport, verify_tls, username: given(username), password: given(password) };
      setReport(await ok(api.POST("/api/v1/cameras/test", { body })));
    } catch (why) {
      setReport(null);
      setError(why);
    }
  };

  const { title, hint } = explain(error);
  const initial = camera === null ? { transport: "auto" as const, verify_tls: true } : fieldsOf(camera);
  const address = { pattern: /^(rtsps?|gb28181):\/\/\S+$/i, message: t("cameras.form.urlBad") };
  return (
    <Drawer
      open
      size={480}
      title={t(camera === null ? "cameras.form.addTitle" : "cameras.form.editTitle")}
      onClose={close}
      footer={
        <div className="drawer-foot">
          <Button loading={report === "busy"} onClick={() => void test()}>
            {t("cameras.form.test")}
          </Button>
          <span />
          <Button onClick={close}>{t("cameras.cancel")}</Button>
          <Button type="primary" loading={saving} onClick={() => form.submit()}>
            {t("cameras.save")}
          </Button>
        </div>
      }
    >
      {error !== null && <Alert type="error" showIcon title={title} description={hint} className="form-error" />}
      <Form<Fields> form={form} layout="vertical" initialValues={initial} onFinish={(fields) => void save(fields)} scrollToFirstError>
        <Form.Item name="name" label={t("cameras.form.name")} rules={[{ required: true, whitespace: true, message: t("cameras.form.nameNeeded") }]}>
          <Input autoFocus maxLength={200} placeholder={t("cameras.form.namePlaceholder")} />
        </Form.Item>
        <Form.Item name="url" label={t("cameras.form.url")} rules={[{ required: true, message: t("cameras.form.urlNeeded") }, address]}>
          <Input maxLength={2048} placeholder="rtsp://192.0.2.10/main" inputMode="url" spellCheck={false} />
        </Form.Item>
        <Form.Item name="sub_url" label={t("cameras.form.subUrl")} rules={[address]}>
          <Input maxLength={2048} placeholder="rtsp://192.0.2.10/sub" inputMode="url" spellCheck={false} />
        </Form.Item>
        <div className="pair">
          <Form.Item name="username" label={t("cameras.form.username")}>
            <Input maxLength={200} autoComplete="off" />
          </Form.Item>
          <Form.Item name="password" label={t("cameras.form.password")} extra={camera === null ? undefined : t("cameras.form.passwordKeep")}>
            <Input.Password maxLength={1024} autoComplete="new-password" />
          </Form.Item>
        </div>
        <div className="pair">
          <Form.Item name="transport" label={t("cameras.form.transport")}>
            <Segmented options={(["auto", "tcp", "udp"] as const).map((value) => ({ value, label: t(`cameras.form.${value}`) }))} />
          </Form.Item>
          <Form.Item name="verify_tls" label={t("cameras.form.verify")} valuePropName="checked" extra={t("cameras.form.verifyHint")}>
            <Switch />
          </Form.Item>
        </div>
      </Form>
      {report !== null && <Report report={report} />}
    </Drawer>
  );
}

const given = (text: string | undefined): string | null => (text === undefined || text === "" ? null : text);

function fieldsOf({ name, url, sub_url, transport, verify_tls }: Camera): Partial<Fields> {
  return { name, transport, verify_tls, ...(url === null ? {} : { url }), ...(sub_url === null ? {} : { sub_url }) };
}

async function add(fields: Fields): Promise<void> {
  const body: CameraIn = { ...fields, sub_url: given(fields.sub_url), username: given(fields.username), password: given(fields.password) };
  await ok(api.POST("/api/v1/cameras", { body }));
}

async function change(camera: Camera, fields: Fields): Promise<void> {
  const { username, password, sub_url, ...rest } = fields;
  const body: CameraPatch = {
    ...rest,
    sub_url: given(sub_url),
    ...(given(username) === null ? {} : { username: given(username) }),
    ...(given(password) === null ? {} : { password: given(password) }),
  };
  await ok(api.PATCH("/api/v1/cameras/{camera}", { params: { path: { camera: camera.id } }, body }));
}

/** What the server said of single fields stands at those fields. */
function markFields(form: ReturnType<typeof Form.useForm<Fields>>[0], { fields }: Problem): void {
  const known: readonly string[] = ["name", "url", "sub_url", "username", "password", "transport", "verify_tls"];
  const marks = fields.flatMap(({ field, detail }) => {
    const name = field.split(".").at(-1) ?? field;
    return known.includes(name) ? [{ name: name as keyof Fields, errors: [detail] }] : [];
  });
  form.setFields(marks);
}
