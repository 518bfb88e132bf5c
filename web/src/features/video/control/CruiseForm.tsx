import { Button, Input, InputNumber, Popover, Select } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Preset } from "../../../api/control";
import type { CruiseWish } from "../../../api/manoeuvres";

const MOST = 255; // as many numbers as a camera has
const POINTS_MOST = 32;
const DWELL_MOST = 4095; // seconds
const USUAL = { speed: 50, dwell_s: 10 };

interface Props {
  disabled: boolean;
  presets: readonly Preset[];
  taken: readonly number[];
  keep: (number: number, wish: CruiseWish) => void;
}

/** A round of presets, in the order in which they are chosen. */
export function CruiseForm({ disabled, keep, ...props }: Props): JSX.Element {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover trigger="click" open={open} onOpenChange={setOpen} destroyOnHidden title={t("control.setCruise")} content={<Fields {...props} keep={(number, wish) => (setOpen(false), keep(number, wish))} />}>
      <button type="button" className="ptz-key" disabled={disabled || props.presets.length < 2}>
        {t("control.setCruise")}
      </button>
    </Popover>
  );
}

function Fields({ presets, taken, keep }: Omit<Props, "disabled">): JSX.Element {
  const { t } = useTranslation();
  const [wish, setWish] = useState<CruiseWish>({ name: "", presets: [], ...USUAL });
  const change = (part: Partial<CruiseWish>): void => setWish((old) => ({ ...old, ...part }));
  const free = Array.from({ length: MOST }, (_, n) => n + 1).find((number) => !taken.includes(number));
  const isWhole = wish.name.trim() !== "" && wish.presets.length >= 2;
  return (
    <div className="ptz-form">
      <label className="request-field">
        <span className="form-label">{t("control.cruiseName")}</span>
        <Input value={wish.name} maxLength={200} onChange={(event) => change({ name: event.target.value })} />
      </label>
      <label className="request-field">
        <span className="form-label">{t("control.cruisePresets")}</span>
        <Select
          mode="multiple"
          aria-label={t("control.cruisePresets")}
          maxCount={POINTS_MOST}
          value={wish.presets}
          onChange={(chosen) => change({ presets: chosen })}
          options={presets.map(({ number, name }) => ({ value: number, label: name }))}
        />
      </label>
      <label className="request-field">
        <span className="form-label">{t("control.cruiseSpeed")}</span>
        <InputNumber value={wish.speed} min={1} max={100} onChange={(value) => change({ speed: value ?? USUAL.speed })} />
      </label>
      <label className="request-field">
        <span className="form-label">{t("control.cruiseDwell")}</span>
        <InputNumber value={wish.dwell_s} min={1} max={DWELL_MOST} onChange={(value) => change({ dwell_s: value ?? USUAL.dwell_s })} />
      </label>
      <p className="fine">{t("control.cruiseHint")}</p>
      <Button type="primary" disabled={!isWhole || free === undefined} onClick={() => free !== undefined && keep(free, { ...wish, name: wish.name.trim() })}>
        {t("control.keep")}
      </Button>
    </div>
  );
}
