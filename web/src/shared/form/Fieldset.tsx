import { Checkbox } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { initialOf, type Field, type Value } from "./schema";
import { idOf, useForm } from "./SchemaForm";

interface Props {
  path: string;
  label: string;
  required: boolean;
  /** May be left out as a whole: then a box says whether it is given. */
  optional?: { value: Value; onChange: (value: Value) => void; field: Field } | null;
  children: ReactNode;
}

/** Several fields under one name. */
export function Fieldset({ path, label, required, optional = null, children }: Props): JSX.Element {
  const { root, faults, prefix } = useForm();
  const { t } = useTranslation();
  const fault = faults.get(path);
  const isGiven = optional === null || (optional.value !== null && optional.value !== undefined);
  const give = (on: boolean): void => optional?.onChange(on ? initialOf({ ...optional.field, optional: false }, root) : null);
  return (
    <fieldset className="form-group" id={idOf(prefix, path)} tabIndex={-1} aria-describedby={fault === undefined ? undefined : `${idOf(prefix, path)}-fault`}>
      <legend>
        {label}
        {required && <RequiredMark />}
      </legend>
      {optional !== null && (
        <Checkbox checked={isGiven} onChange={(event) => give(event.target.checked)}>
          {t("form.given")}
        </Checkbox>
      )}
      {isGiven && children}
      <FaultText id={`${idOf(prefix, path)}-fault`} text={fault} />
    </fieldset>
  );
}

export function RequiredMark(): JSX.Element {
  const { t } = useTranslation();
  return (
    <span className="form-required">
      <span aria-hidden="true">*</span>
      <span className="unseen">{t("form.requiredMark")}</span>
    </span>
  );
}

export function FaultText({ id, text }: { id: string; text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <p className="form-fault" id={id}>
      {text}
    </p>
  );
}
