import { CloseOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Preset } from "../../../api/control";

/** Deletes a preset when asked twice; of the home it says what goes with it. */
export function ForgetPreset({ preset, disabled, forget }: { preset: Preset; disabled: boolean; forget: () => void }): JSX.Element {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { name, is_home: isHome } = preset;
  const sure = (
    <Button danger size="small" onClick={() => (setOpen(false), forget())}>
      {t("control.delete")}
    </Button>
  );
  return (
    <Popover trigger="click" open={open} onOpenChange={(to) => setOpen(to && !disabled)} destroyOnHidden title={t(isHome ? "control.deleteHomeAsk" : "control.deletePresetAsk", { name })} content={sure}>
      <button type="button" className="tile-tool" disabled={disabled} aria-label={t("control.deletePreset", { name })} title={t("control.deletePreset", { name })}>
        <CloseOutlined />
      </button>
    </Popover>
  );
}
