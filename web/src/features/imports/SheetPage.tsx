import { Alert, Button, Popconfirm } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useFileFields } from "../../api/camera-files";
import { abandonSheet, chooseColumns, useSheet, type Choices, type Sheet } from "../../api/imports";
import { Failed, Loading, useProblemText } from "../../shared/States";
import { Checked } from "./Checked";
import { Matching } from "./Matching";
import { StepList, type Step } from "./StepList";

const STEP_OF: Record<Sheet["state"], Step> = { uploaded: "match", judging: "check", judged: "confirm", done: "done", failed: "upload", abandoned: "upload" };

/** One import, where it is: whoever comes back goes on there. */
export default function SheetPage({ identity }: { identity: string }): JSX.Element {
  const { t } = useTranslation();
  const sheet = useSheet(identity);
  const fields = useFileFields();
  if (sheet.isError && sheet.data === undefined) return <Failed error={sheet.error} retry={() => void sheet.refetch()} />;
  if (sheet.data === undefined || fields.data === undefined) return <Loading />;
  return (
    <div className="page imports" data-testid="import-page" data-state={sheet.data.state}>
      <header className="page-head">
        <Link to="/import">{t("imports.back")}</Link>
        <h1>{sheet.data.file_name}</h1>
        {["uploaded", "judged"].includes(sheet.data.state) && <Abandon sheet={sheet.data} />}
      </header>
      <StepList step={STEP_OF[sheet.data.state]} />
      <Body sheet={sheet.data} />
    </div>
  );
}

function Body({ sheet }: { sheet: Sheet }): JSX.Element {
  const { t } = useTranslation();
  const act = useJudging(sheet);
  switch (sheet.state) {
    case "judging":
      return (
        <>
          <Loading />
          <p className="fine imports-middle">{t("imports.judging")}</p>
        </>
      );
    case "done":
      return <Done sheet={sheet} />;
    case "failed":
    case "abandoned":
      return <Alert type="error" showIcon title={t(sheet.state === "failed" ? "imports.failed" : "imports.states.abandoned")} description={sheet.problem} />;
    default:
      return (
        <>
          {act.fault}
          {sheet.state === "judged" && <Checked sheet={sheet} judge={act.judge} />}
          <Matching key={sheet.version} sheet={sheet} busy={act.busy} judge={act.judge} />
        </>
      );
  }
}

/** Have every row judged with these choices. */
function useJudging(sheet: Sheet): { judge: (choices: Omit<Choices, "version">) => void; busy: boolean; fault: JSX.Element | null } {
  const client = useQueryClient();
  const explain = useProblemText();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const judge = async (choices: Omit<Choices, "version">): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      client.setQueryData(["import", sheet.id], await chooseColumns(sheet.id, { ...choices, version: sheet.version }));
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["import", sheet.id] });
  };
  const said = fault === null ? null : <Alert type="error" showIcon title={explain(fault).title} description={explain(fault).hint} />;
  return { judge: (choices) => void judge(choices), busy, fault: said };
}

function Abandon({ sheet }: { sheet: Sheet }): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const abandon = async (): Promise<void> => {
    await abandonSheet(sheet.id, sheet.version).catch(() => undefined);
    await client.invalidateQueries({ queryKey: ["imports"] });
    void navigate("/import");
  };
  return (
    <Popconfirm title={t("imports.sure")} okText={t("imports.abandon")} cancelText={t("cameras.cancel")} onConfirm={() => void abandon()}>
      <Button danger>{t("imports.abandon")}</Button>
    </Popconfirm>
  );
}

function Done({ sheet }: { sheet: Sheet }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="state" role="status">
      <h2>{t("imports.done", { n: sheet.imported_rows })}</h2>
      <p className="form-buttons">
        <Link to="/cameras?sort=changed&descending=true">{t("imports.toList")}</Link>
        <Link to="/import">{t("imports.again")}</Link>
      </p>
    </div>
  );
}
