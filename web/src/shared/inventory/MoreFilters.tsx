import { Select } from "antd";
import { useId, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { FileFilter } from "../../api/camera-files";
import { RefInput } from "../form/RefInput";
import { FormProvider } from "../form/SchemaForm";
import { useFields } from "./fields";
import { useSaid } from "../tongue";
import { FLAGS } from "./filters";
import type { FilterState } from "./useFilter";

const CODES = ["point_type", "function_type", "structure_type", "capture_position_type", "network_status", "decree_class"] as const;
const REFS = { system: "record:system", place: "place", responsible_body: "organisation", management_unit: "organisation" } as const;
/** 1/10 000; below so much. The last one: anything that is not whole. */
const BELOW = ["5000", "8000", "9000", "9800", "10000"] as const;

/** Every other filter the list knows. */
export default function MoreFilters({ state: { filter, choose } }: { state: FilterState }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const { all } = useFields();
  const names = all.map((field) => ({ value: field.name, label: said(field) }));
  const mandatory = all.filter(({ is_mandatory, is_mandatory_for_class_one: classOne }) => is_mandatory || classOne).map((field) => ({ value: field.name, label: said(field) }));
  const below = BELOW.map((value) => ({ value, label: t(value === "10000" ? "files.notWhole" : "files.below", { n: Number(value) / 100 }) }));
  const valueOf = (name: keyof FileFilter): string | null => (filter[name] === undefined ? null : String(filter[name]));
  return (
    <div className="more-filters card-plain">
      <One label={t("files.fillBelow")} options={below} value={valueOf("fill_below_bp")} choose={(to) => choose("fill_below_bp", [to])} />
      <One label={t("files.correctBelow")} options={below} value={valueOf("correct_below_bp")} choose={(to) => choose("correct_below_bp", [to])} />
      <One label={t("files.missing")} options={mandatory} value={valueOf("missing")} choose={(to) => choose("missing", [to])} />
      <One label={t("files.faulty")} options={names} value={valueOf("faulty")} choose={(to) => choose("faulty", [to])} />
      {CODES.map((name) => {
        const field = all.find((one) => one.name === name);
        const options = field?.values.map((one) => ({ value: one.code, label: said(one) })) ?? [];
        return <One key={name} label={field === undefined ? name : said(field)} options={options} value={valueOf(name)} choose={(to) => choose(name, [to])} />;
      })}
      {FLAGS.map((name) => (
        <One key={name} label={t(`files.flags.${name}`)} options={[{ value: "true", label: t("form.yes") }, { value: "false", label: t("form.no") }]} value={valueOf(name)} choose={(to) => choose(name, [to])} />
      ))}
      {Object.entries(REFS).map(([name, to]) => {
        const field = all.find((one) => one.name === name);
        return <Ref key={name} name={name} to={to} label={field === undefined ? name : said(field)} value={valueOf(name as keyof FileFilter)} choose={(id) => choose(name, [id])} />;
      })}
    </div>
  );
}

interface OneProps {
  label: string;
  options: { value: string; label: string }[];
  value: string | null;
  choose: (value: string) => void;
}

function One({ label, options, value, choose }: OneProps): JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="form-field">
      <label className="fine" htmlFor={id}>
        {label}
      </label>
      <Select id={id} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={t("files.any")} options={options} value={value} onChange={(to: string | null | undefined) => choose(to ?? "")} />
    </div>
  );
}

const NO_FAULTS: ReadonlyMap<string, string> = new Map();

function Ref({ name, to, label, value, choose }: { name: string; to: string; label: string; value: string | null; choose: (id: string) => void }): JSX.Element {
  const prefix = useId();
  return (
    <div className="form-field">
      <label className="fine" htmlFor={`${prefix}-${name}`}>
        {label}
      </label>
      <FormProvider value={{ root: {}, faults: NO_FAULTS, prefix }}>
        <RefInput
          id={`${prefix}-${name}`}
          path={name}
          label={label}
          required={false}
          several={false}
          field={{ type: "string", ref: to, optional: true }}
          value={value}
          onChange={(id) => choose(typeof id === "string" ? id : "")}
        />
      </FormProvider>
    </div>
  );
}
