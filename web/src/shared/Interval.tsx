import type { JSX } from "react";

import { civilRangeText, civilText, utcRangeText } from "./time";

/** An interval in civil time with its offset; the tooltip has UTC, for whoever compares with other records. */
export function Interval({ start, end }: { start: string; end: string }): JSX.Element {
  const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
  return (
    <span className="digits" title={utcRangeText(startMs, endMs)}>
      {civilRangeText(startMs, endMs)}
    </span>
  );
}

/** One moment in civil time, UTC in the tooltip. */
export function Moment({ at }: { at: string }): JSX.Element {
  return (
    <time className="digits nowrap" dateTime={at} title={`UTC ${new Date(at).toISOString().replace("T", " ")}`}>
      {civilText(Date.parse(at))}
    </time>
  );
}
