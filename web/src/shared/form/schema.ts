/** A JSON Schema with labels, as the server describes its forms: which field is asked for how, and what is wrong with a value. */

export interface Words {
  zh: string;
  en: string;
}

export interface Schema {
  type?: string;
  format?: string;
  enum?: readonly string[];
  const?: unknown;
  $ref?: string;
  $defs?: Readonly<Record<string, Schema>>;
  anyOf?: readonly Schema[];
  allOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  prefixItems?: readonly Schema[];
  additionalProperties?: Schema | boolean;
  patternProperties?: Readonly<Record<string, Schema>>;
  propertyNames?: Schema;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
  zh?: string;
  en?: string;
  /** The number of an entry of the journal. */
  journal?: boolean;
  ref?: string;
  /** Of an area: where to begin to look. */
  near?: [longitude: number, latitude: number];
  options?: Readonly<Record<string, Words>>;
}

export type Value = unknown;
export type Group = Readonly<Record<string, Value>>;

export type FieldKind =
  | "line" | "text" | "number" | "date" | "instant" | "choice" | "choices" | "yesNo" | "ref" | "refs" | "ring" | "outline" | "lines" | "list" | "map" | "group" | "entry" | "entries" | "fixed" | "other";

/** A schema with its references followed; whether it may be left empty is told apart. */
export interface Field extends Schema {
  optional: boolean;
}

const LONG = 200; // characters: more than a line holds

export function fieldOf(schema: Schema, root: Schema): Field {
  const { $ref, anyOf, allOf, ...own } = schema;
  if ($ref !== undefined) return { ...fieldOf(root.$defs?.[$ref.replace("#/$defs/", "")] ?? {}, root), ...own };
  if (allOf?.[0] !== undefined) return { ...fieldOf(allOf[0], root), ...own };
  if (anyOf === undefined) return { ...own, optional: false };
  const some = anyOf.filter(({ type }) => type !== "null");
  const chosen = some.find(({ type }) => type === "number" || type === "integer") ?? some[0] ?? {};
  const inner = fieldOf(chosen, root);
  return { ...inner, ...own, optional: some.length < anyOf.length || inner.optional };
}

export function kindOf(field: Field, root: Schema): FieldKind {
  if (field.const !== undefined) return "fixed";
  if (field.properties !== undefined) return "group";
  switch (field.type) {
    case "boolean":
      return "yesNo";
    case "integer":
    case "number":
      return field.journal === true ? "entry" : "number";
    case "array":
      return kindOfList(field, root);
    case "object":
      return mapped(field) === undefined ? "other" : "map";
    case "string":
      return kindOfText(field);
    default:
      return field.enum === undefined ? "other" : "choice";
  }
}

function kindOfText({ ref, options, enum: values, format, maxLength }: Field): FieldKind {
  if (ref !== undefined) return "ref";
  if (options !== undefined || values !== undefined) return "choice";
  if (format === "date") return "date";
  if (format === "date-time") return "instant";
  return maxLength === undefined || maxLength > LONG ? (format === undefined && maxLength !== undefined ? "text" : "line") : "line";
}

function kindOfList(field: Field, root: Schema): FieldKind {
  if (field.items === undefined || field.prefixItems !== undefined) return "other";
  if (isPoint(field.items)) return field.items.prefixItems?.every(isShare) === true ? "outline" : "ring";
  const item = itemOf(field, root);
  switch (kindOf(item, root)) {
    case "ref":
      return "refs";
    case "choice":
      return "choices";
    case "entry":
      return "entries";
    case "line":
    case "text":
      return "lines";
    default:
      return "list";
  }
}

/** Longitude and latitude; a list of them is an area. */
const isPoint = ({ type, prefixItems }: Schema): boolean => type === "array" && prefixItems?.length === 2 && prefixItems.every((one) => one.type === "number");

/** Of a picture's width or height; a list of such corners is an outline over it. */
const isShare = ({ minimum, maximum }: Schema): boolean => minimum === 0 && maximum === 1;

/** Of a map: what stands under its keys. */
const mapped = ({ additionalProperties, patternProperties = {} }: Field): Schema | undefined =>
  typeof additionalProperties === "object" ? additionalProperties : Object.values(patternProperties)[0];

/** Of a list or a map: what each item is; a choice of codes belongs to the items. */
export function itemOf(field: Field, root: Schema): Field {
  const inner = mapped(field) ?? field.items ?? {};
  const item = fieldOf(inner, root);
  const isList = field.type === "array";
  return { ...item, ...(isList && field.options !== undefined ? { options: field.options } : {}), ...(isList && field.ref !== undefined ? { ref: field.ref } : {}) };
}

/** The fields of a group with their names, in order. */
export function fieldsOf(group: Schema, root: Schema): [name: string, field: Field][] {
  return Object.entries(group.properties ?? {}).map(([name, schema]) => [name, fieldOf(schema, root)]);
}

/** What stands in an empty form. */
export function initialOf(field: Field, root: Schema): Value {
  if (field.default !== undefined) return field.default;
  switch (kindOf(field, root)) {
    case "group":
      return field.optional ? null : Object.fromEntries(fieldsOf(field, root).map(([name, inner]) => [name, initialOf(inner, root)]));
    case "list":
    case "lines":
    case "choices":
    case "refs":
    case "ring":
    case "outline":
      return [];
    case "map":
      return {};
    case "yesNo":
      return field.optional ? null : false;
    case "number":
    case "ref":
    case "choice":
    case "date":
    case "instant":
    case "other":
      return null;
    case "fixed":
      return field.const;
    default:
      return "";
  }
}

