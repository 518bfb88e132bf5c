import type { Kind } from "../../api/procedures";
import type { Schema } from "../../shared/form/schema";

/** The form of an opening: what it is about is asked only of kinds that are about something, and then it is needed. */
export function openingOf(kind: Pick<Kind, "opening" | "subject">): Schema {
  const schema = kind.opening as Schema;
  const { subject, ...rest } = schema.properties ?? {};
  if (kind.subject === "" || subject === undefined) return { ...schema, properties: rest };
  const labels = { ...(subject.zh === undefined ? {} : { zh: subject.zh }), ...(subject.en === undefined ? {} : { en: subject.en }) };
  const { title, ...others } = rest;
  const about: Schema = { type: "string", format: "uuid", ref: kind.subject, ...labels };
  return { ...schema, properties: { ...(title === undefined ? {} : { title }), subject: about, ...others }, required: [...(schema.required ?? []), "subject"] };
}

/** What the address says of the form's references: where one comes from a place, or an entry of a catalogue. */
export function prefilled(schema: Schema, query: URLSearchParams): Record<string, string> {
  const refs = Object.entries(schema.properties ?? {}).filter(([, field]) => "ref" in field || (field.anyOf ?? []).some((one) => "ref" in one));
  return Object.fromEntries(refs.flatMap(([name]) => (query.has(name) ? [[name, query.get(name) ?? ""]] : [])));
}
