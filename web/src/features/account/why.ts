/** What went wrong with one's own account, in words. */

import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { useProblemText } from "../../shared/States";

const KNOWN: Readonly<Record<string, string>> = {
  wrong_password: "access.passwordWrong",
  wrong_code: "access.codeWrong",
  password_too_short: "access.passwordMin",
};

export function useAccountWhy(): (error: unknown) => string {
  const { t } = useTranslation();
  const text = useProblemText();
  return (error) => {
    if (!(error instanceof Problem)) return text(error).title;
    if (error.status === 429) return error.retryAfterSeconds === null ? t("signIn.lockedSoon") : t("signIn.locked", { seconds: error.retryAfterSeconds });
    const known = KNOWN[error.code ?? ""];
    return known === undefined ? text(error).title : t(known);
  };
}
