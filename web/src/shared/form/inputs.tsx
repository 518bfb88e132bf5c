/** Fields of one value. */

import { Input as AntInput, InputNumber, Radio, Select } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { FaultText, RequiredMark } from "./Fieldset";
import { optionsOf, useOptions } from "./labels";
import { fromCivilInput, toCivilInput } from "./moments";
import { RefInput } from "./RefInput";
import { kindOf, type Field } from "./schema";
import { idOf, useForm, type FieldProps } from "./SchemaForm";

const FEW = 2; // choices that are all seen at once

/** A label, the input, and what is wrong with it. */
export function Input(props: FieldProps): JSX.Element {
  const { root, faults, prefix } = useForm();
  const { path, label, required, field } = props;
  const id = idOf(prefix, path);
  const fault = faults.get(path);
  const kind = kindOf(field, root);
  const isFewChoices = kind === "yesNo" || (kind === "choice" && optionsOf(field).length <= FEW);
  const marks = { id, fault };
  if (isFewChoices) {
    return (
      <div className="form-field" role="group" aria-labelledby={`${id}-label`} id={`${id}-group`}>
        <span className="form-label" id={`${id}-label`}>
          {label}
          {required && kind === "choice" && <RequiredMark />}
        </span>
        <Radios {...props} {...marks} />
        <FaultText id={`${id}-fault`} text={fault} />
      </div>
    );
  }
  return (
    <div className="form-field">
      <label className="form-label" htmlFor={id} id={`${id}-label`}>
        {label}
        {required && <RequiredMark />}
      </label>
      <Single {...props} {...marks} />
      <FaultText id={`${id}-fault`} text={fault} />
    </div>
  );
}

type Marked = FieldProps & { id: string; fault: string | undefined };

/** How an input tells of its fault, by its border and to a screen reader. */
const told = ({ id, fault, required }: Marked) => ({
  id,
  "aria-required": required,
  "aria-invalid": fault !== undefined,
  ...(fault === undefined ? {} : { status: "error" as const, "aria-describedby": `${id}-fault` }),
});

function Single(props: Marked): JSX.Element {
  const { root } = useForm();
  const { field, value, onChange } = props;
  const text = typeof value === "string" ? value : "";
  const more = told(props);
  switch (kindOf(field, root)) {
    case "text":
      return <AntInput.TextArea {...more} rows={3} maxLength={field.maxLength} value={text} onChange={(event) => onChange(event.target.value)} />;
    case "number":
      return <Numeral {...props} />;
    case "date":
      return <AntInput {...more} type="date" className="form-short" value={text} onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)} />;
    case "instant":
      return (
        <AntInput {...more} type="datetime-local" className="form-short" suffix="+08:00" value={toCivilInput(text)} onChange={(event) => onChange(fromCivilInput(event.target.value))} />
      );
    case "choice":
      return <Choice {...props} />;
    case "choices":
      return <Choice {...props} several />;
    case "ref":
    case "refs":
      return <RefInput {...props} {...more} several={kindOf(field, root) === "refs"} />;
    case "other":
      return <Json {...props} />;
    default:
      return <AntInput {...more} maxLength={field.maxLength} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
}

function Numeral(props: Marked): JSX.Element {
  const { field, value, onChange } = props;
  const bounds = { ...(field.minimum === undefined ? {} : { min: field.minimum }), ...(field.maximum === undefined ? {} : { max: field.maximum }) };
  return (
    <InputNumber
      {...told(props)}
      {...bounds}
      className="form-short"
      {...(field.type === "integer" ? { precision: 0 } : {})}
      value={typeof value === "number" ? value : null}
      onChange={onChange}
    />
  );
}

function Choice(props: Marked & { several?: boolean }): JSX.Element {
  const { t } = useTranslation();
  const { root } = useForm();
  const { field, value, onChange, several = false } = props;
  const options = useOptions(several ? { ...field, ...choicesOf(field), optional: field.optional } : field);
  const isOptional = kindOf(field, root) === "choice" && !props.required;
  return (
    <Select
      {...told(props)}
      {...(several ? { mode: "multiple" as const } : {})}
      showSearch={{ optionFilterProp: "label" }}
      allowClear={isOptional}
      placeholder={t("form.choose")}
      options={options}
      value={value === "" ? null : (value as string | string[] | null)}
      onChange={(one) => onChange(one ?? (field.optional ? null : ""))}
    />
  );
}

/** The choices of a list stand at the list or at its items. */
const choicesOf = (field: Field): Pick<Field, "options" | "enum"> => ({
  ...(field.options === undefined ? (field.items?.options === undefined ? {} : { options: field.items.options }) : { options: field.options }),
  ...(field.items?.enum === undefined ? {} : { enum: field.items.enum }),
});

function Radios(props: Marked): JSX.Element {
  const { t } = useTranslation();
  const { root } = useForm();
  const { id, field, value, onChange } = props;
  const codes = useOptions(field);
  const yesNo = [
    { value: true, label: t("form.yes") },
    { value: false, label: t("form.no") },
  ];
  const options = kindOf(field, root) === "yesNo" ? yesNo : codes;
  return <Radio.Group id={id} aria-labelledby={`${id}-label`} options={options as { value: string; label: string }[]} value={value as string} onChange={(event) => onChange(event.target.value)} />;
}

/** What no field fits is written as JSON; a text that is none yet stays a text, which the server names. */
function Json(props: Marked): JSX.Element {
  const { value, onChange } = props;
  const shown = typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
  return <AntInput.TextArea {...told(props)} rows={2} className="form-code" value={shown} onChange={(event) => onChange(parsed(event.target.value))} />;
}

function parsed(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
