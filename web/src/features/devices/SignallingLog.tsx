import { ArrowLeftOutlined, ArrowRightOutlined, DownloadOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useDeferredValue, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { logFile, useLog, type Device, type Message } from "../../api/gb-devices";
import { Empty, Failed, Loading } from "../../shared/States";
import { civilText } from "../../shared/time";
import { firstLine } from "./messages";

/** What was said with a device: searched, drawn as a ladder, read as it was on the wire, taken away as a file. */
export function SignallingLog({ device }: { device: Device }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<number | null>(null);
  const q = useDeferredValue(typed.trim().toLowerCase());
  const log = useLog(device.id);
  if (log.data === undefined) return log.isError ? <Failed error={log.error} retry={() => void log.refetch()} /> : <Loading />;
  const shown = log.data.filter(({ text, peer }) => q === "" || `${text}\n${peer}`.toLowerCase().includes(q));
  const message = log.data.find(({ seq }) => seq === chosen) ?? null;
  return (
    <div className="device-log">
      <div className="filters" role="search">
        <Input allowClear className="page-search" prefix={<SearchOutlined />} aria-label={t("gb.log.find")} placeholder={t("gb.log.find")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        {(["txt", "pcap"] as const).map((form) => (
          <Button key={form} icon={<DownloadOutlined />} href={logFile(device.id, form)} download>
            {t(form === "txt" ? "gb.log.text" : "gb.log.pcap")}
          </Button>
        ))}
      </div>
      <p className="fine">{t("gb.log.hint")}</p>
      {shown.length === 0 ? (
        <Empty title={t(log.data.length === 0 ? "gb.log.none" : "gb.log.noneFound")} />
      ) : (
        <div className="device-ladder-page">
          <Ladder messages={shown} chosen={chosen} choose={setChosen} />
          <Raw message={message} />
        </div>
      )}
    </div>
  );
}

function Ladder({ messages, chosen, choose }: { messages: readonly Message[]; chosen: number | null; choose: (seq: number) => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="device-ladder" aria-label={t("gb.log.ladder")}>
      <div className="ladder-head" aria-hidden>
        <span />
        <b>{t("gb.log.device")}</b>
        <b>{t("gb.log.platform")}</b>
      </div>
      <ol>
        {messages.map((message) => (
          <li key={message.seq} data-direction={message.direction}>
            <time className="digits" dateTime={message.at}>
              {civilText(Date.parse(message.at))}
            </time>
            <button type="button" aria-label={`${t(`gb.log.${message.direction}`)}: ${firstLine(message.text)}`} aria-pressed={message.seq === chosen} onClick={() => choose(message.seq)}>
              {message.direction === "out" && <ArrowLeftOutlined aria-hidden />}
              <span>
                {firstLine(message.text)} {message.count > 1 && <span className="fine">{t("gb.log.times", { n: message.count })}</span>}
              </span>
              {message.direction === "in" && <ArrowRightOutlined aria-hidden />}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Raw({ message }: { message: Message | null }): JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="device-raw" aria-label={t("gb.log.raw")} aria-live="polite">
      <h3 className="device-sub">{t("gb.log.raw")}</h3>
      {message === null ? (
        <p className="fine">{t("gb.log.choose")}</p>
      ) : (
        <>
          <p className="fine digits">
            {message.transport.toUpperCase()} {message.direction === "in" ? `${message.peer} → ${message.local}` : `${message.local} → ${message.peer}`}
          </p>
          <pre tabIndex={0}>{message.text}</pre>
        </>
      )}
    </section>
  );
}
