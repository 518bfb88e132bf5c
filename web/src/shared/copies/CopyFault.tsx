import { Alert } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { useProblemText } from "../States";

const OF_MASKS = ["masked_streams_full", "renditions_away", "masks_changed", "masked_failed", "interval_not_accepted"];
const OURS: readonly (string | null)[] = ["nothing_recorded", "unreadable", "too_many_files", "ticket_lapsed", ...OF_MASKS];

/** What the door, the media worker or imaging answered: in our words, or with its article. */
export function CopyFault({ error }: { error: unknown }): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  if (error instanceof Problem && OURS.includes(error.code)) {
    return <Alert type="warning" showIcon role="alert" title={t(`copies.problems.${error.code}`)} />;
  }
  const { title, hint } = explain(error);
  return <Alert type="error" showIcon role="alert" title={title} description={hint} />;
}
