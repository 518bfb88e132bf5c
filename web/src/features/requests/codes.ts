/** Codes with their words, as a kind's schemas carry them. */

import type { Kind, Words } from "../../api/procedures";
import { useSaid, useTitled } from "../../shared/tongue";

interface Coded {
  options?: Readonly<Record<string, Words>>;
  items?: Coded;
  anyOf?: readonly Coded[];
}

/** Of a field in one of the kind's schemas, or of one of the models in it: code → words. */
export function optionsIn(schema: unknown, field: string, model: string | null = null): Readonly<Record<string, Words>> {
  const { properties = {}, $defs = {} } = (schema ?? {}) as { properties?: Record<string, Coded>; $defs?: Record<string, { properties?: Record<string, Coded> }> };
  const found = model === null ? properties[field] : $defs[model]?.properties?.[field];
  return found?.options ?? found?.items?.options ?? found?.anyOf?.find(({ options }) => options !== undefined)?.options ?? {};
}

export const moveForm = (kind: Kind, name: string): unknown => kind.moves.find((move) => move.name === name)?.form;

/** What a code is called; an unknown one stays as it is. */
export function useWord(): (options: Readonly<Record<string, Words>>, code: string | null) => string {
  const said = useSaid();
  return (options, code) => (code === null ? "–" : options[code] === undefined ? code : said(options[code]));
}

export function useChoices(options: Readonly<Record<string, Words>>): { value: string; label: string }[] {
  const said = useTitled();
  return Object.entries(options).map(([value, words]) => ({ value, label: said(words) }));
}
