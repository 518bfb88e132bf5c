import { Alert } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { Fault as AnyFault } from "../../shared/Fault";
import { Ground } from "../../shared/LawLink";

const SAID = ["gb_device_other", "channel_taken", "codes_differ", "gb_off", "signal_away", "gb_device_offline", "gb_device_silent", "gb_device_refuses", "device_code_taken", "cameras_elsewhere", "stale"];

/** Why something was not done, of devices in words of our own; nothing where there is no error. */
export function Fault({ error }: { error: unknown }): JSX.Element | null {
  const { t } = useTranslation();
  if (!(error instanceof Problem) || error.code === null || !SAID.includes(error.code)) return <AnyFault error={error} />;
  const ground = error.article === null ? null : <Ground article={error.article} code={error.code} aside />;
  const hint = error.code === "gb_device_refuses" ? error.message : ground;
  return <Alert type="error" showIcon role="alert" className="form-error" title={t(`gb.problems.${error.code}`)} description={hint} />;
}
