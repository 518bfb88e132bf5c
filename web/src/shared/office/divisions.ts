/** What divisions are called: their names come with the forms of every kind. */

import { useTranslation } from "react-i18next";

import { useKinds } from "../../api/procedures";
import type { Schema, Words } from "../form/schema";
import { useSaid } from "../tongue";

export function useDivisions(): Readonly<Record<string, Words>> {
  const opening = useKinds().data?.[0]?.opening as Schema | undefined;
  return opening?.properties?.["division"]?.options ?? {};
}

/** Of a record of no division: the whole city. */
export function useDivisionName(): (code: string) => string {
  const { t } = useTranslation();
  const said = useSaid();
  const divisions = useDivisions();
  return (code) => {
    const words = divisions[code];
    return words === undefined ? code || t("office.wholeCity") : said(words);
  };
}
