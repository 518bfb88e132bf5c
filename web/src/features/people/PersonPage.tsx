import { EditOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Modal } from "antd";
import type { TFunction } from "i18next";
import { lazy, Suspense, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import type { Person } from "../../api/client";
import { changePerson, endSession, resetFactor, usePerson, type PersonDetail } from "../../api/people";
import { RefName } from "../../shared/form/RefLink";
import { useLawCodeName } from "../../shared/inventory/codes";
import { Refusals } from "../../shared/office/Refusals";
import { SessionList } from "../../shared/people/SessionList";
import { may } from "../../shared/rights";
import { Failed, Loading, useProblemText } from "../../shared/States";
import { civilText } from "../../shared/time";
import { useSaid } from "../../shared/tongue";
import { AccountState, Areas, Contract, Roles } from "./facts";
import { newPassword } from "./newPassword";
import { PasswordOnce } from "./PasswordOnce";

const PersonForm = lazy(() => import("./PersonForm"));

/** One person: account, contract, certificate, training, second factor, open sessions. */
export default function PersonPage({ me }: { me: Person }): JSX.Element {
  const { t } = useTranslation();
  const id = useParams()["person"] ?? "";
  const person = usePerson(id);
  return (
    <div className="page" data-testid="person-page">
      <Link to="/people">{t("people.all")}</Link>
      {person.isPending && <Loading />}
      {person.isError && person.data === undefined && <Failed error={person.error} retry={() => void person.refetch()} />}
      {person.data !== undefined && <Shown me={me} person={person.data} />}
    </div>
  );
}

type Sure = { text: string; run: () => Promise<unknown> } | null;

function Shown({ me, person }: { me: Person; person: PersonDetail }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const explain = useProblemText();
  const [editing, setEditing] = useState(false);
  const [sure, setSure] = useState<Sure>(null);
  const [password, setPassword] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const isMe = me.id === person.id;
  const run = async (work: () => Promise<unknown>): Promise<void> => {
    setError(null);
    await work().catch(setError);
    setSure(null);
    await client.invalidateQueries({ queryKey: ["person"] });
  };
  const renew = async (): Promise<void> => {
    const made = newPassword();
    await changePerson(person.id, { password: made });
    setPassword(made);
  };
  const name = person.name;
  return (
    <>
      <header className="page-head">
        <h1>{name}</h1>
        <AccountState of={person} />
        {!isMe && (
          <Button icon={<EditOutlined />} onClick={() => setEditing(true)}>
            {t("people.edit")}
          </Button>
        )}
        {may(me, "register") && <Link to={`/register?person=${person.id}`}>{t("people.whatSaw")}</Link>}
      </header>
      {isMe && <Alert type="info" showIcon title={t("people.own")} />}
      {error !== null && <Alert type="error" showIcon title={explain(error).title} description={explain(error).hint} />}
      <div className="panels">
        <Facts person={person} />
        <Training person={person} />
        <section className="panel">
          <h2>{t("access.factor")}</h2>
          <p>{factorText(t, person)}</p>
          {!isMe && person.second_factor.enrolled_at !== null && <Button onClick={() => setSure({ text: t("people.resetSure", { name }), run: () => resetFactor(person.id) })}>{t("people.reset")}</Button>}
          {!isMe && <Button onClick={() => setSure({ text: t("people.newPasswordSure", { name }), run: renew })}>{t("people.newPassword")}</Button>}
        </section>
        <section className="panel">
          <h2>{t("access.sessions")}</h2>
          <SessionList sessions={person.sessions} end={({ id }) => void run(() => endSession(person.id, id))} />
        </section>
      </div>
      <Suspense>{editing && <PersonForm me={me} person={person} close={() => setEditing(false)} />}</Suspense>
      <Modal open={sure !== null} title={sure?.text} okText={t("access.confirm")} cancelText={t("access.cancel")} onOk={() => void run(sure?.run ?? (async () => undefined))} onCancel={() => setSure(null)} />
      {password !== null && <PasswordOnce name={name} password={password} close={() => setPassword(null)} />}
    </>
  );
}

function factorText(t: TFunction, { second_factor: factor }: PersonDetail): string {
  if (factor.enrolled_at === null) return t("access.factorOff");
  return t("access.factorOn", { time: civilText(Date.parse(factor.enrolled_at)), n: factor.recovery_codes_left });
}

function Facts({ person }: { person: PersonDetail }): JSX.Element {
  const { t } = useTranslation();
  const certificate = useLawCodeName("certificate");
  return (
    <section className="panel">
      <h2>{t("people.facts")}</h2>
      <dl className="pairs">
        <dt>{t("people.columns.roles")}</dt>
        <dd><Roles of={person} /></dd>
        <dt>{t("people.fields.organisation")}</dt>
        <dd>{person.organisation == null ? "–" : <RefName to="organisation" id={person.organisation} />}</dd>
        <dt>{t("people.columns.areas")}</dt>
        <dd><Areas of={person} /></dd>
        <dt>{t("people.columns.contract")}</dt>
        <dd><Contract of={person} /></dd>
        <dt>{t("people.certificate")}</dt>
        <dd>{person.certificate_kind === "" ? "–" : `${certificate(person.certificate_kind)} ${person.certificate_number}`}</dd>
        {person.subject != null && (
          <>
            <dt>{t("people.fields.subject")}</dt>
            <dd>{person.subject}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** By the records of training (art. 25(2)); they are kept as procedures. */
function Training({ person }: { person: PersonDetail }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  return (
    <section className="panel">
      <h2>{t("people.training")}</h2>
      <dl className="pairs">
        {person.training.map(({ kind, zh, en, valid_until: until, is_valid: valid }) => (
          <div key={kind} style={{ display: "contents" }}>
            <dt>{said({ zh, en })}</dt>
            <dd className={valid ? "" : "tone-warn"}>{until === null ? t("people.trainingNone") : t(valid ? "people.trainingValid" : "people.trainingPast", { time: civilText(Date.parse(until)) })}</dd>
          </div>
        ))}
      </dl>
      {person.untrained.length > 0 && (
        <>
          <h3>{t("people.missing")}</h3>
          <Refusals refusals={person.untrained} said />
        </>
      )}
      <p className="fine">{t("people.trainingHint")}</p>
    </section>
  );
}
