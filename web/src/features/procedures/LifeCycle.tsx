import { CheckOutlined } from "@ant-design/icons";
import { useEffect, useRef, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Kind, WholeRecord } from "../../api/procedures";
import { useTitled } from "../../shared/tongue";
import { statesBefore } from "./visited";

/** The states in order, where the record has been, and where it is. */
export function LifeCycle({ kind, whole }: { kind: Kind; whole: Pick<WholeRecord, "state" | "history"> }): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const been = statesBefore(whole.history);
  const here = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const strip = here.current?.parentElement;
    if (strip && here.current) strip.scrollLeft = here.current.offsetLeft - strip.clientWidth / 2; // on a narrow screen it scrolls
  }, [whole.state]);
  return (
    <ol className="life-cycle" aria-label={t("procedures.lifeCycle")} data-testid="life-cycle" tabIndex={0}>
      {Object.entries(kind.states).map(([state, words]) => {
        const isHere = state === whole.state;
        const wasThere = !isHere && been.has(state);
        return (
          <li key={state} data-state={state} data-place={isHere ? "here" : wasThere ? "been" : "ahead"} {...(isHere ? { ref: here, "aria-current": "step" as const } : {})}>
            <span className="life-dot" aria-hidden="true">
              {wasThere && <CheckOutlined />}
            </span>
            <span>{said(words)}</span>
            {wasThere && <span className="unseen">{t("procedures.been")}</span>}
          </li>
        );
      })}
    </ol>
  );
}
