import { CloseCircleOutlined, ExclamationCircleOutlined } from "@ant-design/icons";
import type { JSX } from "react";

import type { Refusal } from "../../api/client";
import { Ground } from "../LawLink";

/** Everything that stands in the way: what, what to do about it, and by which article. */
export function Refusals({ refusals, said = false }: { refusals: readonly Refusal[]; /** Was refused; else it is only missing. */ said?: boolean }): JSX.Element {
  return (
    <ul className="refusals">
      {refusals.map(({ article, code, reason, remedy }) => (
        <li key={`${code} ${reason}`} data-refusal={code}>
          <span className={said ? "tone-bad" : "tone-warn"}>{said ? <CloseCircleOutlined /> : <ExclamationCircleOutlined />}</span>
          <div>
            <b>{reason}</b>
            <p className="fine">
              {remedy} · <Ground article={article} code={code} aside />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
