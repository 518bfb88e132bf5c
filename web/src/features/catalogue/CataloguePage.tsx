import { ShareAltOutlined } from "@ant-design/icons";
import { Button, Table, type TableColumnsType } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useCatalogue, type Offered } from "../../api/access";
import type { Person } from "../../api/client";
import { looksEn } from "../../shared/dictionaries/looks.en";
import { looksZhCN } from "../../shared/dictionaries/looks.zh-CN";
import { addWords } from "../../shared/i18n";
import { Interval } from "../../shared/Interval";
import { Empty, Failed, Loading } from "../../shared/States";
import { useSaid } from "../../shared/tongue";

addWords({ "zh-CN": looksZhCN, en: looksEn });

const REQUESTS = "/procedures/share-requests";

/** What departments may ask for (art. 20), with how often each entry was used. */
export default function CataloguePage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const found = useCatalogue();
  const columns = useColumns(person.roles.includes("department_user"));
  return (
    <div className="page" data-testid="catalogue">
      <header className="page-head">
        <h1>{t("catalogue.title")}</h1>
        <Link to="/procedures/share-entries">{t("catalogue.entries")}</Link>
        <Link to={REQUESTS}>{t("catalogue.requests")}</Link>
      </header>
      <p className="fine">{t("catalogue.hint")}</p>
      {found.data === undefined ? (
        found.isError ? <Failed error={found.error} retry={() => void found.refetch()} /> : <Loading />
      ) : found.data.length === 0 ? (
        <Empty icon={<ShareAltOutlined />} title={t("catalogue.none")} hint={t("catalogue.noneHint")} />
      ) : (
        <Table<Offered> size="small" rowKey="id" columns={columns} dataSource={found.data} pagination={false} aria-label={t("catalogue.title")} scroll={{ x: true }} />
      )}
    </div>
  );
}

function useColumns(asks: boolean): TableColumnsType<Offered> {
  const { t } = useTranslation();
  const said = useSaid();
  const columns: TableColumnsType<Offered> = [
    { title: t("catalogue.entry"), key: "entry", render: (_, { id, title }) => <Link to={`/procedures/share-entries/${id}`}>{title}</Link> },
    { title: t("catalogue.keeper"), key: "keeper", render: (_, { keeper }) => keeper.name },
    {
      title: t("catalogue.cameras"), key: "cameras",
      render: (_, { cameras }) => <span title={cameras.map(({ name }) => name).join("\n")}>{cameras.length}</span>,
    },
    { title: t("catalogue.kinds"), key: "kinds", render: (_, { kinds }) => kinds.map(({ words }) => said(words)).join(" · ") },
    { title: t("catalogue.conditions"), key: "conditions", dataIndex: "conditions" },
    { title: t("catalogue.period"), key: "period", render: (_, { begin, until }) => <Interval start={begin} end={until} /> },
    { title: t("catalogue.uses"), key: "uses", render: (_, { uses }) => <span className="digits">{uses}</span> },
  ];
  if (!asks) return columns;
  const ask = (id: string): JSX.Element => (
    <Link to={`${REQUESTS}?open=1&entry=${id}`}>
      <Button size="small" type="primary" tabIndex={-1}>{t("catalogue.ask")}</Button>
    </Link>
  );
  return [...columns, { title: "", key: "ask", render: (_, { id }) => ask(id) }];
}
