/** The law's lists that a kind may be from. */
export const KIND_LISTS = ["decree_government_place", "decree_operator_place", "vehicle", "prohibited_place"] as const;
export const PART_LISTS = ["prohibited_place", "open_part"] as const;
