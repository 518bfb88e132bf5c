import {
  ClockCircleOutlined, DeleteOutlined, EditOutlined, PlayCircleOutlined, PlusSquareOutlined, SafetyCertificateOutlined, SwapOutlined,
} from "@ant-design/icons";
import { Table, type TableColumnsType } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Person } from "../../api/client";
import { useFindings, useStorage, type Finding, type Findings } from "../../api/storage";
import { Interval, Moment } from "../../shared/Interval";
import { Pager, usePages } from "../../shared/Pager";
import { may } from "../../shared/rights";
import { Empty, Failed, Loading } from "../../shared/States";
import { civilText } from "../../shared/time";

const PAGE = 50;

/** What re-reading everything found, newest first; and how far the reading has come. */
export default function FindingsPage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const pages = usePages();
  const findings = useFindings(pages.cursor, PAGE);
  if (findings.data === undefined) {
    return findings.isError ? <Failed error={findings.error} retry={() => void findings.refetch()} /> : <Loading />;
  }
  const { items, next, audit } = findings.data;
  return (
    <>
      <AuditHead audit={audit} />
      {items.length === 0 ? <Nothing audit={audit} /> : <FindingTable items={items} watches={may(person, "watch")} label={t("storage.tabs.findings")} />}
      <Pager pages={pages} next={next} />
    </>
  );
}

function AuditHead({ audit }: { audit: Findings["audit"] }): JSX.Element {
  const { t } = useTranslation();
  const percent = coveredText(audit.covered_percent);
  return (
    <section className="audit" aria-label={t("storage.findings.audit")} data-testid="audit">
      <span>{t("storage.findings.period", { days: audit.period_days })}</span>
      <span className="audit-progress">
        <progress max={100} value={audit.covered_percent} aria-label={t("storage.findings.covered", { percent })} />
        <span className="digits">{t("storage.findings.covered", { percent })}</span>
      </span>
      <span className="digits">
        {audit.last_round_at === null ? t("storage.findings.firstRound") : t("storage.findings.lastRound", { at: civilText(Date.parse(audit.last_round_at)) })}
      </span>
    </section>
  );
}

/** Never rounded up to a whole round. */
function coveredText(percent: number): string {
  return percent >= 100 ? "100" : (Math.floor(percent * 10) / 10).toFixed(1);
}

function Nothing({ audit }: { audit: Findings["audit"] }): JSX.Element {
  const { t } = useTranslation();
  const icon = <SafetyCertificateOutlined className="tone-good" />;
  if (audit.last_round_at === null) {
    return <Empty icon={icon} title={t("storage.findings.noneYet")} hint={t("storage.findings.noneYetHint", { percent: coveredText(audit.covered_percent) })} />;
  }
  return <Empty icon={icon} title={t("storage.findings.none")} hint={t("storage.findings.noneHint", { at: civilText(Date.parse(audit.last_round_at)) })} />;
}

const ICONS: Record<Finding["kind"], ReactNode> = {
  altered: <EditOutlined />,
  removed: <DeleteOutlined />,
  inserted: <PlusSquareOutlined />,
  reordered: <SwapOutlined />,
  early_deleted: <ClockCircleOutlined />,
};

function FindingTable({ items, watches, label }: { items: Finding[]; watches: boolean; label: string }): JSX.Element {
  return (
    <Table<Finding>
      size="small"
      rowKey="id"
      columns={useColumns(watches)}
      dataSource={items}
      pagination={false}
      scroll={{ x: "max-content" }}
      aria-label={label}
      onRow={({ id, kind }) => ({ "data-finding": id, "data-kind": kind }) as React.HTMLAttributes<HTMLElement>}
    />
  );
}

function useColumns(watches: boolean): TableColumnsType<Finding> {
  const { t } = useTranslation();
  const paths = new Map(useStorage().data?.volumes.map(({ id, path }) => [id, path]));
  const word = (name: string): string => t(`storage.findings.columns.${name}`);
  const columns: TableColumnsType<Finding> = [
    { key: "found", title: word("found"), render: (_, { found_at }) => <Moment at={found_at} /> },
    {
      key: "kind", title: word("kind"),
      render: (_, { kind }) => (
        <b className="tone-bad nowrap">
          {ICONS[kind]} {t(`storage.findings.kinds.${kind}`, { defaultValue: kind })}
        </b>
      ),
    },
    { key: "camera", title: word("camera"), render: (_, { camera_name }) => <b>{camera_name}</b> },
    { key: "interval", title: word("interval"), render: (_, { start, end }) => <Interval start={start} end={end} /> },
    { key: "volume", title: word("volume"), render: (_, { volume }) => <span title={volume}>{paths.get(volume) ?? volume.slice(0, 8)}</span> },
    { key: "detail", title: word("detail"), render: (_, { detail }) => detail ?? "–" },
  ];
  if (watches) {
    columns.push({
      key: "watch", title: word("watch"), fixed: "right",
      render: (_, { camera, camera_name, start }) => (
        <Link className="nowrap" to={`/video?layout=1&cameras=${camera}&at=${new Date(start).toISOString()}`} aria-label={`${t("storage.watch")} ${camera_name} ${civilText(Date.parse(start))}`}>
          <PlayCircleOutlined /> {t("storage.watch")}
        </Link>
      ),
    });
  }
  return columns;
}
