/** Fields of several values: lines, lists of groups, and maps from a key to a group. */

import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { FaultText, Fieldset, RequiredMark } from "./Fieldset";
import { useOptions } from "./labels";
import { RefInput } from "./RefInput";
import { initialOf, itemOf, joined, type Field, type Group, type Value } from "./schema";
import { FieldEditor, idOf, useForm, type FieldProps } from "./SchemaForm";

/** One text a line. */
export function LinesField({ path, label, required, value, onChange }: FieldProps): JSX.Element {
  const { t } = useTranslation();
  const { faults, prefix } = useForm();
  const id = idOf(prefix, path);
  const fault = faults.get(path);
  const lines = (value as string[] | null | undefined) ?? [];
  return (
    <div className="form-field">
      <label className="form-label" htmlFor={id}>
        {label}
        {required && <RequiredMark />}
      </label>
      <Input.TextArea
        id={id}
        rows={Math.min(Math.max(lines.length, 2), 8)}
        value={lines.join("\n")}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint`}
        {...(fault === undefined ? {} : { status: "error" as const })}
        onChange={(event) => onChange(event.target.value === "" ? [] : event.target.value.split("\n"))}
      />
      <p className="fine" id={`${id}-hint`}>
        {t("form.oneALine")}
      </p>
      <FaultText id={`${id}-fault`} text={fault} />
    </div>
  );
}

export function ListField({ path, label, required, field, value, onChange }: FieldProps): JSX.Element {
  const { t } = useTranslation();
  const { root } = useForm();
  const items = (value as Value[] | null | undefined) ?? [];
  const item = itemOf(field, root);
  const full = field.maxItems !== undefined && items.length >= field.maxItems;
  return (
    <Fieldset path={path} label={label} required={required}>
      {items.map((one, n) => (
        <div className="form-item" key={n}>
          <FieldEditor
            path={joined(path, n)}
            field={item}
            label={t("form.nth", { n: n + 1 })}
            required={false}
            value={one}
            onChange={(to) => onChange(items.map((old, at) => (at === n ? to : old)))}
          />
          <Remove label={t("form.removeNth", { n: n + 1 })} run={() => onChange(items.filter((_, at) => at !== n))} />
        </div>
      ))}
      <Add label={t("form.addTo", { label })} disabled={full} run={() => onChange([...items, initialOf(item, root)])} />
    </Fieldset>
  );
}

export function MapField({ path, label, required, field, value, onChange }: FieldProps): JSX.Element {
  const { t } = useTranslation();
  const { root } = useForm();
  const entries = Object.entries((value as Group | null | undefined) ?? {});
  const item = itemOf(field, root);
  const names = useOptions(field);
  const nameOf = (key: string): string => names.find((one) => one.value === key)?.label ?? key;
  return (
    <Fieldset path={path} label={label} required={required}>
      {entries.map(([key, one]) => (
        <div className="form-item" key={key}>
          <FieldEditor
            path={joined(path, key)}
            field={item}
            label={nameOf(key)}
            required={false}
            value={one}
            onChange={(to) => onChange(Object.fromEntries(entries.map(([name, old]) => [name, name === key ? to : old])))}
          />
          <Remove label={t("form.removeOne", { name: nameOf(key) })} run={() => onChange(Object.fromEntries(entries.filter(([name]) => name !== key)))} />
        </div>
      ))}
      <NewKey path={path} label={label} field={field} taken={entries.map(([key]) => key)} add={(key) => onChange({ ...Object.fromEntries(entries), [key]: initialOf(item, root) })} />
    </Fieldset>
  );
}

/** Under which key the next one stands: a code, a thing, or a word. */
function NewKey({ path, label, field, taken, add }: { path: string; label: string; field: Field; taken: readonly string[]; add: (key: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const { prefix } = useForm();
  const [key, setKey] = useState("");
  const options = useOptions(field).filter(({ value }) => !taken.includes(value));
  const id = `${idOf(prefix, path)}-key`;
  const ref = field.propertyNames?.ref;
  const name = t("form.keyOf", { label });
  const run = (): void => {
    add(key.trim());
    setKey("");
  };
  return (
    <div className="form-key">
      {ref !== undefined ? (
        <RefInput path={path} label={name} required={false} several={false} field={{ type: "string", ref, optional: false }} value={key === "" ? null : key} onChange={(one) => setKey(typeof one === "string" ? one : "")} id={id} />
      ) : options.length > 0 ? (
        <Select id={id} aria-label={name} showSearch={{ optionFilterProp: "label" }} placeholder={t("form.choose")} options={options} value={key === "" ? null : key} onChange={setKey} />
      ) : (
        <Input id={id} aria-label={name} placeholder={name} value={key} onChange={(event) => setKey(event.target.value)} />
      )}
      <Add label={t("form.addTo", { label })} disabled={key.trim() === "" || taken.includes(key.trim())} run={run} />
    </div>
  );
}

function Add({ label, disabled, run }: { label: string; disabled: boolean; run: () => void }): JSX.Element {
  return (
    <Button type="dashed" icon={<PlusOutlined />} disabled={disabled} onClick={run}>
      {label}
    </Button>
  );
}

function Remove({ label, run }: { label: string; run: () => void }): JSX.Element {
  return <Button className="form-remove" type="text" icon={<DeleteOutlined />} aria-label={label} title={label} onClick={run} />;
}
