import { CheckCircleOutlined, HourglassOutlined, LockOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Table, type TableColumnsType } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Person } from "../../api/client";
import type { Hold, KeepState, Kind, Mark } from "../../api/storage";
import { bytesText } from "../../shared/bytes";
import { causeText } from "../../shared/i18n";
import { Interval, Moment } from "../../shared/Interval";
import { LawLink } from "../../shared/LawLink";
import { may } from "../../shared/rights";
import { civilText } from "../../shared/time";
import { askedByMe } from "./kept";

interface Props {
  kind: Kind;
  items: (Mark | Hold)[];
  person: Person;
  onRelease: (kept: Mark | Hold) => void;
}

/** Marks or holds: who, when, why, by which article; and how far a release has come. */
export function KeptTable(props: Props): JSX.Element {
  const { t } = useTranslation();
  return (
    <Table<Mark | Hold>
      size="small"
      rowKey="id"
      columns={useColumns(props)}
      dataSource={props.items}
      pagination={false}
      scroll={{ x: "max-content" }}
      aria-label={t(`storage.views.${props.kind}`)}
      onRow={({ id, state }) => ({ "data-kept": id, "data-state": state }) as React.HTMLAttributes<HTMLElement>}
    />
  );
}

function useColumns({ kind, person, onRelease }: Props): TableColumnsType<Mark | Hold> {
  const { t } = useTranslation();
  const word = (name: string): string => t(`storage.kept.${name}`);
  const columns: TableColumnsType<Mark | Hold> = [
    { key: "state", title: word("state"), render: (_, kept) => <State kept={kept} /> },
    {
      key: "camera", title: word("camera"),
      render: (_, { camera, camera_name, start }) =>
        may(person, "watch") ? <Link to={`/video?layout=1&cameras=${camera}&at=${new Date(start).toISOString()}`}>{camera_name}</Link> : <b>{camera_name}</b>,
    },
    { key: "interval", title: word("interval"), render: (_, { start, end }) => <div className="kept-interval"><Interval start={start} end={end} /></div> },
    {
      key: "reason", title: word("reason"),
      render: (_, { reason, article }) => (
        <div className="kept-reason">
          {reason} <span className="fine nowrap"><LawLink article={article} /></span>
        </div>
      ),
    },
    {
      key: "by", title: word("by"),
      render: (_, { by, at }) => (
        <>
          {by} <p className="fine"><Moment at={at} /></p>
        </>
      ),
    },
  ];
  if (kind === "holds") columns.push({ key: "copy", title: word("copy"), render: (_, kept) => "copied_segments" in kept && <Copy hold={kept} /> });
  if (may(person, kind === "holds" ? "hold" : "release")) {
    columns.push({
      key: "actions", title: t("cameras.columns.actions"), fixed: "right",
      render: (_, kept) => kept.state !== "released" && <ReleaseButton kept={kept} person={person} run={() => onRelease(kept)} />,
    });
  }
  return columns;
}

const LOOKS: Record<KeepState, { tone: string; icon: ReactNode }> = {
  in_force: { tone: "good", icon: <LockOutlined /> },
  release_asked: { tone: "warn", icon: <HourglassOutlined /> },
  released: { tone: "quiet", icon: <CheckCircleOutlined /> },
};

/** The word, and below it who asked and who confirmed, when and why. */
function State({ kept: { state, release } }: { kept: Mark | Hold }): JSX.Element {
  const { t } = useTranslation();
  const { tone, icon } = LOOKS[state];
  return (
    <div className="kept-state" data-testid="kept-state">
      <span className={`tone-${tone} nowrap`}>
        {icon} {t(`storage.states.${state}`)}
      </span>
      {release !== null && (
        <p className="fine">{t("storage.kept.askedBy", { who: release.asked_by, at: civilText(Date.parse(release.asked_at)), reason: release.reason })}</p>
      )}
      {release !== null && release.confirmed_by !== null && (
        <p className="fine">{t("storage.kept.confirmedBy", { who: release.confirmed_by, at: civilText(Date.parse(release.confirmed_at ?? release.asked_at)) })}</p>
      )}
    </div>
  );
}

function ReleaseButton({ kept, person, run }: { kept: Mark | Hold; person: Person; run: () => void }): JSX.Element {
  const { t } = useTranslation();
  const asked = kept.state === "release_asked";
  const label = t(asked ? "storage.release.confirm" : "storage.release.ask");
  return (
    <>
      <Button size="small" onClick={run} aria-label={`${label} ${kept.camera_name} ${civilText(Date.parse(kept.start))}`}>
        {label}
      </Button>
      {asked && askedByMe(kept, person) && <p className="fine">{t("storage.release.another")}</p>}
    </>
  );
}

/** What lies in the write-once area, and what of the interval could not be copied because it was never there. */
function Copy({ hold }: { hold: Hold }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="kept-copy">
      <p className="digits nowrap">{t("storage.holds.copied", { n: hold.copied_segments, bytes: bytesText(hold.copied_bytes ?? 0) })}</p>
      {hold.sha256 !== null && (
        <p className="fine digits" title={hold.sha256}>
          SHA-256 {hold.sha256.slice(0, 12)}…
        </p>
      )}
      {hold.verified_at === null ? (
        <p className="tone-warn nowrap">
          <HourglassOutlined /> {t("storage.holds.unverified")}
        </p>
      ) : (
        <p className="fine">{t("storage.holds.verified", { at: civilText(Date.parse(hold.verified_at)) })}</p>
      )}
      {hold.missing.map(({ start, end, cause }) => (
        <p key={start} className="tone-warn">
          <WarningOutlined /> {t("storage.holds.missing")} <Interval start={start} end={end} /> {causeText(t, cause)}
        </p>
      ))}
    </div>
  );
}
