import { useQueryClient } from "@tanstack/react-query";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { deviceKey, refuseDevice, removeDevice, useRecorded, type DeviceLine } from "../../api/gb-devices";
import { EndDialog, NOTHING_RECORDED, type Recorded } from "../../shared/ending/Ending";

interface Props {
  device: DeviceLine;
  close: () => void;
}

/** A device is refused with a reason, never without one. */
export function RefuseDialog({ device, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refuse = async (reason: string): Promise<void> => {
    await refuseDevice(device.id, reason);
    await client.invalidateQueries({ queryKey: deviceKey });
    close();
  };
  return <EndDialog title={titled(t("gb.refuse"), device)} act={t("gb.refuse")} recorded={useEnding(device)} always run={refuse} close={close} />;
}

/** A device is removed with its channels; with a reason where that ends recording. */
export function RemoveDialog({ device, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = async (reason: string): Promise<void> => {
    await removeDevice(device.id, reason);
    await client.invalidateQueries({ queryKey: [...deviceKey, "list"] });
    await navigate("/devices");
  };
  return <EndDialog title={titled(t("gb.remove"), device)} act={t("gb.remove")} hint={t("gb.removeAsk")} recorded={useEnding(device)} run={remove} close={close} />;
}

const titled = (act: string, { name, code }: DeviceLine): string => `${act} · ${name || code}`;

/** What ends with a device; null while that is being asked, undefined where there is no answer. */
function useEnding(device: DeviceLine): Recorded | null | undefined {
  const recorded = useRecorded(device);
  if (device.state !== "accepted") return NOTHING_RECORDED;
  return recorded.isPending ? null : recorded.data;
}
