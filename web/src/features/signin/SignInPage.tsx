import { useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";

import { Problem } from "../../api/client";
import { becomeFirst, signIn, useFirstAwaited } from "../../api/people";
import { answerProvider, finishAtProvider, useProvider } from "../../api/provider";
import { accessEn } from "../../shared/dictionaries/access.en";
import { accessZhCN } from "../../shared/dictionaries/access.zh-CN";
import { addWords } from "../../shared/i18n";
import { Mark } from "../../shared/Mark";
import { useProblemText } from "../../shared/States";
import { Switches } from "../../shared/Switches";
import { leave, useAnswer } from "./byProvider";
import { CodeForm, FirstForm, PasswordForm, ProviderButton, type FirstFields, type PasswordFields } from "./forms";

addWords({ "zh-CN": accessZhCN, en: accessEn });

/** Whose code is wanted: of a name and password, or of somebody whom the identity provider knows. */
type Known = PasswordFields | "provider";

/**
 * Name and password, or the city's identity provider; then the code of whoever has a second factor. Or the first
 * administrator, while there is nobody.
 */
export default function SignInPage(): JSX.Element {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const isFirst = useFirstAwaited().data === true;
  const provider = useProvider().data;
  const { state } = useLocation();
  const [known, setKnown] = useState<Known | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const explain = useWhy(isFirst);

  const enter = async (fields: PasswordFields, code = ""): Promise<void> => {
    try {
      client.setQueryData(["session"], await signIn(fields.name, fields.password, code));
    } catch (why) {
      if (!(why instanceof Problem) || why.code !== "second_factor_needed") throw why;
      setKnown(fields);
    }
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (why) {
      setError(why);
    } finally {
      setBusy(false);
    }
  };
  const enterCode = async (code: string): Promise<void> => {
    if (known === "provider") client.setQueryData(["session"], await finishAtProvider(code));
    else if (known !== null) await enter(known, code);
  };
  useAnswer((answer) =>
    void attempt(async () => {
      const person = await answerProvider(answer);
      if (person === null) setKnown("provider");
      else client.setQueryData(["session"], person);
    }),
  );
  const begin = async ({ code, ...fields }: FirstFields): Promise<void> => {
    await becomeFirst({ code, ...fields, language: i18n.language === "en" ? "en" : "zh" });
    await enter(fields);
  };

  return (
    <main className="signin">
      <div className="signin-switches">
        <Switches />
      </div>
      <section className="card">
        <div className="signin-brand">
          <Mark size={40} />
          <div>
            <h1>{t("signIn.title")}</h1>
            <p>{known === null ? t(isFirst ? "access.first" : "signIn.tagline") : known === "provider" ? t("access.codeStep") : t("access.codeFor", { name: known.name })}</p>
          </div>
        </div>
        {error !== null && <Alert type="error" showIcon title={explain(error)} role="alert" />}
        {isFirst && <FirstForm busy={busy} send={(fields) => void attempt(() => begin(fields))} />}
        {!isFirst && known === null && <PasswordForm busy={busy} send={(fields) => void attempt(() => enter(fields))} />}
        {!isFirst && known === null && provider?.is_set === true && <ProviderButton label={provider.label ?? t("access.byProvider")} busy={busy} go={() => void attempt(() => leave(state))} />}
        {known !== null && <CodeForm busy={busy} send={(code) => void attempt(() => enterCode(code))} back={() => (setError(null), setKnown(null))} />}
      </section>
    </main>
  );
}

const PROVIDER_WORDS: Readonly<Record<string, string>> = {
  provider_away: "access.providerAway",
  provider_lost: "access.providerLost",
  provider_denied: "access.providerDenied",
  provider_not_genuine: "access.providerNotGenuine",
  provider_unbound: "access.providerUnbound",
};

function useWhy(isFirst: boolean): (error: unknown) => ReactNode {
  const { t } = useTranslation();
  const text = useProblemText();
  return (error) => {
    if (error instanceof Problem && error.code !== null && error.code in PROVIDER_WORDS) return t(PROVIDER_WORDS[error.code] ?? "");
    if (error instanceof Problem && error.code === "wrong_code") return t(isFirst ? "access.firstCodeWrong" : "access.codeWrong");
    if (error instanceof Problem && error.code === "password_too_short") return t("access.passwordMin");
    if (error instanceof Problem && error.status === 401) return t("signIn.wrong");
    if (error instanceof Problem && error.status === 429) {
      const seconds = error.retryAfterSeconds;
      return seconds === null ? t("signIn.lockedSoon") : t("signIn.locked", { seconds });
    }
    const { title, hint } = text(error);
    return <>{title} {hint}</>;
  };
}
