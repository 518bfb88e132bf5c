import { Button, Checkbox, InputNumber, Select } from "antd";
import { useId, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Choices, Sheet } from "../../api/imports";
import { useFields } from "../../shared/inventory/fields";
import { useSaid } from "../../shared/tongue";

type Wish = Omit<Choices, "version">;
type Props = { sheet: Sheet; busy: boolean; judge: (choices: Wish) => void };

const begin = ({ choices, columns }: Sheet): Wish => ({
  sheet: choices.sheet,
  header_row: choices.header_row,
  crs: choices.crs as NonNullable<Choices["crs"]>,
  division: choices.division,
  swap_positions: choices.swap_positions,
  columns: Object.fromEntries(columns.flatMap(({ column, field }) => (field === null ? [] : [[column, field]]))),
});

/** Which column is which field, and how the sheet is to be read. */
export function Matching({ sheet, busy, judge }: Props): JSX.Element {
  const { t } = useTranslation();
  const [wish, setWish] = useState(() => begin(sheet));
  const left = sheet.columns.length - Object.keys(wish.columns).length;
  return (
    <form
      className="card-plain import-matching"
      aria-labelledby="matching"
      onSubmit={(event) => {
        event.preventDefault();
        judge(wish);
      }}
    >
      <h2 id="matching">{t("imports.matching")}</h2>
      <Reading sheet={sheet} wish={wish} change={(part) => setWish({ ...wish, ...part })} />
      <ColumnTable sheet={sheet} columns={wish.columns} change={(columns) => setWish({ ...wish, columns })} />
      <p className="form-buttons">
        <Button type={sheet.state === "uploaded" ? "primary" : "default"} htmlType="submit" loading={busy}>
          {t(sheet.state === "uploaded" ? "imports.judge" : "imports.judgeAgain")}
        </Button>
        {left > 0 && <span className="fine">{t("imports.unmatched", { n: left })}</span>}
      </p>
    </form>
  );
}

function Reading({ sheet, wish, change }: { sheet: Sheet; wish: Wish; change: (part: Partial<Wish>) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const { find } = useFields();
  const optionsOf = (name: string) => (find(name)?.values ?? []).map((one) => ({ value: one.code, label: said(one) }));
  const id = useId();
  return (
    <div className="import-reading">
      {sheet.sheets.length > 1 && (
        <div className="form-field">
          <label htmlFor={`${id}-sheet`}>{t("imports.sheet")}</label>
          <Select id={`${id}-sheet`} options={sheet.sheets.map((value) => ({ value, label: value }))} value={wish.sheet ?? ""} onChange={(to) => change({ sheet: to })} />
        </div>
      )}
      <div className="form-field">
        <label htmlFor={`${id}-row`}>{t("imports.headerRow")}</label>
        <InputNumber id={`${id}-row`} min={1} max={100} precision={0} value={wish.header_row} onChange={(to) => change({ header_row: to ?? 1 })} />
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-crs`}>{t("imports.crs")}</label>
        <Select id={`${id}-crs`} options={[{ value: "", label: t("imports.crsNone") }, ...optionsOf("crs")]} value={wish.crs ?? ""} onChange={(to) => change({ crs: to as NonNullable<Wish["crs"]> })} />
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-division`}>{t("imports.division")}</label>
        <Select id={`${id}-division`} allowClear showSearch={{ optionFilterProp: "label" }} options={optionsOf("division")} value={wish.division === "" ? null : wish.division} onChange={(to: string | null | undefined) => change({ division: to ?? "" })} />
      </div>
      <Checkbox checked={wish.swap_positions === true} onChange={(event) => change({ swap_positions: event.target.checked })}>
        {t("imports.swap")}
      </Checkbox>
    </div>
  );
}

type Columns = Wish["columns"];

function ColumnTable({ sheet, columns, change }: { sheet: Sheet; columns: Columns; change: (columns: Columns) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const { all } = useFields();
  const options = [{ value: "", label: t("imports.leaveOut") }, ...all.map((field) => ({ value: field.name, label: said(field) }))];
  const match = (column: number, field: string): void => {
    const rest = Object.entries(columns).filter(([at, name]) => at !== String(column) && name !== field); // a field has one column
    change(Object.fromEntries(field === "" ? rest : [...rest, [column, field]]));
  };
  return (
    <div className="plain-table" role="region" aria-label={t("imports.matching")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {(["column", "heading", "samples", "field"] as const).map((name) => (
              <th key={name} scope="col">
                {t(`imports.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sheet.columns.map(({ column, letter, heading, samples }) => (
            <tr key={column} data-column={letter}>
              <td className="digits">{letter}</td>
              <th scope="row">{heading}</th>
              <td className="fine import-samples">{samples.filter((text) => text !== "").join(" · ")}</td>
              <td>
                <Select
                  className="import-field"
                  aria-label={`${letter} ${heading}`}
                  showSearch={{ optionFilterProp: "label" }}
                  options={options}
                  value={columns[column] ?? ""}
                  onChange={(to) => match(column, to)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
