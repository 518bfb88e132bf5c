import { useTranslation } from "react-i18next";

import type { Kind } from "../../api/procedures";
import type { Schema } from "../../shared/form/schema";
import { useSaid, useTitled } from "../../shared/tongue";

/** What was done, in words: the name of a step, or of the opening. */
export function useActName(kind: Kind): (act: string) => string {
  const { t } = useTranslation();
  const said = useTitled();
  return (act) => {
    const move = kind.moves.find(({ name }) => name === act);
    return move === undefined ? t(`procedures.acts.${act}`, { defaultValue: act }) : said(move.words);
  };
}

/** The names of fields of a kind's data, one after the other. */
export function useFieldNames(kind: Kind): (fields: readonly string[]) => string {
  const { t } = useTranslation();
  const said = useSaid();
  const properties = (kind.data as Schema).properties ?? {};
  const nameOf = (field: string): string => {
    const { zh, en } = properties[field] ?? {};
    if (field === "state") return t("procedures.state");
    return zh === undefined || en === undefined ? field : said({ zh, en });
  };
  return (fields) => fields.map(nameOf).join(t("office.comma"));
}
