import { useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/client";
import { becomeFirst, signIn, useFirstAwaited } from "../../api/people";
import { accessEn } from "../../shared/dictionaries/access.en";
import { accessZhCN } from "../../shared/dictionaries/access.zh-CN";
import { addWords } from "../../shared/i18n";
import { Mark } from "../../shared/Mark";
import { useProblemText } from "../../shared/States";
import { Switches } from "../../shared/Switches";
import { CodeForm, FirstForm, PasswordForm, type FirstFields, type PasswordFields } from "./forms";

addWords({ "zh-CN": accessZhCN, en: accessEn });

/** Name and password, then the code of whoever has a second factor; or the first administrator, while there is nobody. */
export default function SignInPage(): JSX.Element {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const isFirst = useFirstAwaited().data === true;
  const [known, setKnown] = useState<PasswordFields | null>(null);
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
            <p>{known === null ? t(isFirst ? "access.first" : "signIn.tagline") : t("access.codeFor", { name: known.name })}</p>
          </div>
        </div>
        {error !== null && <Alert type="error" showIcon title={explain(error)} role="alert" />}
        {isFirst && <FirstForm busy={busy} send={(fields) => void attempt(() => begin(fields))} />}
        {!isFirst && known === null && <PasswordForm busy={busy} send={(fields) => void attempt(() => enter(fields))} />}
        {known !== null && <CodeForm busy={busy} send={(code) => void attempt(() => enter(known, code))} back={() => (setError(null), setKnown(null))} />}
      </section>
    </main>
  );
}

function useWhy(isFirst: boolean): (error: unknown) => ReactNode {
  const { t } = useTranslation();
  const text = useProblemText();
  return (error) => {
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
