import { useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Popover } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";

import type { Person } from "../../api/client";
import { handleAlarm, useAlarms, type Alarm } from "../../api/gb-devices";
import { gbEn } from "../../shared/dictionaries/gb.en";
import { gbZhCN } from "../../shared/dictionaries/gb.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import { Moment } from "../../shared/Interval";
import "../../shared/office/office.css";
import { Pager, usePages } from "../../shared/Pager";
import { Empty, Failed, Loading } from "../../shared/States";
import { civilText } from "../../shared/time";
import { Fault } from "../../shared/Fault";
import "./devices.css";

addWords({ "zh-CN": { ...officeZhCN, ...gbZhCN }, en: { ...officeEn, ...gbEn } });

const PAGE = 100;
const HANDLERS = ["watcher", "shift_lead"]; // as `api/routes/gb_alarms.py`

/** What devices reported, newest first; what nobody has handled yet stands out. */
export default function AlarmsPage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const onlyOpen = !query.has("all");
  const choose = (open: boolean): void => setQuery(open ? {} : { all: "1" }, { replace: true }); // from the first page
  const pages = usePages();
  const alarms = useAlarms(onlyOpen, pages.cursor, PAGE);
  const items = alarms.data?.items ?? [];
  const mayHandle = person.roles.some((role) => HANDLERS.includes(role));
  return (
    <div className="page devices" data-testid="alarms-page">
      <header className="page-head">
        <h1>{t("gb.alarms.title")}</h1>
        <Checkbox checked={onlyOpen} onChange={(event) => choose(event.target.checked)}>
          {t("gb.alarms.onlyOpen")}
        </Checkbox>
      </header>
      {alarms.isPending && <Loading />}
      {alarms.isError && items.length === 0 && <Failed error={alarms.error} retry={() => void alarms.refetch()} />}
      {alarms.isSuccess && items.length === 0 && <Empty title={t(onlyOpen ? "gb.alarms.noneOpen" : "gb.alarms.none")} />}
      {items.length > 0 && (
        <div className="plain-table" role="region" aria-label={t("gb.alarms.title")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {(["at", "camera", "what", "priority", "handled"] as const).map((column) => (
                  <th key={column} scope="col">
                    {t(`gb.alarms.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((alarm) => (
                <Row key={alarm.id} alarm={alarm} mayHandle={mayHandle} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!onlyOpen && <p className="fine">{t("gb.alarms.kept")}</p>}
      <Pager pages={pages} next={alarms.data?.next ?? null} />
    </div>
  );
}

function Row({ alarm, mayHandle }: { alarm: Alarm; mayHandle: boolean }): JSX.Element {
  const { t } = useTranslation();
  const what = [t(`gb.alarms.methods.${alarm.method}`, alarm.method), t(`gb.alarms.types.${alarm.method}_${alarm.type}`, alarm.type)].filter((text) => text !== "");
  return (
    <tr data-alarm={alarm.id}>
      <td>
        <Moment at={alarm.happened_at} />
        {alarm.said_at !== "" && <div className="fine digits">{t("gb.alarms.said", { at: alarm.said_at })}</div>}
      </td>
      <th scope="row">
        {alarm.label}{" "}
        {alarm.camera !== null && (
          <Link className="nowrap" to={`/video?layout=1&cameras=${alarm.camera}&at=${new Date(alarm.start).toISOString()}`}>
            {t("gb.alarms.footage")}
          </Link>
        )}
      </th>
      <td>
        {what.join(" · ")} <span className="fine">{alarm.description}</span>
      </td>
      <td className="digits">{alarm.priority}</td>
      <td>{alarm.handled_at === null ? mayHandle && <Handle alarm={alarm} /> : <span className="fine">{[t("gb.alarms.handledBy", { who: alarm.handled_by_name, at: civilText(Date.parse(alarm.handled_at)) }), alarm.note].filter((text) => text !== "").join(" · ")}</span>}</td>
    </tr>
  );
}

function Handle({ alarm }: { alarm: Alarm }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [error, setError] = useState<unknown>(null);
  const handle = async (): Promise<void> => {
    try {
      await handleAlarm(alarm.id, note.trim());
      await client.invalidateQueries({ queryKey: ["gb-alarms"] });
    } catch (why) {
      setError(why);
    }
  };
  const form = (
    <form
      className="alarm-handling"
      onSubmit={(event) => {
        event.preventDefault();
        void handle();
      }}
    >
      <Input autoFocus maxLength={500} aria-label={t("gb.alarms.note")} placeholder={t("gb.alarms.note")} value={note} onChange={(event) => setNote(event.target.value)} />
      <Button type="primary" htmlType="submit">
        {t("gb.alarms.handle")}
      </Button>
      <Fault error={error} />
    </form>
  );
  return (
    <Popover trigger="click" content={form}>
      <Button size="small" aria-label={`${t("gb.alarms.handle")}: ${alarm.label}`}>
        {t("gb.alarms.handle")}
      </Button>
    </Popover>
  );
}
