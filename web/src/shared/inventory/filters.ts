/** The filter of the camera list as a value, and its form in the address bar: the names are those of the API. */

import type { FileFilter, FileSort } from "../../api/camera-files";

export const TEXTS = [
  "q", "division", "status", "system", "place", "part", "management_unit", "responsible_body", "point_type", "function_type", "structure_type",
  "capture_position_type", "network_status", "decree_class", "missing", "faulty", "bbox",
] as const;
export const FLAGS = ["has_stream", "has_position", "has_responsible_body", "counter_terror", "is_article8", "is_government_built"] as const;
export const NUMBERS = ["fill_below_bp", "correct_below_bp"] as const;
export const LISTS = ["states", "ids"] as const;
/** Those that do not stand in the first row of the page. */
export const MORE: readonly string[] = [...TEXTS.filter((name) => !["q", "division", "status"].includes(name)), ...FLAGS, ...NUMBERS, "ids"];
export const ALL: readonly string[] = [...TEXTS, ...FLAGS, ...NUMBERS, ...LISTS];

/** Anything odd in the address is left out, so that the rest works. */
export function readFilter(query: URLSearchParams): FileFilter {
  const found: Record<string, unknown> = {};
  for (const name of TEXTS) if ((query.get(name) ?? "") !== "") found[name] = query.get(name);
  for (const name of FLAGS) if (["true", "false"].includes(query.get(name) ?? "")) found[name] = query.get(name) === "true";
  for (const name of NUMBERS) if (/^\d{1,5}$/.test(query.get(name) ?? "")) found[name] = Number(query.get(name));
  for (const name of LISTS) if (query.getAll(name).length > 0) found[name] = query.getAll(name);
  return found;
}

export function writeFilter(filter: FileFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) for (const one of [value].flat()) query.append(name, String(one));
  return query;
}

const SORTS: readonly FileSort[] = ["name", "device_id", "changed"];

export function readOrder(query: URLSearchParams): { sort: FileSort; descending: boolean } {
  return { sort: SORTS.find((sort) => sort === query.get("sort")) ?? "name", descending: query.get("descending") === "true" };
}

/** How many of the filters that the first row does not show are in use. */
export const moreOf = (filter: FileFilter): number => Object.keys(filter).filter((name) => MORE.includes(name)).length;
