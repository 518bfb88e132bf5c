import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { forwardCopy, useRegisterOfGrant, type Grant, type Registered } from "../../api/access";
import { taken, type Taken } from "../../api/copies";
import { CopyFault } from "../../shared/copies/CopyFault";
import { CopyFiles } from "../../shared/copies/CopyFiles";
import { Making } from "../../shared/copies/Making";
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
  const [given, setGiven] = useState<{ name: string; share: number; taken: Taken | null } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const send = async ({ recipient, destination }: Wish): Promise<void> => {
    setProblem(null);
    try {
      const ticket = await forwardCopy(sequence, recipient, destination);
      const made = (share: number, files: Taken | null = null): void => setGiven({ name: recipient, share, taken: files });
      made(0);
      void client.invalidateQueries({ queryKey: ["grants"] });
      made(1, await taken(ticket, made));
    } catch (error) {
      setProblem(error);
    }
  };
  if (given !== null) return <Given {...given} problem={problem} onFault={setProblem} />;
  return (
    <Form<Wish> layout="inline" onFinish={(wish) => void send(wish)} initialValues={{ recipient: "", destination: "" }}>
      <Form.Item name="recipient" label={t("grants.recipient")}><Input autoFocus maxLength={200} /></Form.Item>
      <Form.Item name="destination" label={t("grants.giveDestination")}><Input maxLength={200} /></Form.Item>
      <Button type="primary" htmlType="submit">{t("grants.giving")}</Button>
      {problem !== null && <Failed error={problem} />}
    </Form>
  );
}

interface Handed {
  name: string;
  share: number;
  /** Null while it is made. */
  taken: Taken | null;
  problem: unknown;
  onFault: (error: unknown) => void;
}

/** It is registered; a masked file is made first, and that may fail. */
function Given({ name, share, taken: files, problem, onFault }: Handed): JSX.Element {
  const { t } = useTranslation();
  return (
    <>
      <p role="status">{t("grants.given", { name })}</p>
      {problem !== null ? <CopyFault error={problem} /> : files === null ? <Making share={share} /> : <CopyFiles {...files} onFault={onFault} />}
    </>
  );
}
