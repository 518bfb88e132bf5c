import { Alert } from "antd";
import type { JSX } from "react";

import { Problem } from "../api/client";
import { Ground } from "./LawLink";
import "./office/office.css";
import { Refusals } from "./office/Refusals";
import { useProblemText } from "./States";

/** Why something was not done, and by which articles; nothing where there is no error. */
export function Fault({ error }: { error: unknown }): JSX.Element | null {
  const explain = useProblemText();
  if (error === null) return null;
  const refusals = error instanceof Problem ? error.refusals : [];
  const { title, hint } = explain(error);
  const { article = null, code } = error instanceof Problem ? error : { code: null };
  const ground = article === null ? hint : <Ground article={article} code={code ?? ""} aside />;
  return <Alert type="error" showIcon role="alert" className="form-error" title={title} description={refusals.length > 0 ? <Refusals refusals={[...refusals]} said /> : ground} />;
}
