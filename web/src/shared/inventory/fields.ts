/** The fields of a camera file: what they are called, what their codes mean, how they are asked for. */

import { useTranslation } from "react-i18next";

import { useFileFields, type CameraFile, type FileField } from "../../api/camera-files";
import type { Group, Schema, Value } from "../form/schema";
import { useSaid } from "../tongue";

const THINGS: Readonly<Record<string, string>> = { system: "record:system", place: "place", part: "part" };

/** What an id in a field refers to; null: it holds no id. */
export function refOf({ kind, name }: FileField): string | null {
  if (kind === "organisation") return "organisation";
  return kind === "thing" ? (THINGS[name] ?? null) : null;
}

export function useFields(): { all: readonly FileField[]; find: (name: string) => FileField | undefined } {
  const all = useFileFields().data?.items ?? [];
  return { all, find: (name) => all.find((field) => field.name === name) };
}

/** "address" as people call it; fields that have no name of their own show as they are. */
export function useFieldName(): (name: string) => string {
  const said = useSaid();
  const { find } = useFields();
  return (name) => {
    const field = find(name);
    return field === undefined ? name : said(field);
  };
}

const CITY = "230100"; // of a file whose district nobody has said yet

/** The word of a code; a code of a later version shows as it is. */
export function useCodeName(): (field: string, code: string) => string {
  const { t } = useTranslation();
  const said = useSaid();
  const { find } = useFields();
  return (field, code) => {
    if (field === "division" && code === CITY) return t("office.wholeCity");
    const value = find(field)?.values.find((one) => one.code === code);
    return value === undefined ? code : said(value);
  };
}

const TYPES: Readonly<Record<FileField["kind"], Schema>> = {
  text: { type: "string" },
  whole: { type: "integer" },
  number: { type: "number" },
  date: { type: "string", format: "date" },
  flag: { type: "boolean" },
  code: { type: "string" },
  organisation: { type: "string" },
  thing: { type: "string" },
};

/** How one field is asked for in a form; `required`: it may not be left empty. */
export function schemaOf(field: FileField, required: boolean): Schema {
  const ref = refOf(field);
  const inner: Schema = {
    ...TYPES[field.kind],
    ...(field.kind === "text" ? { maxLength: field.length, minLength: required ? 1 : 0 } : {}),
    ...(field.pattern === "" ? {} : { pattern: `^(?:${field.pattern})$` }),
    ...(field.least === null ? {} : { minimum: field.least }),
    ...(field.most === null ? {} : { maximum: field.most }),
    ...(ref === null ? {} : { ref }),
    ...(field.values.length === 0 ? {} : { options: Object.fromEntries(field.values.map(({ code, zh, en }) => [code, { zh, en }])) }),
  };
  const unit = field.unit === "" ? "" : ` (${field.unit})`;
  const words = { zh: field.zh + unit, en: field.en + unit };
  return required || field.kind === "flag" ? { ...inner, ...words } : { anyOf: [inner, { type: "null" }], ...words };
}

/** A form of these fields. `needed`: names that may not be empty. */
export function formOf(fields: readonly FileField[], needed: readonly string[] = []): Schema {
  const required = fields.map(({ name }) => name).filter((name) => needed.includes(name));
  return { type: "object", required, properties: Object.fromEntries(fields.map((field) => [field.name, schemaOf(field, required.includes(field.name))])) };
}

const GIVEN: Readonly<Record<string, "original_x" | "original_y">> = { longitude: "original_x", latitude: "original_y" };

/** What a file says in a field, as it was given; null: nothing. */
export function valueIn(file: CameraFile, { name, home }: FileField): Value {
  if (home === "view") return (file.view as Group)[name] ?? null;
  if (home === "fields") return file.fields[name] ?? null;
  const value = (file as unknown as Group)[GIVEN[name] ?? name];
  return value === "" || value === undefined ? null : value;
}

/** The same as the API takes it: columns flat, the view whole, the rest in `fields`. */
export function sentOf(fields: readonly FileField[], values: Group, view: CameraFile["view"] | null): Group {
  const of = (home: FileField["home"]): [string, Value][] =>
    fields.filter((field) => field.home === home && field.name in values).map(({ name }) => [name, values[name] ?? null]);
  const [inView, inFields] = [Object.fromEntries(of("view")), Object.fromEntries(of("fields"))];
  return {
    ...Object.fromEntries(of("column").map(([name, value]) => [name, COLUMNS_OF_TEXT.has(name) && value === null ? "" : value])),
    ...(Object.keys(inView).length === 0 ? {} : { view: { ...view, ...inView } }),
    ...(Object.keys(inFields).length === 0 ? {} : { fields: inFields }),
  };
}

/** Columns of codes know no null when a file is added; there, empty is the empty text. */
const COLUMNS_OF_TEXT: ReadonlySet<string> = new Set([
  "structure_type", "function_type", "point_type", "capture_position_type", "network_status", "decree_class",
]);

/** An empty field is one, whether a form says it by null or by an empty text. */
const written = (value: Value): string => (value === "" || value === undefined ? "null" : JSON.stringify(value));

/** What differs from what was: only that is sent. A position goes as a whole, with its system. */
export function changedOf(before: Group, after: Group): Group {
  const names = Object.keys(after).filter((name) => written(after[name]) !== written(before[name]));
  const position = ["longitude", "latitude", "crs"];
  const whole = names.some((name) => position.includes(name)) ? [...new Set([...names, ...position.filter((name) => name in after)])] : names;
  return Object.fromEntries(whole.map((name) => [name, after[name] ?? null]));
}
