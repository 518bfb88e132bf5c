import { useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Select } from "antd";
import { useDeferredValue, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { deviceKey, matchChannel, useCheck, type Channel } from "../../api/gb-devices";
import { useReferenceSearch } from "../../api/references";
import { nameOf } from "../../shared/form/RefLink";
import { Failed, Loading } from "../../shared/States";
import { Fault } from "../../shared/Fault";

/** Which camera a channel is: what has the same code or name with one click, any other by search. */
export function MatchDialog({ device, channel, close }: { device: string; channel: Channel; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const check = useCheck(device, channel.channel);
  const [other, setOther] = useState<string | null>(null);
  const [failed, setFailed] = useState<{ file: string; error: unknown } | null>(null);
  const take = async (file: string, mayDiffer = false): Promise<void> => {
    setFailed(null);
    try {
      await matchChannel(device, channel.channel, { file, may_differ: mayDiffer });
      await client.invalidateQueries({ queryKey: deviceKey });
      close();
    } catch (error) {
      setFailed({ file, error });
    }
  };
  const differs = failed?.error instanceof Problem && failed.error.code === "codes_differ";
  return (
    <Modal open title={t("gb.channels.matchNamed", { name: channel.name })} onCancel={close} footer={null}>
      <p className="digits">{channel.channel}</p>
      {check.data === undefined && (check.isError ? <Failed error={check.error} /> : <Loading />)}
      {check.data !== undefined && (
        <>
          <h3 className="device-sub">{t("gb.channels.faults")}</h3>
          <ul className="device-faults">
            {!check.data.is_code && <li className="tone-bad">{t("gb.channels.notCode")}</li>}
            {check.data.faults.map((fault) => (
              <li key={fault} className="tone-warn">
                {fault}
              </li>
            ))}
            {check.data.is_code && check.data.faults.length === 0 && <li className="tone-good">{t("gb.channels.fine")}</li>}
          </ul>
          <h3 className="device-sub">{t("gb.channels.suggestions")}</h3>
          {check.data.suggestions.length === 0 && <p className="fine">{t("gb.channels.noSuggestion")}</p>}
          <ul className="device-suggestions">
            {check.data.suggestions.map(({ file, name, by }) => (
              <li key={file}>
                <span>
                  <b>{name}</b> <span className="fine">{t(`gb.channels.by.${by}`)}</span>
                </span>
                <Button type="primary" size="small" aria-label={`${t("gb.channels.take")} ${name}`} onClick={() => void take(file)}>
                  {t("gb.channels.take")}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3 className="device-sub">{t("gb.channels.other")}</h3>
      <div className="device-other">
        <FileSearch value={other} onChange={setOther} />
        <Button disabled={other === null} onClick={() => other !== null && void take(other)}>
          {t("gb.channels.take")}
        </Button>
      </div>
      <Fault error={failed?.error ?? null} />
      {differs && failed !== null && <Button onClick={() => void take(failed.file, true)}>{t("gb.channels.takeAnyway")}</Button>}
    </Modal>
  );
}

function FileSearch({ value, onChange }: { value: string | null; onChange: (file: string | null) => void }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const found = useReferenceSearch("camera", q, q !== "");
  const options = (found.data ?? []).map((one) => ({ value: one.id, label: nameOf(one) }));
  return (
    <Select
      allowClear
      aria-label={t("gb.channels.other")}
      placeholder={t("gb.channels.otherHint")}
      options={options}
      value={value}
      loading={found.isFetching}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      onChange={(file: string | null | undefined) => onChange(file ?? null)}
    />
  );
}
