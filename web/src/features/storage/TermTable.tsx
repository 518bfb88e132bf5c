import { EditOutlined, FlagOutlined, LockOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Table, type TableColumnsType } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Kind, Term } from "../../api/storage";
import { Moment } from "../../shared/Interval";
import { LawLink } from "../../shared/LawLink";
import { lastDayOf } from "../../shared/time";

interface Props {
  terms: Term[];
  stale: boolean;
  rights: { term: boolean; mark: boolean; hold: boolean };
  onChange: (term: Term) => void;
  onKeep: (kind: Kind, term: Term) => void;
}

export function TermTable(props: Props): JSX.Element {
  const { t } = useTranslation();
  return (
    <Table<Term>
      className={props.stale ? "stale" : ""}
      size="small"
      rowKey="camera"
      columns={useColumns(props)}
      dataSource={props.terms}
      pagination={false}
      scroll={{ x: "max-content" }}
      aria-label={t("storage.views.terms")}
      onRow={({ camera }) => ({ "data-camera": camera }) as React.HTMLAttributes<HTMLElement>}
    />
  );
}

function useColumns({ rights, onChange, onKeep }: Props): TableColumnsType<Term> {
  const { t } = useTranslation();
  const word = (name: string): string => t(`storage.terms.columns.${name}`);
  const columns: TableColumnsType<Term> = [
    { key: "name", title: word("name"), render: (_, { name }) => <b>{name}</b> },
    { key: "class", title: word("class"), render: (_, term) => t(`storage.classes.${term.class}`) },
    {
      key: "term", title: word("term"),
      render: (_, { days, article, code, citation }) => (
        <>
          <span className="nowrap" title={code}>
            <b className="digits">{t("storage.terms.days", { days })}</b> <LawLink article={article} code={code} />
          </span>
          <p className="fine citation">{citation}</p>
        </>
      ),
    },
    { key: "oldest", title: word("oldest"), render: (_, { oldest }) => (oldest === null ? t("storage.terms.nothingYet") : <Moment at={oldest} />) },
    {
      key: "until", title: word("until"),
      render: (_, { oldest, days }) => (oldest === null ? "–" : <span className="digits nowrap">{t("storage.terms.until", { day: lastDayOf(Date.parse(oldest), days) })}</span>),
    },
    { key: "marks", title: word("marks"), align: "right", render: (_, term) => <Count kind="marks" n={term.marks} term={term} /> },
    { key: "holds", title: word("holds"), align: "right", render: (_, term) => <Count kind="holds" n={term.holds} term={term} /> },
    { key: "overdue", title: word("overdue"), align: "right", render: (_, { overdue_segments: n }) => <Overdue n={n} /> },
  ];
  if (rights.term || rights.mark || rights.hold) {
    columns.push({
      key: "actions", title: t("cameras.columns.actions"), fixed: "right",
      render: (_, term) => (
        <span className="row-actions">
          {rights.mark && <Act label={t("storage.marks.add")} icon={<FlagOutlined />} name={term.name} run={() => onKeep("marks", term)} />}
          {rights.hold && <Act label={t("storage.holds.add")} icon={<LockOutlined />} name={term.name} run={() => onKeep("holds", term)} />}
          {rights.term && <Act label={t("storage.terms.change")} icon={<EditOutlined />} name={term.name} run={() => onChange(term)} />}
        </span>
      ),
    });
  }
  return columns;
}

function Count({ kind, n, term }: { kind: Kind; n: number; term: Term }): JSX.Element {
  const { t } = useTranslation();
  if (n === 0) return <span className="digits">0</span>;
  const name = `${t(`storage.views.${kind}`)} ${term.name} ${n}`;
  return (
    <Link className="digits count" to={`/storage/retention?view=${kind}&camera=${term.camera}`} aria-label={name}>
      {n}
    </Link>
  );
}

/** Past their term and still there: waiting for the removal job, or kept from it by trouble. */
function Overdue({ n }: { n: number }): JSX.Element {
  if (n === 0) return <span className="digits">0</span>;
  return (
    <span className="digits tone-warn">
      <WarningOutlined /> {n}
    </span>
  );
}

function Act({ label, icon, name, run }: { label: string; icon: ReactNode; name: string; run: () => void }): JSX.Element {
  return <Button type="text" icon={icon} title={label} aria-label={`${label} ${name}`} onClick={run} />;
}
