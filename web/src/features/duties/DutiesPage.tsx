import { FilterOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Segmented, Select, Switch } from "antd";
import { useMemo, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import type { Person } from "../../api/client";
import { useDuties, useTally, type DutyFilter, type OwedDuty } from "../../api/duties";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import { useDivisions } from "../../shared/office/divisions";
import { DEADLINE_GROUPS, groupOf } from "../../shared/office/left";
import "../../shared/office/office.css";
import { useNow } from "../../shared/office/TimeLeft";
import { Empty, Failed, Loading } from "../../shared/States";
import { useSaid } from "../../shared/tongue";
import { DutyRow } from "./DutyRow";
import { TallyList } from "./TallyList";
import "./duties.css";

addWords({ "zh-CN": officeZhCN, en: officeEn });

const MET = ["met", "met_late"] as const;

/** What is owed, the most urgent first; met ones, with their evidence, on demand. */
export default function DutiesPage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const { filter, isMet, choose, clear } = useFilter(person);
  const tally = useTally(filter);
  const belongs = person.organisation !== null && person.organisation !== undefined;
  return (
    <div className="page duties" data-testid="duties">
      <header className="page-head">
        <h1>{t("duties.title")}</h1>
        <Totals tally={tally.data ?? []} />
        <Segmented
          aria-label={t("duties.which")}
          value={isMet ? "met" : "open"}
          options={[
            { value: "open", label: t("duties.open") },
            { value: "met", label: t("duties.met") },
          ]}
          onChange={(to) => choose("view", to === "met" ? "met" : null)}
        />
        <Divisions chosen={filter.division} choose={(division) => choose("division", division)} />
        {belongs && (
          <label className="duties-mine">
            <Switch size="small" checked={filter.mine} onChange={(on) => choose("mine", on ? "1" : null)} /> {t("duties.mine")}
          </label>
        )}
      </header>
      <div className="duties-columns">
        {!isMet && <TallyList tally={tally.data ?? []} chosen={filter.code} choose={(code) => choose("code", code)} />}
        <List filter={filter} isMet={isMet} clear={clear} />
      </div>
    </div>
  );
}

function Divisions({ chosen, choose }: { chosen: string; choose: (division: string | null) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  return (
    <Select
      className="filter-choice"
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      aria-label={t("procedures.division")}
      placeholder={t("procedures.anyDivision")}
      options={Object.entries(useDivisions()).map(([value, words]) => ({ value, label: said(words) }))}
      value={chosen === "" ? null : chosen}
      onChange={(to: string | null | undefined) => choose(to ?? null)}
    />
  );
}

function useFilter(person: Person) {
  const [query, setQuery] = useSearchParams();
  const isMet = query.get("view") === "met";
  const choose = (name: string, value: string | null): void =>
    setQuery(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const mine = query.get("mine") === "1" && person.organisation !== null;
  const filter: DutyFilter = { state: isMet ? MET : [], mine, code: query.get("code"), division: query.get("division") ?? "" };
  return { filter, isMet, choose, clear: () => setQuery(isMet ? { view: "met" } : {}) };
}

function Totals({ tally }: { tally: readonly { open: number; overdue: number }[] }): JSX.Element {
  const { t } = useTranslation();
  const sum = (name: "open" | "overdue"): number => tally.reduce((total, one) => total + one[name], 0);
  const overdue = sum("overdue");
  return (
    <p className="duties-totals digits" role="status">
      {overdue > 0 && <b className="tone-bad">{t("duties.overdueN", { n: overdue })}</b>} <span>{t("duties.openN", { n: sum("open") })}</span>
    </p>
  );
}

function List({ filter, isMet, clear }: { filter: DutyFilter; isMet: boolean; clear: () => void }): JSX.Element {
  const { t } = useTranslation();
  const duties = useDuties(filter);
  const items = useMemo(() => duties.data?.pages.flatMap((page) => page.items) ?? [], [duties.data]);
  const ahead = useAhead(duties.data?.pages.at(-1)?.now, duties.dataUpdatedAt);
  const now = useNow(ahead);
  if (duties.isPending) return <Loading />;
  if (duties.isError && items.length === 0) return <Failed error={duties.error} retry={() => void duties.refetch()} />;
  if (items.length === 0) return <Nothing filter={filter} isMet={isMet} clear={clear} />;
  return (
    <div className={duties.isPlaceholderData ? "duties-list stale" : "duties-list"}>
      {isMet ? <Rows items={items} now={now} /> : <Groups items={items} now={now} more={duties.hasNextPage} />}
      {duties.hasNextPage && (
        <Button icon={<FilterOutlined />} loading={duties.isFetchingNextPage} onClick={() => void duties.fetchNextPage()}>
          {t("duties.more")}
        </Button>
      )}
    </div>
  );
}

/** How far the server's clock was ahead of this computer's when it answered. */
function useAhead(serverNow: string | undefined, answeredAt: number): number {
  return useMemo(() => (serverNow === undefined ? 0 : Date.parse(serverNow) - answeredAt), [serverNow, answeredAt]);
}

function Nothing({ filter, isMet, clear }: { filter: DutyFilter; isMet: boolean; clear: () => void }): JSX.Element {
  const { t } = useTranslation();
  const action = { label: t("video.clearFilter"), run: clear };
  if (filter.code !== null || filter.mine || filter.division !== "") return <Empty title={t("duties.noneFound")} action={action} />;
  if (isMet) return <Empty title={t("duties.noneMet")} />;
  return <Empty icon={<SafetyCertificateOutlined className="tone-good" />} title={t("duties.none")} hint={t("duties.noneHint")} />;
}

function Groups({ items, now, more }: { items: readonly OwedDuty[]; now: number; more: boolean }): JSX.Element {
  const { t } = useTranslation();
  const dueOf = ({ due_at: due }: OwedDuty): number | null => (due === null ? null : Date.parse(due));
  const groups = DEADLINE_GROUPS.map((group) => ({ group, some: items.filter((duty) => groupOf(dueOf(duty), now) === group) }));
  return (
    <>
      {groups
        .filter(({ some }) => some.length > 0)
        .map(({ group, some }, n, all) => (
          <section key={group} aria-labelledby={`duties-${group}`} data-group={group}>
            <h2 id={`duties-${group}`} className={group === "overdue" ? "tone-bad" : undefined}>
              {t(`duties.groups.${group}`)}{" "}
              <span className="fine digits">
                {t("duties.count", { n: some.length })}
                {more && n === all.length - 1 && "+"}
              </span>
            </h2>
            <Rows items={some} now={now} />
          </section>
        ))}
    </>
  );
}

function Rows({ items, now }: { items: readonly OwedDuty[]; now: number }): JSX.Element {
  return (
    <ul className="duty-rows">
      {items.map((duty) => (
        <DutyRow key={duty.id} duty={duty} now={now} />
      ))}
    </ul>
  );
}
