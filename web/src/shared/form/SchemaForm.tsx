/** A form made from a JSON Schema: each field by its kind, groups and lists inside it, faults at their place. */

import { createContext, useContext, type JSX } from "react";

import { Fieldset } from "./Fieldset";
import { Input } from "./inputs";
import { useLabel } from "./labels";
import { MapField, ListField, LinesField } from "./lists";
import { OutlineField } from "./OutlineField";
import { RingField } from "./RingField";
import { fieldsOf, joined, kindOf, type Field, type Group, type Schema, type Value } from "./schema";

interface FormValue {
  root: Schema;
  /** What is wrong, in words, by path. */
  faults: ReadonlyMap<string, string>;
  /** Tells the ids of two forms on one page apart. */
  prefix: string;
}

const FormContext = createContext<FormValue>({ root: {}, faults: new Map(), prefix: "" });
export const FormProvider = FormContext.Provider;
export const useForm = (): FormValue => useContext(FormContext);

export const idOf = (prefix: string, path: string): string => `${prefix}-${path.replaceAll(".", "-")}`;

interface Props {
  path: string;
  field: Field;
  label: string;
  required: boolean;
  value: Value;
  onChange: (value: Value) => void;
}

export type FieldProps = Props;

/** One field with all that is in it. */
export function FieldEditor(props: Props): JSX.Element | null {
  const { root } = useForm();
  switch (kindOf(props.field, root)) {
    case "fixed":
      return null;
    case "group":
      return <GroupEditor {...props} />;
    case "list":
      return <ListField {...props} />;
    case "map":
      return <MapField {...props} />;
    case "ring":
      return <RingField {...props} />;
    case "outline":
      return <OutlineField {...props} />;
    case "lines":
      return <LinesField {...props} />;
    default:
      return <Input {...props} />;
  }
}

function GroupEditor(props: Props): JSX.Element {
  const { path, label, field, required, value, onChange } = props;
  return (
    <Fieldset path={path} label={label} required={required} optional={field.optional ? { value, onChange, field } : null}>
      <GroupFields path={path} field={field} value={(value ?? {}) as Group} onChange={onChange} />
    </Fieldset>
  );
}

/** The fields of a group, one below the other. */
export function GroupFields({ path, field, value, onChange }: { path: string; field: Field; value: Group; onChange: (value: Group) => void }): JSX.Element {
  const { root } = useForm();
  const labelOf = useLabel();
  return (
    <>
      {fieldsOf(field, root).map(([name, inner]) => (
        <FieldEditor
          key={name}
          path={joined(path, name)}
          field={inner}
          label={labelOf(name, inner)}
          required={field.required?.includes(name) === true && !inner.optional}
          value={value[name]}
          onChange={(one) => onChange({ ...value, [name]: one })}
        />
      ))}
    </>
  );
}
