import { useQuery } from "@tanstack/react-query";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { storedQuery } from "../../../api/queries";
import { causeText } from "../../../shared/i18n";
import { Failed, Loading } from "../../../shared/States";
import { civilRangeText, DAY, durationText } from "../../../shared/time";
import type { TabProps } from "../FilePage";

const WIDTH = 1000; // of the strip, in its own units
const GAPS_SHOWN = 50;

/** What is stored of the last day: how much, and every gap with its cause. */
export default function Recordings({ file }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const [end] = useState(() => Date.now());
  const start = end - DAY;
  const stored = useQuery(storedQuery(file.id, start, end));
  if (stored.isPending) return <Loading />;
  if (stored.isError) return <Failed error={stored.error} retry={() => void stored.refetch()} />;
  const spans = stored.data.spans;
  const present = spans.filter(({ kind }) => kind === "present");
  const gaps = spans.filter(({ kind }) => kind !== "present");
  const covered = present.reduce((sum, { startMs, endMs }) => sum + Math.min(endMs, end) - Math.max(startMs, start), 0);
  return (
    <section className="card-plain recordings" aria-labelledby="recordings">
      <h2 id="recordings">{t("file.lastDay")}</h2>
      <p className="digits">{t("file.coveredOf", { time: durationText(covered), percent: (Math.floor((covered / DAY) * 1000) / 10).toFixed(1) })}</p>
      <svg viewBox={`0 0 ${WIDTH} 20`} preserveAspectRatio="none" className="day-strip" role="img" aria-label={t("file.lastDay")}>
        {present.map(({ startMs, endMs }) => (
          <rect key={startMs} className="part-used" x={((startMs - start) / DAY) * WIDTH} width={Math.max(1, ((endMs - startMs) / DAY) * WIDTH)} y="0" height="20" />
        ))}
      </svg>
      <p>
        <Link to={`/video?layout=1&cameras=${file.id}&at=${new Date(end - 5 * 60_000).toISOString()}`}>{t("file.playBack")}</Link>
      </p>
      {gaps.length > 0 && (
        <>
          <h3>{t("file.gaps", { n: gaps.length })}</h3>
          <ul className="about-list">
            {gaps.slice(-GAPS_SHOWN).reverse().map(({ startMs, endMs, cause }) => (
              <li key={startMs}>
                <span className="digits">{civilRangeText(startMs, endMs)}</span> · {durationText(endMs - startMs)} · {causeText(t, cause)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
