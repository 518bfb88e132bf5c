/** The four faces of a list that has nothing to show: loading, empty, filtered to nothing, failed. */

import { ReloadOutlined } from "@ant-design/icons";
import { Button, Spin } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { Problem } from "../api/client";
import { Ground } from "./LawLink";

export function Loading(): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="state" role="status">
      <Spin />
      <p>{t("problem.loading")}</p>
    </div>
  );
}

type EmptyAction = { label: string; to: string } | { label: string; run: () => void };

export function Empty(props: { title: string; hint?: string; action?: EmptyAction; icon?: ReactNode }): JSX.Element {
  const navigate = useNavigate();
  const { title, hint, action, icon } = props;
  return (
    <div className="state">
      {icon !== undefined && <div className="state-icon">{icon}</div>}
      <h2>{title}</h2>
      {hint !== undefined && <p>{hint}</p>}
      {action !== undefined && (
        <Button type="primary" onClick={() => ("to" in action ? void navigate(action.to) : action.run())}>
          {action.label}
        </Button>
      )}
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }): JSX.Element {
  const { t } = useTranslation();
  const { title, hint, code } = useProblemText()(error);
  return (
    <div className="state" role="alert">
      <h2>{title}</h2>
      {hint !== null && <p>{hint}</p>}
      {code !== null && <p className="fine">{t("problem.code", { id: code })}</p>}
      {retry !== undefined && (
        <Button icon={<ReloadOutlined />} onClick={retry}>
          {t("problem.retry")}
        </Button>
      )}
    </div>
  );
}

interface ProblemText {
  title: string;
  hint: ReactNode;
  code: string | null;
}

const NO_ROLE = "R27.1"; // nobody's fault but a missing role: said in our own words
const GONE = "R28.6"; // so is what was removed at the end of its term

/** A refusal, with the way to its article; in another tab, for a dialog or the wall may stand behind it. */
function refused({ article, code }: Problem, title: string, text: string): ProblemText {
  if (article === null) return { title, hint: text, code };
  const hint = (
    <>
      {text} <Ground article={article} code={code} aside />
    </>
  );
  return { title, hint, code: null };
}

/** A problem in the person's words: ours where we have them, else the server's one sentence. A refusal names its article. */
export function useProblemText(): (error: unknown) => ProblemText {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof Problem)) return { title: t("problem.unexpected"), hint: null, code: null };
    if (error.status === 0) {
      return { title: t("problem.unreachable_server"), hint: t("problem.unreachableHint"), code: null };
    }
    if (error.code === GONE) return refused(error, t("problem.footageGone"), joined(error.message, t("problem.footageGoneHint")));
    if (error.code === NO_ROLE) return refused(error, t("problem.forbidden"), t("app.noMenuHint"));
    const worded = error.code === null ? "" : t(`problems.${error.code.replaceAll(".", "_")}`, { detail: error.message, defaultValue: "" });
    if (error.article !== null) return worded === "" ? refused(error, error.message, error.remedy ?? "") : refused(error, worded, "");
    if (error.code === "worker_away") return { title: t("problem.workerAway"), hint: t("problem.unreachableHint"), code: null };
    if (worded !== "" && error.status !== 404) return { title: worded, hint: fieldsOf(error), code: error.status >= 500 ? error.instance : null };
    if (error.status === 403) return { title: t("problem.forbidden"), hint: t("app.noMenuHint"), code: error.code };
    if (error.status === 404) return { title: t("problem.gone"), hint: null, code: null };
    return { title: t("problem.unexpected"), hint: joined(error.message, fieldsOf(error) ?? ""), code: error.status >= 500 ? error.instance : null };
  };
}

/** What is said of single fields, unless it has been said already. */
function fieldsOf({ fields, message }: Problem): string | null {
  const said = fields.filter(({ detail }) => detail !== message).map(({ field, detail }) => `${field}: ${detail}`);
  return said.length === 0 ? null : said.join("; ");
}

const joined = (...texts: string[]): string => texts.filter((text) => text !== "").join(" ");
