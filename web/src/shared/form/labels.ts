/** What fields and codes are called, in the language being read. */

import { useSaid } from "../tongue";
import type { Field, Schema } from "./schema";

export function useLabel(): (name: string, field: Schema) => string {
  const said = useSaid();
  return (name, { zh, en }) => (zh === undefined || en === undefined ? name : said({ zh, en }));
}

/** Codes with their words; what a later version adds shows as it is. */
export function useOptions(field: Field): { value: string; label: string }[] {
  const said = useSaid();
  return optionsOf(field).map((value) => {
    const words = field.options?.[value];
    return { value, label: words === undefined ? value : said(words) };
  });
}

export const optionsOf = ({ options, enum: values }: Field): readonly string[] => values ?? Object.keys(options ?? {});
