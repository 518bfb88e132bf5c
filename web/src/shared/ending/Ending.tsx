import { Button, Input, Modal } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { endingEn } from "../dictionaries/ending.en";
import { endingZhCN } from "../dictionaries/ending.zh-CN";
import { Fault } from "../Fault";
import { addWords } from "../i18n";
import { Loading } from "../States";
import "./ending.css";

addWords({ "zh-CN": endingZhCN, en: endingEn });

/** Cameras by name, the first of them; and how many there are. */
export interface Recorded {
  items: readonly { id: string; name: string }[];
  count: number;
}

export const REASON_MAX = 500; // characters, as the API takes
export const NOTHING_RECORDED: Recorded = { items: [], count: 0 };

/** The cameras that are recorded no longer; nothing where there are none. */
export function EndedCameras({ recorded: { items, count } }: { recorded: Recorded }): JSX.Element | null {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <div className="ended-cameras" data-testid="ended-cameras">
      <p className="tone-warn">{t("ending.cameras", { n: count })}</p>
      <ul>
        {items.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
        {count > items.length && <li className="fine">{t("ending.more", { n: count - items.length })}</li>}
      </ul>
    </div>
  );
}

interface Props {
  title: string;
  /** On the button. */
  act: string;
  hint?: string;
  /** What is recorded no longer; null while nobody knows, undefined where the server does not say. */
  recorded: Recorded | null | undefined;
  /** A reason is wanted though no recording ends. */
  always?: boolean;
  run: (reason: string) => Promise<unknown>;
  close: () => void;
}

/** Before recording ends: of which cameras, and why (art. 31(7)). Where none ends, a question. */
export function EndDialog({ title, act, hint, recorded, always = false, run, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isWanted = always || recorded?.count !== 0;
  const end = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await run(reason.trim());
    } catch (why) {
      setError(why);
      setBusy(false);
    }
  };
  return (
    <Modal open title={title} onCancel={close} footer={null}>
      {hint !== undefined && <p>{hint}</p>}
      {recorded === null ? <Loading /> : <EndedCameras recorded={recorded ?? NOTHING_RECORDED} />}
      {recorded !== null && isWanted && (
        <label className="end-reason">
          <span>{t("ending.reason")}</span>
          <Input.TextArea autoFocus maxLength={REASON_MAX} rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
      )}
      <Fault error={error} />
      <div className="end-buttons">
        <Button onClick={close}>{t("ending.cancel")}</Button>
        <Button danger type="primary" loading={busy} disabled={recorded === null || (isWanted && reason.trim() === "")} onClick={() => void end()}>
          {act}
        </Button>
      </div>
    </Modal>
  );
}
