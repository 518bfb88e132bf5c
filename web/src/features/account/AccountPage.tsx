import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { SignedIn } from "../../api/client";
import { endMyOtherSessions, endMySession, useAccount, type OpenSession } from "../../api/people";
import { accessEn } from "../../shared/dictionaries/access.en";
import { accessZhCN } from "../../shared/dictionaries/access.zh-CN";
import { addWords } from "../../shared/i18n";
import { SessionList } from "../../shared/people/SessionList";
import "../../shared/people/people.css";
import { Failed, Loading, useProblemText } from "../../shared/States";
import { FactorPanel } from "./FactorPanel";
import { PasswordPanel } from "./PasswordPanel";

addWords({ "zh-CN": accessZhCN, en: accessEn });

/** One's own account: second factor, password, where one is signed in. */
export default function AccountPage({ person }: { person: SignedIn }): JSX.Element {
  const { t } = useTranslation();
  const account = useAccount();
  return (
    <div className="page" data-testid="account-page">
      <header className="page-head">
        <h1>{t("access.account")}</h1>
        <span>{person.name}</span>
      </header>
      {person.mustEnrol === true && <Alert type="warning" showIcon title={t("access.factorMust")} />}
      {account.isPending && <Loading />}
      {account.isError && account.data === undefined && <Failed error={account.error} retry={() => void account.refetch()} />}
      {account.data !== undefined && (
        <div className="panels">
          <FactorPanel factor={account.data.second_factor} />
          <PasswordPanel />
          <Sessions sessions={account.data.sessions} />
        </div>
      )}
    </div>
  );
}

function Sessions({ sessions }: { sessions: readonly OpenSession[] }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const explain = useProblemText();
  const [error, setError] = useState<unknown>(null);
  const run = async (work: Promise<void>): Promise<void> => {
    setError(null);
    await work.catch(setError);
    await client.invalidateQueries({ queryKey: ["account"] });
  };
  return (
    <section className="panel">
      <h2>{t("access.sessions")}</h2>
      {error !== null && <Alert type="error" showIcon title={explain(error).title} />}
      <SessionList sessions={sessions} end={({ id }) => void run(endMySession(id))} />
      {sessions.length > 1 && <Button onClick={() => void run(endMyOtherSessions())}>{t("access.endOthers")}</Button>}
    </section>
  );
}
