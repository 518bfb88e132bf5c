/** Which shelf of the hall a kind of procedure stands on. */

import type { Kind } from "../../api/procedures";

export const THEMES = ["planning", "acceptance", "filing", "upkeep", "supervision"] as const;
export type Theme = (typeof THEMES)[number];

const NAMED: Readonly<Record<string, Theme>> = {
  ...of("planning", "plan", "system", "project", "product", "qualification", "specification", "consent", "sign_template", "sign", "pruning", "blockage", "support_request"),
  ...of("acceptance", "acceptance", "archive"),
  ...of("filing", "filing", "relocation", "platform", "link", "emergency_order", "share_entry", "share_request"),
  ...of("upkeep", "responsibility", "training", "roster", "shift", "room_log", "contract", "inspection_plan", "inspection", "management_system", "keeping_rules", "daily_check", "flaw"),
  ...of("supervision", "coordination", "appointment", "rectification", "incident", "alert", "case", "staff_case", "public_report", "supervision", "validity"),
};

function of(theme: Theme, ...kinds: string[]): Record<string, Theme> {
  return Object.fromEntries(kinds.map((kind) => [kind, theme]));
}

/** Of a kind that is not named above, by the article that orders it: the measures go from planning to conduct. */
export function themeOf({ name, article }: Pick<Kind, "name" | "article">): Theme {
  const number = Number(/\d+/.exec(article)?.[0] ?? 0);
  return NAMED[name] ?? (number < 16 ? "planning" : number < 18 ? "acceptance" : number < 20 ? "filing" : number < 31 ? "upkeep" : "supervision");
}
