import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { forwardCopy, useRegisterOfGrant, type Grant, type Registered } from "../../api/access";
import { Interval, Moment } from "../../shared/Interval";
import { Failed } from "../../shared/States";

const COPIES = ["copy.clip", "copy.download", "copy.forward"];

/** The copies that were made under a grant, what left of each, and giving one on where the grant lets. */
export function GrantCopies({ grant }: { grant: Grant }): JSX.Element | null {
  const { t } = useTranslation();
  const found = useRegisterOfGrant(grant.id);
  const copies = found.data?.filter(({ kind }) => COPIES.includes(kind)) ?? [];
  if (copies.length === 0) return null;
  return (
    <section aria-label={t("grants.copies")} data-testid="grant-copies">
      <h2>{t("grants.copies")}</h2>
      <p className="fine">{t("grants.copiesHint")}</p>
      <ul className="grant-copies">
        {copies.map((copy) => <Copy key={copy.sequence} copy={copy} mayForward={grant.may_forward && copy.forwarded === null} />)}
      </ul>
    </section>
  );
}

function Copy({ copy, mayForward }: { copy: Registered; mayForward: boolean }): JSX.Element {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const hashes = copy.packages.map(({ sha256 }) => sha256.slice(0, 12));
  return (
    <li>
      <span className="digits">{copy.sequence}</span> <Moment at={copy.at} /> {copy.camera.name} <Interval start={copy.start ?? copy.at} end={copy.end ?? copy.at} />{" "}
      {copy.recipient !== "" && <strong>{t("register.givenTo", { name: copy.recipient })} </strong>}
      <span className="fine digits">{hashes.length === 0 ? t("grants.handedOver") : `SHA-256 ${hashes.join(", ")}`}</span>{" "}
      {mayForward && !open && <Button size="small" onClick={() => setOpen(true)}>{t("grants.giveOn")}</Button>}
      {open && <GiveOn sequence={copy.sequence} />}
    </li>
  );
}

interface Wish {
  recipient: string;
  destination: string;
}

function GiveOn({ sequence }: { sequence: number }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [given, setGiven] = useState<{ name: string; url: string } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const send = async ({ recipient, destination }: Wish): Promise<void> => {
    setProblem(null);
    try {
      const { url } = await forwardCopy(sequence, recipient, destination);
      setGiven({ name: recipient, url });
      void client.invalidateQueries({ queryKey: ["grants"] });
    } catch (error) {
      setProblem(error);
    }
  };
  if (given !== null) {
    return (
      <p role="status">
        {t("grants.given", { name: given.name })} <a href={given.url} download>{t("grants.download")}</a>
      </p>
    );
  }
  return (
    <Form<Wish> layout="inline" onFinish={(wish) => void send(wish)} initialValues={{ recipient: "", destination: "" }}>
      <Form.Item name="recipient" label={t("grants.recipient")}><Input autoFocus maxLength={200} /></Form.Item>
      <Form.Item name="destination" label={t("grants.giveDestination")}><Input maxLength={200} /></Form.Item>
      <Button type="primary" htmlType="submit">{t("grants.giving")}</Button>
      {problem !== null && <Failed error={problem} />}
    </Form>
  );
}
