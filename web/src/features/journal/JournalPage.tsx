import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Input, Table, type TableColumnsType } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { proofPath, useCheckpoint, useJournal, type JournalEntry, type JournalPage as JournalAnswer } from "../../api/journal";
import { journalEn } from "../../shared/dictionaries/journal.en";
import { journalZhCN } from "../../shared/dictionaries/journal.zh-CN";
import { addWords } from "../../shared/i18n";
import { Moment } from "../../shared/Interval";
import { Pager, usePages } from "../../shared/Pager";
import { Empty, Failed, Loading } from "../../shared/States";
import { civilText } from "../../shared/time";

addWords({ "zh-CN": journalZhCN, en: journalEn });

const PAGE = 50;

/** Every entry, newest first; the signed head of the log they are in; a proof of each for whoever doubts it. */
export default function JournalPage(): JSX.Element {
  const { t } = useTranslation();
  const pages = usePages();
  const [query, setQuery] = useSearchParams();
  const newest = entryIn(query.get("newest"));
  const journal = useJournal(pages.cursor, PAGE, newest);
  return (
    <div className="page" data-testid="journal-page">
      <header className="page-head">
        <h1>{t("journal.title")}</h1>
        <Input.Search
          key={newest}
          className="page-search"
          allowClear
          inputMode="numeric"
          maxLength={16}
          defaultValue={newest ?? ""}
          placeholder={t("journal.jump")}
          aria-label={t("journal.jump")}
          onSearch={(text) => setQuery(entryIn(text) === null ? {} : { newest: text.trim() })}
        />
      </header>
      <Head />
      {journal.data === undefined ? (
        journal.isError ? <Failed error={journal.error} retry={() => void journal.refetch()} /> : <Loading />
      ) : (
        <>
          {journal.data.items.length === 0 ? <Empty title={t("journal.none")} hint={t("journal.noneHint")} /> : <Entries {...journal.data} wanted={newest} />}
          <Pager pages={pages} next={journal.data.next} />
        </>
      )}
    </div>
  );
}

function Head(): JSX.Element {
  const { t } = useTranslation();
  const checkpoint = useCheckpoint();
  if (checkpoint.data === undefined) {
    return checkpoint.isError ? <Failed error={checkpoint.error} retry={() => void checkpoint.refetch()} /> : <Loading />;
  }
  const { origin, size, root, signed_at, key } = checkpoint.data;
  return (
    <section className="audit" aria-label={t("journal.checkpoint")} data-testid="checkpoint">
      <dl className="facts">
        <Fact name={t("journal.origin")}>{origin}</Fact>
        <Fact name={t("journal.size")}>{size}</Fact>
        <Fact name={t("journal.signedAt")}>
          <Moment at={signed_at} />
        </Fact>
        <Fact name={t("journal.root")}>
          <code>{root}</code>
        </Fact>
        <Fact name={t("journal.key")}>
          <code title={t("journal.keyHint")}>{key}</code>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The number of an entry, as typed or in the address; null: none. */
const entryIn = (text: string | null): number | null => (/^\d{1,15}$/.test(text?.trim() ?? "") ? Number(text) : null);

/** `wanted`: the number of the entry that was asked for. */
function Entries({ items, names, wanted }: JournalAnswer & { wanted: number | null }): JSX.Element {
  const { t } = useTranslation();
  const told = useTold(names);
  const columns: TableColumnsType<JournalEntry> = [
    { key: "sequence", title: t("journal.columns.sequence"), render: (_, { sequence }) => <span className="digits">{sequence}</span> },
    { key: "at", title: t("journal.columns.at"), render: (_, { at }) => <Moment at={at} /> },
    { key: "kind", title: t("journal.columns.kind"), render: (_, { kind }) => <span className="nowrap" title={kind}>{t(`journal.kinds.${kind.replaceAll(".", "_")}`, { defaultValue: kind })}</span> },
    { key: "who", title: t("journal.columns.who"), render: (_, { entry }) => <span className="nowrap">{told(entry["actor"])}</span> },
    { key: "entry", title: t("journal.columns.entry"), render: (_, { entry }) => <Fields entry={entry} told={told} /> },
    {
      key: "proof", title: t("journal.columns.proof"), fixed: "right",
      render: (_, { sequence }) => (
        <Button size="small" icon={<SafetyCertificateOutlined />} href={proofPath(sequence)} download={`journal-${sequence}.tlog-proof`} title={t("journal.proofHint")} aria-label={t("journal.proofOf", { sequence })}>
          {t("journal.proof")}
        </Button>
      ),
    },
  ];
  return (
    <Table<JournalEntry>
      size="small" rowKey="sequence" columns={columns} dataSource={items} pagination={false} scroll={{ x: "max-content" }} aria-label={t("journal.title")}
      rowClassName={({ sequence }) => (sequence === wanted ? "row-wanted" : "")}
      onRow={({ sequence }) => ({ "data-entry": sequence }) as React.HTMLAttributes<HTMLElement>}
    />
  );
}

type Told = (value: unknown) => string;

/** The fields of an entry in words, those without a value left out; as they were written under the pointer. */
function Fields({ entry, told }: { entry: Record<string, unknown>; told: Told }): JSX.Element {
  const { t } = useTranslation();
  const given = Object.entries(entry).filter(([name, value]) => name !== "actor" && value !== null && value !== "");
  const words = given.map(([name, value]) => `${t(`journal.fields.${name}`, { defaultValue: name })} ${told(value)}`);
  return <span title={JSON.stringify(entry, null, 1)}>{words.join(" · ")}</span>;
}

const OURS = "00000000-0000-0000-0000-0000000000"; // ids of the platform's own jobs, and of its console
const CONSOLE = `${OURS}01`;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** A value in words: names for ids, China's time for instants. */
function useTold(names: Record<string, string>): Told {
  const { t } = useTranslation();
  return (value) => {
    if (typeof value === "boolean") return t(value ? "journal.yes" : "journal.no");
    if (typeof value !== "string") return JSON.stringify(value);
    if (value === CONSOLE) return t("journal.console");
    if (value.startsWith(OURS)) return t("journal.platform");
    return INSTANT.test(value) ? civilText(Date.parse(value)) : (names[value] ?? value);
  };
}
