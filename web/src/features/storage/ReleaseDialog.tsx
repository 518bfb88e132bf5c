import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Form, Input, Modal } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Person } from "../../api/client";
import { release, type Hold, type Kind, type Mark } from "../../api/storage";
import { Interval } from "../../shared/Interval";
import { useProblemText } from "../../shared/States";
import { askedByMe, REASON_MAX } from "./kept";

interface Props {
  kind: Kind;
  kept: Mark | Hold;
  person: Person;
  close: () => void;
}

/** One person asks, another confirms. The server decides who may; its refusal is shown with its article. */
export default function ReleaseDialog({ kind, kept, person, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const explain = useProblemText();
  const [form] = Form.useForm<{ reason: string }>();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const confirming = kept.state === "release_asked";

  const send = async ({ reason }: { reason: string }): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { state } = await release(kind, kept.id, reason);
      void message.success(t(state === "released" ? "storage.release.done" : "storage.release.asked"));
      close();
    } catch (why) {
      setError(why);
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: [kind] });
    }
  };

  const { title, hint } = explain(error);
  return (
    <Modal
      open
      title={t(confirming ? "storage.release.confirm" : "storage.release.ask")}
      okText={t(confirming ? "storage.release.confirm" : "storage.release.ask")}
      cancelText={t("cameras.cancel")}
      okButtonProps={{ danger: confirming, loading: busy }}
      onOk={() => form.submit()}
      onCancel={close}
    >
      {error !== null && <Alert type="error" showIcon title={title} description={hint} className="form-error" />}
      <p>
        {kept.camera_name} · <Interval start={kept.start} end={kept.end} />
      </p>
      <p className="fine">{t("storage.release.rule")}</p>
      {confirming && askedByMe(kept, person) && <p className="tone-warn">{t("storage.release.another")}</p>}
      <Form form={form} layout="vertical" onFinish={(fields) => void send(fields)} className="dialog-form">
        <Form.Item name="reason" label={t("storage.reason")} rules={[{ required: true, whitespace: true, message: t("storage.reasonNeeded") }]}>
          <Input.TextArea autoFocus rows={2} maxLength={REASON_MAX} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
