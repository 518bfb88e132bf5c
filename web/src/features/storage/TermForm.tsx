import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Form, Input, InputNumber, Modal, Radio } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { changeTerm, type Term, type TermChange, type TermClass } from "../../api/storage";
import { useProblemText } from "../../shared/States";
import { REASON_MAX } from "./kept";

const CLASSES: readonly TermClass[] = ["default", "counter_terror", "other_law"];
const DAYS_MAX = 36_500; // a hundred years: beyond it somebody mistyped

interface Fields {
  class: TermClass;
  days?: number;
  citation?: string;
  reason: string;
}

/** Another class for a camera's footage. What is stored keeps the longer term; the server says so if asked for less. */
export default function TermForm({ term, close }: { term: Term; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const explain = useProblemText();
  const [form] = Form.useForm<Fields>();
  const chosen = Form.useWatch("class", form) ?? term.class;
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const save = async (fields: Fields): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await changeTerm(term.camera, changeOf(fields));
      void message.success(t("storage.terms.changed", { name: term.name }));
      await client.invalidateQueries({ queryKey: ["retention"] });
      close();
    } catch (why) {
      setError(why);
    } finally {
      setBusy(false);
    }
  };

  const { title, hint } = explain(error);
  const initial = { class: term.class, ...(term.class === "other_law" ? { days: term.days, citation: term.citation } : {}) };
  return (
    <Modal
      open
      title={t("storage.terms.changeTitle", { name: term.name })}
      okText={t("cameras.save")}
      cancelText={t("cameras.cancel")}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={close}
    >
      {error !== null && <Alert type="error" showIcon title={title} description={hint} className="form-error" />}
      <Form<Fields> form={form} layout="vertical" initialValues={initial} onFinish={(fields) => void save(fields)}>
        <Form.Item name="class" label={t("storage.terms.columns.class")} extra={t("storage.terms.changeHint")}>
          <Radio.Group options={CLASSES.map((value) => ({ value, label: t(`storage.classes.${value}`) }))} />
        </Form.Item>
        {chosen === "other_law" && (
          <>
            <Form.Item name="days" label={t("storage.terms.daysField")} rules={[{ required: true, message: t("storage.terms.daysNeeded") }]}>
              <InputNumber min={1} max={DAYS_MAX} precision={0} />
            </Form.Item>
            <Form.Item name="citation" label={t("storage.terms.columns.citation")} extra={t("storage.terms.citationHint")} rules={[{ required: true, whitespace: true, message: t("storage.terms.citationNeeded") }]}>
              <Input maxLength={REASON_MAX} />
            </Form.Item>
          </>
        )}
        <Form.Item name="reason" label={t("storage.reason")} rules={[{ required: true, whitespace: true, message: t("storage.reasonNeeded") }]}>
          <Input.TextArea rows={2} maxLength={REASON_MAX} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function changeOf({ class: name, days, citation, reason }: Fields): TermChange {
  if (name !== "other_law" || days === undefined || citation === undefined) return { class: name, reason };
  return { class: name, days, citation, reason };
}
