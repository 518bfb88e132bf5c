import { Button, Checkbox, Input, InputNumber, Popover } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { PresetWish } from "../../../api/control";

const MOST = 255; // as many numbers as a camera has

interface Props {
  disabled: boolean;
  taken: readonly number[];
  keep: (number: number, wish: PresetWish) => void;
}

/** Keeps where the camera looks now: with the view that is registered for it, or as its home. */
export function PresetForm({ disabled, taken, keep }: Props): JSX.Element {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover trigger="click" open={open} onOpenChange={setOpen} destroyOnHidden title={t("control.setPreset")} content={<Fields taken={taken} keep={(number, wish) => (setOpen(false), keep(number, wish))} />}>
      <button type="button" className="ptz-key" disabled={disabled}>
        {t("control.setPreset")}
      </button>
    </Popover>
  );
}

function Fields({ taken, keep }: Omit<Props, "disabled">): JSX.Element {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [isHome, setHome] = useState(false);
  const [azimuth, setAzimuth] = useState<number | null>(null);
  const [pitch, setPitch] = useState<number | null>(null);
  const [width, setWidth] = useState<number | null>(null);
  const free = Array.from({ length: MOST }, (_, n) => n + 1).find((number) => !taken.includes(number));
  const view = !isHome && azimuth !== null && width !== null && pitch !== null ? { azimuth, h_fov: width, pitch } : null;
  const isHalf = !isHome && view === null && [azimuth, width, pitch].some((angle) => angle !== null); // half a view would be left out unseen
  const degrees = (label: string, value: number | null, set: (to: number | null) => void, least: number, most: number) => (
    <label className="request-field">
      <span className="form-label">{label}</span>
      <InputNumber value={value} onChange={set} min={least} max={most} />
    </label>
  );
  return (
    <div className="ptz-form">
      <label className="request-field">
        <span className="form-label">{t("control.presetName")}</span>
        <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </label>
      <Checkbox checked={isHome} onChange={(event) => setHome(event.target.checked)}>
        {t("control.isHome")}
      </Checkbox>
      {!isHome && degrees(t("control.azimuth"), azimuth, setAzimuth, 0, 360)}
      {!isHome && degrees(t("control.pitch"), pitch, setPitch, -90, 90)}
      {!isHome && degrees(t("control.width"), width, setWidth, 1, 360)}
      <p className="fine">{t(isHome ? "control.homeHint" : "control.viewHint")}</p>
      <Button type="primary" disabled={name.trim() === "" || free === undefined || isHalf} onClick={() => free !== undefined && keep(free, { name: name.trim(), is_home: isHome, view })}>
        {t("control.keep")}
      </Button>
    </div>
  );
}
