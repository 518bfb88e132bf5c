import { InboxOutlined, ThunderboltOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Kind } from "../../api/procedures";
import { useInbox, type Waiting } from "../../api/requests";
import { Interval } from "../../shared/Interval";
import { DueAt, TimeLeft, useNow } from "../../shared/office/TimeLeft";
import { Pager, usePages } from "../../shared/Pager";
import { Empty, Failed, Loading } from "../../shared/States";
import { optionsIn, useWord } from "./codes";

const PAGE = 50;

/** What is to be answered, the most urgent first. */
export function InboxPage({ kind }: { kind: Kind }): JSX.Element {
  const { t } = useTranslation();
  const pages = usePages();
  const inbox = useInbox(pages.cursor, PAGE);
  const now = useNow(inbox.data === undefined ? 0 : Date.parse(inbox.data.now) - inbox.dataUpdatedAt);
  const items = inbox.data?.items ?? [];
  return (
    <div className="page requests" data-testid="request-inbox">
      <header className="page-head">
        <h1>{t("requests.inbox")}</h1>
        <Link to={`/procedures/${kind.path}`}>{t("requests.all")}</Link>
      </header>
      {inbox.data === undefined && (inbox.isError ? <Failed error={inbox.error} retry={() => void inbox.refetch()} /> : <Loading />)}
      {inbox.data !== undefined && items.length === 0 && <Empty icon={<InboxOutlined />} title={t("requests.empty")} hint={t("requests.emptyHint")} />}
      <ul className="request-list">
        {items.map((one) => (
          <Row key={one.id} kind={kind} one={one} now={now} />
        ))}
      </ul>
      <Pager pages={pages} next={inbox.data?.next ?? null} />
    </div>
  );
}

function Row({ kind, one, now }: { kind: Kind; one: Waiting; now: number }): JSX.Element {
  const { t } = useTranslation();
  const word = useWord();
  const verbs = optionsIn(kind.data, "verbs");
  return (
    <li data-request={one.id} data-state={one.state}>
      <div className="request-when">
        <TimeLeft duty={{ due_at: one.due_at, state: one.state }} now={now} />
        <span className="fine">
          <DueAt due={one.due_at} />
        </span>
      </div>
      <div>
        <Link className="record-link" to={`/requests/${one.id}`}>
          {one.title}
        </Link>{" "}
        <span className="fine digits nowrap">{one.number}</span>
        {one.is_urgent && (
          <span className="tone-warn nowrap">
            {" "}
            <ThunderboltOutlined /> {t("requests.urgent")}
          </span>
        )}
        <p className="fine">
          {one.organ?.name ?? "–"} · {t("requests.cameras", { n: one.cameras })} · {one.verbs.map((verb) => word(verbs, verb)).join(" · ")} · <Interval start={one.begin} end={one.end} />
        </p>
      </div>
    </li>
  );
}
