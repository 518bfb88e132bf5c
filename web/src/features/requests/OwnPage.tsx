import { FileAddOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useRecords, type Kind } from "../../api/procedures";
import { Moment } from "../../shared/Interval";
import { StateTag } from "../../shared/office/states";
import { Empty, Failed, Loading } from "../../shared/States";

const SHOWN = 50;

/** The requests of one's own unit, and the way to a new one. */
export function OwnPage({ kind }: { kind: Kind }): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const records = useRecords(kind, { state: [], division: "", q: "" }, null, SHOWN);
  const items = records.data?.items ?? [];
  const create = (): void => void navigate("/requests/new");
  return (
    <div className="page requests" data-testid="own-requests">
      <header className="page-head">
        <h1>{t("requests.own")}</h1>
        <Button type="primary" icon={<FileAddOutlined />} onClick={create}>
          {t("requests.new")}
        </Button>
      </header>
      {records.data === undefined && (records.isError ? <Failed error={records.error} retry={() => void records.refetch()} /> : <Loading />)}
      {records.data !== undefined && items.length === 0 && <Empty title={t("requests.none")} hint={t("requests.noneHint")} action={{ label: t("requests.new"), run: create }} />}
      <ul className="request-list">
        {items.map(({ id, title, number, state, changed_at }) => (
          <li key={id} data-request={id}>
            <StateTag kind={kind} state={state} />
            <div>
              <Link className="record-link" to={`/procedures/${kind.path}/${id}`}>
                {title}
              </Link>{" "}
              <span className="fine digits nowrap">{number}</span>
              <p className="fine">
                <Moment at={changed_at} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
