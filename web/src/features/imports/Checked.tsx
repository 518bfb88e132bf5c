import { CheckCircleOutlined, DownloadOutlined, ExclamationCircleOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Segmented } from "antd";
import { lazy, Suspense, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { confirmSheet, faultsPath, useSheetRows, type Choices, type PreviewRow, type Sheet } from "../../api/imports";
import { useFieldName } from "../../shared/inventory/fields";
import { Loading, useProblemText } from "../../shared/States";

const Positions = lazy(() => import("./Positions"));

type Props = { sheet: Sheet; judge: (choices: Omit<Choices, "version">) => void };

/** What was found: positions to be asked about, faults by kind and by row, and the way on. */
export function Checked({ sheet, judge }: Props): JSX.Element {
  return (
    <>
      <Findings sheet={sheet} />
      {sheet.positions !== null && (
        <Suspense fallback={<Loading />}>
          <Positions sheet={sheet} positions={sheet.positions} judge={judge} />
        </Suspense>
      )}
      <Rows sheet={sheet} />
      <Confirm sheet={sheet} />
    </>
  );
}

function Findings({ sheet }: { sheet: Sheet }): JSX.Element {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const isGood = sheet.faulty_rows === 0;
  return (
    <section className="card-plain" aria-labelledby="findings" data-testid="findings">
      <h2 id="findings" className={isGood ? "tone-good" : "tone-warn"}>
        {isGood ? <CheckCircleOutlined /> : <ExclamationCircleOutlined />} {isGood ? t("imports.allGood", { n: sheet.rows }) : t("imports.rows", { n: sheet.rows, faulty: sheet.faulty_rows })}
      </h2>
      {!isGood && (
        <>
          <ul className="import-kinds" aria-label={t("imports.kinds")}>
            {sheet.fault_kinds.map(({ code, field, detail, rows, first_row: first }) => (
              <li key={`${code} ${field}`}>
                <b>{fieldName(field)}</b> {detail} <span className="fine digits">{t("imports.kindRows", { n: rows, row: first })}</span>
              </li>
            ))}
          </ul>
          <Button icon={<DownloadOutlined />} href={faultsPath(sheet.id)} download>
            {t("imports.faultSheet")}
          </Button>
        </>
      )}
    </section>
  );
}

function Rows({ sheet }: { sheet: Sheet }): JSX.Element {
  const { t } = useTranslation();
  const [faulty, setFaulty] = useState(sheet.faulty_rows > 0);
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const rows = useSheetRows(sheet.id, sheet.version, faulty, cursors.at(-1) ?? null);
  const next = rows.data?.next ?? null;
  return (
    <section className="import-rows">
      <Segmented
        value={faulty ? "faulty" : "good"}
        options={[
          { value: "faulty", label: t("imports.rowsFaulty") },
          { value: "good", label: t("imports.rowsGood") },
        ]}
        onChange={(to) => {
          setFaulty(to === "faulty");
          setCursors([null]);
        }}
      />
      {rows.data !== undefined && <RowTable rows={rows.data.items} faulty={faulty} />}
      {(cursors.length > 1 || next !== null) && (
        <nav className="pager" aria-label={t("cameras.pageOf", { page: cursors.length })}>
          <Button disabled={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>
            {t("cameras.previous")}
          </Button>
          <span className="digits">{t("cameras.pageOf", { page: cursors.length })}</span>
          <Button disabled={next === null} onClick={() => setCursors([...cursors, next])}>
            {t("cameras.next")}
          </Button>
        </nav>
      )}
    </section>
  );
}

const COLUMNS_SHOWN = 8;

function RowTable({ rows, faulty }: { rows: readonly PreviewRow[]; faulty: boolean }): JSX.Element {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const names = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].slice(0, COLUMNS_SHOWN);
  return (
    <div className="plain-table" role="region" aria-label={t(faulty ? "imports.rowsFaulty" : "imports.rowsGood")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col" className="number">
              {t("imports.row")}
            </th>
            {faulty && <th scope="col">{t("imports.what")}</th>}
            {names.map((name) => (
              <th key={name} scope="col">
                {fieldName(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, values, faults }) => (
            <tr key={row} data-row={row}>
              <th scope="row" className="number">
                {row}
              </th>
              {faulty && (
                <td>
                  <ul className="import-faults">
                    {faults.map(({ field, letter, code, detail }) => (
                      <li key={`${field} ${code}`} className="tone-bad">
                        {letter !== "" && <b className="digits">{letter} </b>}
                        {fieldName(field)} {detail}
                      </li>
                    ))}
                  </ul>
                </td>
              )}
              {names.map((name) => (
                <td key={name} data-faulty={faults.some(({ field }) => field === name) || undefined}>
                  {String(values[name] ?? "")}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Confirm({ sheet }: { sheet: Sheet }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const explain = useProblemText();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const good = sheet.rows - sheet.faulty_rows;
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      client.setQueryData(["import", sheet.id], await confirmSheet(sheet.id, sheet.version, sheet.faulty_rows > 0));
      await client.invalidateQueries({ queryKey: ["files"] });
      await client.invalidateQueries({ queryKey: ["imports"] });
    } catch (error) {
      setFault(error);
      setBusy(false);
    }
  };
  const text = fault === null ? null : fault instanceof Problem && fault.code === "import_overtaken" ? { title: t("imports.overtaken"), hint: null } : explain(fault);
  return (
    <section className="import-confirm">
      {text !== null && <Alert type="error" showIcon title={text.title} description={text.hint} />}
      <Button type="primary" size="large" loading={busy} disabled={good === 0} onClick={() => void confirm()} data-testid="import-confirm">
        {sheet.faulty_rows === 0 ? t("imports.confirm", { n: good }) : t("imports.confirmRest", { n: good, faulty: sheet.faulty_rows })}
      </Button>
      <p className="fine">{t("imports.confirmHint")}</p>
    </section>
  );
}
