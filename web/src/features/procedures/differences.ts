/** Two values of one shape down to the fields that differ. */

import { fieldOf, itemOf, kindOf, type Field, type Group, type Schema, type Value } from "../../shared/form/schema";

export interface Leaf {
  /** Names from the outside in, each with the field it is a name in. */
  path: { key: string; of: Field }[];
  field: Field;
  before: Value;
  after: Value;
}

/** `changes`: by field of the data what it was and what it became. */
export function leavesOf(data: Schema, changes: Readonly<Record<string, readonly unknown[]>>): Leaf[] {
  const root = fieldOf(data, data);
  return Object.entries(changes).flatMap(([name, [before, after]]) => {
    const schema = root.properties?.[name];
    return schema === undefined ? [] : split({ path: [{ key: name, of: root }], field: fieldOf(schema, data), before, after }, data);
  });
}

/** A group, list or map that was there before and is there after is told by what differs in it. */
function split(leaf: Leaf, root: Schema): Leaf[] {
  const { path, field, before, after } = leaf;
  if (same(before, after)) return [];
  const kind = kindOf(field, root);
  if (!["group", "map", "list"].includes(kind) || isBare(before) || isBare(after)) return isBare(before) && isBare(after) ? [] : [leaf];
  const [was, is] = [before as Group, after as Group];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return keys.flatMap((key) => {
    const inner = kind === "group" ? fieldOf(field.properties?.[key] ?? {}, root) : itemOf(field, root);
    const name = kind === "list" ? String(Number(key) + 1) : key;
    return split({ path: [...path, { key: name, of: field }], field: inner, before: was[key], after: is[key] }, root);
  });
}

const isBare = (value: Value): boolean => value === null || value === undefined || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);
