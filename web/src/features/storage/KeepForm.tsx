import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Form, Input, Modal, type FormRule } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { HOLD_ARTICLE, keep, MARK_ARTICLE, type Kind, type Term } from "../../api/storage";
import { Ground } from "../../shared/LawLink";
import { useProblemText } from "../../shared/States";
import { offsetText, parseMoment, toRfc3339 } from "../../shared/time";
import { REASON_MAX } from "./kept";

interface Fields {
  start: string;
  end: string;
  reason: string;
}

/** Mark an interval of a camera important, or hold it: typed moments, a reason, the article said beforehand. */
export default function KeepForm({ kind, term, close }: { kind: Kind; term: Term; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const explain = useProblemText();
  const [form] = Form.useForm<Fields>();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const article = kind === "marks" ? MARK_ARTICLE : HOLD_ARTICLE;

  const send = async ({ start, end, reason }: Fields): Promise<void> => {
    const now = Date.now();
    setBusy(true);
    setError(null);
    try {
      const [startMs, endMs] = [parseMoment(start, now) ?? now, parseMoment(end, now) ?? now];
      await keep(kind, term.camera, { start: toRfc3339(startMs), end: toRfc3339(endMs), reason, article });
      void message.success(t(`storage.${kind}.added`));
      await Promise.all([client.invalidateQueries({ queryKey: [kind] }), client.invalidateQueries({ queryKey: ["retention"] })]);
      close();
    } catch (why) {
      setError(why);
    } finally {
      setBusy(false);
    }
  };

  const moment: FormRule = {
    validator: (_, text: string | undefined) => (parseMoment(text ?? "", Date.now()) === null ? Promise.reject(new Error(t("video.jumpBad"))) : Promise.resolve()),
  };
  const ordered: FormRule = {
    validator: (_, text: string | undefined) => {
      const now = Date.now();
      const [start, end] = [parseMoment(form.getFieldValue("start") ?? "", now), parseMoment(text ?? "", now)];
      return start !== null && end !== null && end <= start ? Promise.reject(new Error(t("storage.kept.order"))) : Promise.resolve();
    },
  };
  const { title, hint } = explain(error);
  return (
    <Modal
      open
      title={`${t(`storage.${kind}.add`)} · ${term.name}`}
      okText={t(`storage.${kind}.add`)}
      cancelText={t("cameras.cancel")}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={close}
    >
      {error !== null && <Alert type="error" showIcon title={title} description={hint} className="form-error" />}
      <p className="fine">
        {t(`storage.${kind}.rule`)} <Ground article={article} aside />
      </p>
      <Form<Fields> form={form} layout="vertical" onFinish={(fields) => void send(fields)} className="dialog-form">
        <div className="pair">
          <Form.Item name="start" label={t("storage.kept.start", { offset: offsetText(Date.now()) })} extra={t("video.jumpHint")} rules={[moment]}>
            <Input autoFocus maxLength={40} />
          </Form.Item>
          <Form.Item name="end" label={t("storage.kept.end", { offset: offsetText(Date.now()) })} dependencies={["start"]} rules={[moment, ordered]}>
            <Input maxLength={40} />
          </Form.Item>
        </div>
        <Form.Item name="reason" label={t("storage.reason")} rules={[{ required: true, whitespace: true, message: t("storage.reasonNeeded") }]}>
          <Input.TextArea rows={2} maxLength={REASON_MAX} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
