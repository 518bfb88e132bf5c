import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, QRCode } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { beginFactor, confirmFactor, endFactor, type Enrolment, type SecondFactor } from "../../api/people";
import { civilText } from "../../shared/time";
import { useAccountWhy } from "./why";

/** How far somebody has come with setting it up. */
type Step = { at: "rest" } | { at: "off" } | { at: "password" } | { at: "code"; enrolment: Enrolment } | { at: "kept"; codes: readonly string[] };

/** The second factor: password anew, then the picture and its first code, then the recovery codes. */
export function FactorPanel({ factor }: { factor: SecondFactor }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const explain = useAccountWhy();
  const [step, setStep] = useState<Step>({ at: "rest" });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const go = async (work: () => Promise<Step>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      setStep(await work());
    } catch (why) {
      setError(why);
    } finally {
      setBusy(false);
    }
  };
  const stop = (): void => {
    setError(null);
    setStep({ at: "rest" });
  };
  const refresh = async (): Promise<void> => {
    await Promise.all([client.invalidateQueries({ queryKey: ["account"] }), client.invalidateQueries({ queryKey: ["session"] })]);
  };
  const finish = async (): Promise<void> => {
    await refresh();
    stop();
  };

  return (
    <section className="panel" data-testid="second-factor">
      <h2>{t("access.factor")}</h2>
      {error !== null && <Alert type="error" showIcon role="alert" title={explain(error)} />}
      {step.at === "rest" && <Resting factor={factor} begin={() => setStep({ at: "password" })} end={() => setStep({ at: "off" })} />}
      {step.at === "off" && <Ending busy={busy} stop={stop} send={(password, code) => void go(async () => (await endFactor(password, code), await refresh(), { at: "rest" }))} />}
      {step.at === "password" && (
        <Asked key="password" label={t("access.step1")} secret busy={busy} submit={t("access.next")} stop={stop} send={(password) => void go(async () => ({ at: "code", enrolment: await beginFactor(password) }))} />
      )}
      {step.at === "code" && (
        <>
          <p>{t("access.step2")}</p>
          <div className="qr">
            <QRCode aria-label={t("access.picture")} value={step.enrolment.uri} type="svg" size={200} color="#000000" bgColor="#ffffff" bordered={false} />
          </div>
          <p>
            {t("access.secret")}: <span className="secret" data-testid="secret">{step.enrolment.secret}</span>
          </p>
          <Asked key="code" label={t("access.code")} secret={false} busy={busy} submit={t("access.confirm")} stop={stop} send={(code) => void go(async () => ({ at: "kept", codes: await confirmFactor(code) }))} />
        </>
      )}
      {step.at === "kept" && <Codes codes={step.codes} done={() => void finish()} />}
    </section>
  );
}

function Resting({ factor, begin, end }: { factor: SecondFactor; begin: () => void; end: () => void }): JSX.Element {
  const { t } = useTranslation();
  const since = factor.enrolled_at;
  return (
    <>
      <p>{since === null ? t("access.factorOff") : t("access.factorOn", { time: civilText(Date.parse(since)), n: factor.recovery_codes_left })}</p>
      <p className="fine">{t(factor.mode === "off" ? "access.factorIsOff" : "access.factorWhy")}</p>
      <Button type={since === null && factor.is_required ? "primary" : "default"} onClick={begin}>
        {t(since === null ? "access.factorBegin" : "access.factorAgain")}
      </Button>{" "}
      {since !== null && !factor.is_required && <Button onClick={end}>{t("access.factorEnd")}</Button>}
    </>
  );
}

/** Switching it off takes both proofs. */
function Ending({ busy, send, stop }: { busy: boolean; send: (password: string, code: string) => void; stop: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Form<{ password: string; code: string }> layout="vertical" requiredMark={false} onFinish={({ password, code }) => send(password, code)}>
      <p>{t("access.factorEndHint")}</p>
      <Form.Item name="password" label={t("access.step1")} rules={[{ required: true, message: t("signIn.passwordNeeded") }]}>
        <Input.Password autoFocus autoComplete="current-password" maxLength={1024} />
      </Form.Item>
      <Form.Item name="code" label={t("access.code")} extra={t("access.codeHint")} rules={[{ required: true, whitespace: true, message: t("access.codeNeeded") }]}>
        <Input autoComplete="one-time-code" maxLength={40} />
      </Form.Item>
      <Button type="primary" danger htmlType="submit" loading={busy}>
        {t("access.factorEnd")}
      </Button>{" "}
      <Button onClick={stop}>{t("access.cancel")}</Button>
    </Form>
  );
}

interface AskedProps {
  label: string;
  secret: boolean;
  busy: boolean;
  submit: string;
  send: (text: string) => void;
  stop: () => void;
}

/** One field, and on. */
function Asked({ label, secret, busy, submit, send, stop }: AskedProps): JSX.Element {
  const { t } = useTranslation();
  return (
    <Form<{ text: string }> layout="vertical" requiredMark={false} onFinish={({ text }) => send(text)}>
      <Form.Item name="text" label={label} rules={[{ required: true, whitespace: true, message: t(secret ? "signIn.passwordNeeded" : "access.codeNeeded") }]}>
        {secret ? <Input.Password autoFocus autoComplete="current-password" maxLength={1024} /> : <Input autoFocus autoComplete="one-time-code" inputMode="numeric" maxLength={10} />}
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {submit}
      </Button>{" "}
      <Button onClick={stop}>{t("access.cancel")}</Button>
    </Form>
  );
}

function Codes({ codes, done }: { codes: readonly string[]; done: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <>
      <h3>{t("access.codes")}</h3>
      <p>{t("access.codesHint")}</p>
      <ol className="recovery" data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <Button type="primary" autoFocus onClick={done}>
        {t("access.codesKept")}
      </Button>
    </>
  );
}
