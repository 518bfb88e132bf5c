import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button } from "antd";
import { lazy, Suspense, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";

import { useFileFields, type FileField } from "../../api/camera-files";
import type { Person } from "../../api/client";
import { uploadSheet, useSheets, type Sheet } from "../../api/imports";
import { importsEn } from "../../shared/dictionaries/imports.en";
import { importsZhCN } from "../../shared/dictionaries/imports.zh-CN";
import { inventoryEn } from "../../shared/dictionaries/inventory.en";
import { inventoryZhCN } from "../../shared/dictionaries/inventory.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import { Moment } from "../../shared/Interval";
import "../../shared/office/office.css";
import { Failed, Loading, useProblemText } from "../../shared/States";
import "./imports.css";
import { StepList } from "./StepList";

const SheetPage = lazy(() => import("./SheetPage"));

addWords({ "zh-CN": { ...officeZhCN, ...inventoryZhCN, ...importsZhCN }, en: { ...officeEn, ...inventoryEn, ...importsEn } });

/** Imports of one person: a new one, and those under way, which go on where they were left. */
export default function ImportPages({ person: _person }: { person: Person }): JSX.Element {
  const { sheet } = useParams();
  return (
    <App component={false}>
      {sheet === undefined ? (
        <Start />
      ) : (
        <Suspense fallback={<Loading />}>
          <SheetPage key={sheet} identity={sheet} />
        </Suspense>
      )}
    </App>
  );
}

function Start(): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="page imports" data-testid="imports-page">
      <header className="page-head">
        <h1>{t("imports.title")}</h1>
        <Template />
      </header>
      <StepList step="upload" />
      <Upload />
      <Yours />
    </div>
  );
}

function Upload(): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const explain = useProblemText();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setName(file.name);
    setFault(null);
    try {
      const { id } = await uploadSheet(file);
      await client.invalidateQueries({ queryKey: ["imports"] });
      void navigate(`/import/${id}`);
    } catch (error) {
      setFault(error);
      setName(null);
    }
  };
  return (
    <section
      className="import-drop card-plain"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void take(event.dataTransfer.files[0]);
      }}
    >
      <input ref={input} type="file" accept=".xlsx,.csv" hidden data-testid="sheet-file" onChange={(event) => void take(event.target.files?.[0])} />
      <Button type="primary" icon={<UploadOutlined />} loading={name !== null} onClick={() => input.current?.click()}>
        {t("imports.upload")}
      </Button>
      <p className="fine" role="status">
        {name === null ? t("imports.uploadHint") : t("imports.uploading", { name })}
      </p>
      {fault !== null && <Alert type="error" showIcon title={explain(fault).title} description={explain(fault).hint} />}
    </section>
  );
}

function Yours(): JSX.Element {
  const { t } = useTranslation();
  const sheets = useSheets();
  if (sheets.isPending) return <Loading />;
  if (sheets.isError) return <Failed error={sheets.error} retry={() => void sheets.refetch()} />;
  if (sheets.data.length === 0) return <p className="fine">{t("imports.none")}</p>;
  return (
    <section aria-labelledby="yours">
      <h2 id="yours">{t("imports.yours")}</h2>
      <div className="plain-table">
        <table>
          <thead>
            <tr>
              {(["file", "state", "rows", "faulty", "at"] as const).map((column) => (
                <th key={column} scope="col" className={column === "rows" || column === "faulty" ? "number" : undefined}>
                  {t(`imports.columns.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sheets.data.map((sheet) => (
              <Row key={sheet.id} sheet={sheet} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ sheet }: { sheet: Sheet }): JSX.Element {
  const { t } = useTranslation();
  return (
    <tr data-import={sheet.id}>
      <th scope="row">
        <Link className="record-link" to={`/import/${sheet.id}`}>
          {sheet.file_name}
        </Link>
      </th>
      <td>{t(`imports.states.${sheet.state}`)}</td>
      <td className="number">{sheet.rows}</td>
      <td className="number">{sheet.faulty_rows}</td>
      <td>
        <Moment at={sheet.created_at} />
      </td>
    </tr>
  );
}

const BOM = "\ufeff"; // so that spreadsheets read UTF-8

/** The headings that an import knows by themselves. */
function Template(): JSX.Element {
  const { t } = useTranslation();
  const fields = useFileFields().data?.items;
  const save = (all: readonly FileField[]): void => {
    const text = `${BOM}${all.filter(({ home }) => home !== "view").map(({ zh }) => zh).join(",")}\r\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.download = t("imports.templateName");
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Button icon={<DownloadOutlined />} disabled={fields === undefined} onClick={() => fields !== undefined && save(fields)}>
      {t("imports.template")}
    </Button>
  );
}
