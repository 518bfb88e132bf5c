/** What an account is, in words. */

import { CheckCircleOutlined, StopOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { PersonRow } from "../../api/people";
import { useLawCodes } from "../../shared/inventory/codes";
import { useSaid } from "../../shared/tongue";

type Props = { of: PersonRow };
const WHOLE_CITY = "2301";

export function Roles({ of }: Props): JSX.Element {
  const { t } = useTranslation();
  return <>{of.roles.map((role) => t(`app.roles.${role}`)).join(" · ")}</>;
}

export function Areas({ of }: Props): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const divisions = useLawCodes("division");
  const name = (code: string): string => (code === WHOLE_CITY ? t("people.wholeCity") : divisions[code] === undefined ? code : said(divisions[code]));
  return <>{(of.areas ?? []).map(name).join(" · ")}</>;
}

export function Contract({ of }: Props): JSX.Element {
  const { t } = useTranslation();
  const parts = [of.valid_from === null ? [] : [t("people.from", { day: of.valid_from })], of.contract_ends === null ? [] : [t("people.until", { day: of.contract_ends })]].flat();
  return <span className="digits">{parts.length === 0 ? t("people.unlimited") : parts.join(" ")}</span>;
}

/** With a sign and a word: never by colour alone. */
export function AccountState({ of }: Props): JSX.Element {
  const { t } = useTranslation();
  if (of.is_open) {
    return (
      <span className="tone-good nowrap">
        <CheckCircleOutlined /> {t("people.open")}
      </span>
    );
  }
  return (
    <span className="tone-warn nowrap">
      <StopOutlined /> {t(of.enabled ? "people.outside" : "people.closed")}
    </span>
  );
}
