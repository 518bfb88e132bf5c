/** The forms of places and parts. */

import type { TFunction } from "i18next";

import type { Place } from "../../api/places";
import type { Schema, Words } from "../../shared/form/schema";

type Options = Readonly<Record<string, Words>>;
const RING: Schema = { type: "array", items: { type: "array", prefixItems: [{ type: "number" }, { type: "number" }] } };
export type Near = [longitude: number, latitude: number] | null;
const area = (near: Near): Schema => empty({ ...RING, ...(near === null ? {} : { near }) });
const empty = (inner: Schema): Schema => ({ anyOf: [inner, { type: "null" }] });
const labelled = (t: TFunction, key: string, schema: Schema): Schema => ({ ...schema, zh: t(key, { lng: "zh-CN" }), en: t(key, { lng: "en" }) });

const choices = (options: Options, least = 0): Schema => ({ type: "array", items: { type: "string" }, options, minItems: least });

/** Where a place is, as far as it is known. */
export const nearOf = ({ longitude, latitude, outline }: Place): Near => outline?.[0] ?? (longitude === null || latitude === null ? null : [longitude, latitude]);

/** `isClassified`: a category once given changes by a decision alone (R8.6), and likeness by a reviewer: see `ClassifyForm`. */
export function placeForm(t: TFunction, lists: { divisions: Options; kinds: Options; categories: Options; systems: Options }, near: Near, isClassified: boolean): Schema {
  const fields: Record<string, Schema> = {
    name: { type: "string", minLength: 1, maxLength: 100 },
    division: { type: "string", options: lists.divisions },
    kind: { type: "string", options: lists.kinds },
    ...(isClassified ? {} : { categories: choices(lists.categories) }),
    citation: { type: "string", maxLength: 200 },
    is_public: { type: "boolean", default: true },
    counter_terror: { type: "boolean" },
    is_secret_neighbour: { type: "boolean" },
    operator: { ...empty({ type: "string", ref: "organisation" }) },
    address: { type: "string", maxLength: 200 },
    coordinate_system: { type: "string", options: lists.systems, default: "wgs84" },
    longitude: empty({ type: "number", minimum: -180, maximum: 180 }),
    latitude: empty({ type: "number", minimum: -90, maximum: 90 }),
    outline: area(near),
  };
  const properties = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, labelled(t, `places.fields.${name}`, schema)]));
  return { type: "object", required: ["name", "division", "kind"], properties };
}

export function partForm(t: TFunction, kinds: Options, near: Near): Schema {
  const fields: Record<string, Schema> = {
    name: { type: "string", minLength: 1, maxLength: 100 },
    kindCode: empty({ type: "string", options: kinds }),
    kind: { type: "string", maxLength: 100 },
    is_key: { type: "boolean" },
    floor: { type: "string", maxLength: 10 },
    polygon: area(near),
  };
  const properties = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, labelled(t, `places.partFields.${name}`, schema)]));
  return { type: "object", required: ["name"], properties };
}

export function reviewForm(t: TFunction): Schema {
  return {
    type: "object",
    required: ["is_private", "reason"],
    properties: {
      is_private: labelled(t, "places.reviewFields.is_private", { type: "boolean" }),
      reason: labelled(t, "places.reviewFields.reason", { type: "string", minLength: 1, maxLength: 500 }),
    },
  };
}

export function reclassificationForm(t: TFunction, categories: Options): Schema {
  return {
    type: "object",
    required: ["decision"],
    properties: {
      categories: labelled(t, "places.fields.categories", choices(categories)),
      decision: labelled(t, "places.decision", { type: "string", minLength: 1, maxLength: 200 }),
    },
  };
}

export function likenessForm(t: TFunction, categories: Options): Schema {
  return {
    type: "object",
    required: ["categories", "note"],
    properties: {
      categories: labelled(t, "places.likeCategories", choices(categories, 1)),
      note: labelled(t, "places.likeNote", { type: "string", minLength: 1, maxLength: 500 }),
    },
  };
}
