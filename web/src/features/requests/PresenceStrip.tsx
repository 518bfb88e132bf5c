import { Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { usePresence, type CameraPresence, type Nameable } from "../../api/requests";
import { useProblemText } from "../../shared/States";
import { civilRangeText, DAY, HOUR } from "../../shared/time";
import { fromSecond, toSecond } from "./seconds";

interface Props {
  cameras: readonly Nameable[];
  /** As typed: civil time to the second. */
  begin: string;
  end: string;
  choose: (change: { begin?: string; end?: string }) => void;
}

/** The interval to the second, over the day it lies in: where recordings exist of each camera. Never a picture. */
export function PresenceStrip({ cameras, begin, end, choose }: Props): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  const [opened] = useState(() => Date.now()); // one window while nothing is typed: the strip stands still
  const window = windowOf(fromSecond(begin), fromSecond(end), opened);
  const presence = usePresence(cameras.map(({ id }) => id), new Date(window.startMs).toISOString(), new Date(window.endMs).toISOString());
  const field = (name: "begin" | "end", value: string, label: string) => (
    <label className="request-field">
      <span className="form-label">{label}</span>
      <Input type="datetime-local" step={1} suffix="+08:00" value={value} onChange={(event) => choose({ [name]: event.target.value })} />
    </label>
  );
  return (
    <div className="presence">
      <div className="request-set">
        {field("begin", begin, t("requests.from"))}
        {field("end", end, t("requests.until"))}
      </div>
      {cameras.length > 0 && <p className="fine digits">{t("requests.strip", { range: civilRangeText(window.startMs, window.endMs) })}</p>}
      {presence.isError && <p className="tone-bad">{explain(presence.error).title}</p>}
      {cameras.map(({ id, name }) => (
        <Lane key={id} name={name} window={window} presence={presence.data?.find(({ camera }) => camera === id)} chosen={[fromSecond(begin), fromSecond(end)]} choose={choose} />
      ))}
    </div>
  );
}

interface Window {
  startMs: number;
  endMs: number;
}

const MOST = 30 * DAY;

/** A little more than what is typed; the last day while nothing is. */
export function windowOf(begin: string | null, end: string | null, now: number): Window {
  const startMs = begin === null ? (end === null ? now - DAY : Date.parse(end) - DAY) : Date.parse(begin);
  const endMs = Math.min(end === null || Date.parse(end) <= startMs ? startMs + DAY : Date.parse(end), startMs + MOST);
  const margin = begin === null || end === null ? 0 : Math.max(HOUR, (endMs - startMs) / 4);
  return { startMs: startMs - margin, endMs: Math.min(endMs + margin, startMs - margin + MOST) };
}

interface LaneProps {
  name: string;
  window: Window;
  presence: CameraPresence | undefined;
  chosen: readonly [string | null, string | null];
  choose: Props["choose"];
}

/** One camera's recordings; a stretch of them can be taken as the interval, by mouse or key. */
function Lane({ name, window: { startMs, endMs }, presence, chosen, choose }: LaneProps): JSX.Element {
  const { t } = useTranslation();
  const place = (ms: number): number => (100 * (Math.min(Math.max(ms, startMs), endMs) - startMs)) / (endMs - startMs);
  const [from, to] = chosen;
  const spans = presence?.present ?? [];
  return (
    <div className="lane" role="group" aria-label={name}>
      <span className="lane-name">{name}</span>
      <div className="lane-strip">
        {spans.map(({ start, end }) => (
          <button
            key={start}
            type="button"
            className="lane-span"
            style={{ insetInlineStart: `${place(Date.parse(start))}%`, width: `${place(Date.parse(end)) - place(Date.parse(start))}%` }}
            aria-label={t("requests.take", { range: civilRangeText(Date.parse(start), Date.parse(end)) })}
            title={civilRangeText(Date.parse(start), Date.parse(end))}
            onClick={() => choose({ begin: toSecond(start), end: toSecond(end) })}
          />
        ))}
        {from !== null && to !== null && Date.parse(from) < Date.parse(to) && (
          <span className="lane-chosen" style={{ insetInlineStart: `${place(Date.parse(from))}%`, width: `${place(Date.parse(to)) - place(Date.parse(from))}%` }} aria-hidden="true" />
        )}
      </div>
      {presence !== undefined && spans.length === 0 && <span className="fine">{t("requests.nothingRecorded")}</span>}
    </div>
  );
}