/** What is sent: an optional text left empty is nothing; a field with a default that is left empty is left out. */
export function cleaned(field: Field, value: Value, root: Schema): Value {
  const kind = kindOf(field, root);
  if (isEmpty(value)) return field.optional ? null : value;
  if (kind === "ring") return (value as Value[]).length === 0 && field.optional ? null : value;
  if (kind === "group") return cleanedGroup(field, value as Group, root);
  if (kind === "list") return (value as Value[]).map((one) => cleaned(itemOf(field, root), one, root));
  if (kind === "map") return Object.fromEntries(Object.entries(value as Group).map(([key, one]) => [key, cleaned(itemOf(field, root), one, root)]));
  if (kind === "lines") return (value as string[]).map((one) => one.trim()).filter((one) => one !== "");
  return value;
}

export function cleanedGroup(group: Field, value: Group, root: Schema): Group {
  const entries = fieldsOf(group, root).flatMap(([name, field]) => {
    const one = cleaned(field, value[name], root);
    const isLeftOut = isEmpty(one) && !field.optional && field.default !== undefined;
    return one === undefined || isLeftOut ? [] : [[name, one] as const];
  });
  return Object.fromEntries(entries);
}

const isEmpty = (value: Value): boolean => value === undefined || value === null || (typeof value === "string" && value.trim() === "");

export type Fault = { key: "required" | "tooShort" | "tooLong" | "tooSmall" | "tooLarge" | "pattern" | "tooFew" | "tooMany"; n?: number };

/** What the form itself can tell is wrong, by path ("items.0.name"). The server has the last word. */
export function faultsOf(field: Field, value: Value, root: Schema, path = "", required = true): Map<string, Fault> {
  const found = new Map<string, Fault>();
  const own = faultOf(field, value, root, required);
  if (own !== null) found.set(path, own);
  if (isEmpty(value)) return found;
  for (const [name, inner, one, needed] of innerOf(field, value, root)) {
    for (const [where, fault] of faultsOf(inner, one, root, joined(path, name), needed)) found.set(where, fault);
  }
  return found;
}

export const joined = (path: string, name: string | number): string => (path === "" ? String(name) : `${path}.${name}`);

function innerOf(field: Field, value: Value, root: Schema): [name: string | number, field: Field, value: Value, required: boolean][] {
  switch (kindOf(field, root)) {
    case "group":
      return fieldsOf(field, root).map(([name, inner]) => [name, inner, (value as Group)[name], field.required?.includes(name) === true]);
    case "list":
      return (value as Value[]).map((one, n) => [n, itemOf(field, root), one, true]);
    case "map":
      return Object.entries(value as Group).map(([key, one]) => [key, itemOf(field, root), one, true]);
    default:
      return [];
  }
}

function faultOf(field: Field, value: Value, root: Schema, required: boolean): Fault | null {
  if (Array.isArray(value)) return kindOf(field, root) === "ring" ? faultOfRing(value as number[][], required && !field.optional) : faultOfList(field, value, required);
  if (isEmpty(value)) {
    const demanded = !field.optional && (required || (field.minLength ?? 0) > 0) && field.default === undefined;
    const mayBeBlank = ["line", "text"].includes(kindOf(field, root)) && (field.minLength ?? 0) === 0 && value !== null && value !== undefined;
    return demanded && !mayBeBlank ? { key: "required" } : null;
  }
  if (typeof value === "string") return faultOfText(field, value.trim());
  return typeof value === "number" ? faultOfNumber(field, value) : null;
}

function faultOfText({ minLength, maxLength, pattern }: Field, text: string): Fault | null {
  if (minLength !== undefined && text.length < minLength) return { key: "tooShort", n: minLength };
  if (maxLength !== undefined && [...text].length > maxLength) return { key: "tooLong", n: maxLength };
  return pattern !== undefined && !new RegExp(pattern, "u").test(text) ? { key: "pattern" } : null;
}

function faultOfNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Field, n: number): Fault | null {
  const least = minimum ?? exclusiveMinimum;
  const most = maximum ?? exclusiveMaximum;
  if (least !== undefined && (n < least || (n === least && exclusiveMinimum !== undefined && minimum === undefined))) return { key: "tooSmall", n: least };
  if (most !== undefined && (n > most || (n === most && exclusiveMaximum !== undefined && maximum === undefined))) return { key: "tooLarge", n: most };
  return null;
}

function faultOfList({ minItems, maxItems }: Field, items: readonly Value[], required: boolean): Fault | null {
  if (required && minItems !== undefined && items.length < minItems) return { key: "tooFew", n: minItems };
  return maxItems !== undefined && items.length > maxItems ? { key: "tooMany", n: maxItems } : null;
}

const CORNERS_LEAST = 3;

function faultOfRing(corners: readonly (readonly (number | null)[])[], required: boolean): Fault | null {
  if (corners.length === 0 && !required) return null;
  if (corners.length < CORNERS_LEAST) return { key: "tooFew", n: CORNERS_LEAST };
  return corners.flat().includes(null) ? { key: "required" } : null;
}

export function valueAt(value: Value, path: string): Value {
  return path === "" ? value : path.split(".").reduce<Value>((inner, name) => (inner as Group | null | undefined)?.[name], value);
}

/** The field that the server's "body.opinion.document" means: the longest path the form knows, else the form itself. */
export function placeOf(field: string, known: readonly string[]): string {
  const path = field.replace(/^body\./, "");
  const fits = known.filter((one) => one !== "" && (path === one || path.startsWith(`${one}.`)));
  return fits.sort((a, b) => b.length - a.length)[0] ?? "";
}

/** Every path of the form as it stands. */
export function pathsOf(field: Field, value: Value, root: Schema, path = ""): string[] {
  const inner = isEmpty(value) ? [] : innerOf(field, value, root);
  return [path, ...inner.flatMap(([name, one, of]) => pathsOf(one, of, root, joined(path, name)))];
}
