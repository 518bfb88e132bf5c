import { DownOutlined, FilterOutlined, SearchOutlined, UpOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { lazy, Suspense, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Counts } from "../../api/camera-files";
import { useFields } from "./fields";
import { useStateName } from "./LifeState";
import { useSaid } from "../tongue";
import { moreOf } from "./filters";
import "./inventory.css";
import type { FilterState } from "./useFilter";

const MoreFilters = lazy(() => import("./MoreFilters"));

const counted = (label: string, n: number | undefined): string => (n === undefined ? label : `${label} (${n})`);

/** What is asked most stands in one row; the rest opens below it. */
export function FilterBar({ state, counts }: { state: FilterState; counts: Counts | undefined }): JSX.Element {
  const { t } = useTranslation();
  const more = moreOf(state.filter);
  const [open, setOpen] = useState(more > 0);
  return (
    <div role="search" aria-label={t("files.filter")} className="file-filter">
      <div className="filters">
        <Input
          allowClear
          className="page-search"
          id="file-search"
          prefix={<SearchOutlined />}
          aria-label={t("files.find")}
          placeholder={t("files.find")}
          value={state.typed}
          onChange={(event) => state.setTyped(event.target.value)}
        />
        <First state={state} counts={counts} />
        <Button icon={<FilterOutlined />} aria-expanded={open} onClick={() => setOpen(!open)} data-testid="more-filters">
          {more > 0 ? t("files.moreN", { n: more }) : t("files.more")} {open ? <UpOutlined /> : <DownOutlined />}
        </Button>
        {Object.keys(state.filter).length > 0 && (
          <Button type="link" onClick={state.clear}>
            {t("video.clearFilter")}
          </Button>
        )}
      </div>
      {open && (
        <Suspense>
          <MoreFilters state={state} />
        </Suspense>
      )}
    </div>
  );
}

/** Division, state in life, status: with how many there are of each. */
function First({ state: { filter, choose }, counts }: { state: FilterState; counts: Counts | undefined }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const { find } = useFields();
  const stateName = useStateName();
  const states = useStates(counts);
  return (
    <>
      <Select
        className="filter-choice"
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("files.division")}
        placeholder={t("files.anyDivision")}
        options={(find("division")?.values ?? []).map((one) => ({ value: one.code, label: counted(said(one), counts?.by_division[one.code]) }))}
        value={filter.division ?? null}
        onChange={(to: string | null | undefined) => choose("division", [to ?? ""])}
      />
      <Select
        mode="multiple"
        className="filter-choice"
        allowClear
        aria-label={t("files.state")}
        placeholder={t("files.anyState")}
        options={states.map((code) => ({ value: code, label: counted(stateName(code), counts?.by_state[code]) }))}
        labelRender={({ value }) => stateName(String(value))}
        value={filter.states ?? []}
        onChange={(to: string[]) => choose("states", to)}
      />
      <Select
        className="filter-choice narrow"
        allowClear
        aria-label={t("files.status")}
        placeholder={t("files.anyStatus")}
        options={(find("status")?.values ?? []).map((one) => ({ value: one.code, label: counted(said(one), counts?.by_status[one.code]) }))}
        value={filter.status ?? null}
        onChange={(to: string | null | undefined) => choose("status", [to ?? ""])}
      />
    </>
  );
}

function useStates(counts: Counts | undefined): readonly string[] {
  return STATES.concat(Object.keys(counts?.by_state ?? {}).filter((code) => !STATES.includes(code)));
}

/** In the order of a life. */
const STATES = ["planned", "designed", "approved", "building", "trial", "accepted", "in_service", "suspended", "retired"];
