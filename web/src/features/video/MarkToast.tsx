import { CloseOutlined, FlagOutlined, HourglassOutlined, WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useProblemText } from "../../shared/States";
import { clockText, SECOND } from "../../shared/time";
import type { Marking, MarkNotice } from "./marking";

const SHOWN = 10 * SECOND; // the list of marks offers the same for longer

/** Says at once that something was marked, and offers the way back. Stays while one points at it or stands in it. */
export function MarkToast({ marking: { notice, undo, dismiss } }: { marking: Marking }): JSX.Element {
  const { t } = useTranslation();
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (notice === null || notice.kind === "busy" || held) return;
    const timer = window.setTimeout(dismiss, SHOWN);
    return () => window.clearTimeout(timer);
  }, [notice, held, dismiss]);
  return (
    <div
      className="notice mark-toast"
      role="status"
      data-testid="mark-toast"
      data-kind={notice?.kind}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {notice !== null && (
        <>
          <Said notice={notice} />
          {notice.kind === "done" && (
            <Button size="small" onClick={() => undo(notice.mark)}>
              {t("video.mark.undo")}
            </Button>
          )}
          {notice.kind !== "busy" && <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("keys.close")} onClick={dismiss} />}
        </>
      )}
    </div>
  );
}

function Said({ notice }: { notice: MarkNotice }): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  switch (notice.kind) {
    case "busy":
      return <span>{t("video.mark.busy")}</span>;
    case "noCamera":
      return <span>{t("video.mark.noCamera")}</span>;
    case "done": {
      const { camera_name, start, end } = notice.mark;
      return (
        <span className="digits">
          <FlagOutlined className="tone-good" /> {t("video.mark.done", { name: camera_name, start: clockText(Date.parse(start)), end: clockText(Date.parse(end)) })}
        </span>
      );
    }
    case "asked":
      return (
        <span>
          <HourglassOutlined className="tone-warn" /> {t("video.mark.asked")}
        </span>
      );
    case "failed": {
      const { title, hint } = explain(notice.error);
      return (
        <span>
          <WarningOutlined className="tone-bad" /> {title} {hint !== null && <span className="fine">{hint}</span>}
        </span>
      );
    }
  }
}
