import { CheckCircleOutlined, CloseCircleOutlined, IdcardOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Kind, WholeRecord } from "../../api/procedures";
import { dataOf, type Officer } from "../../api/requests";
import { RefName } from "../../shared/form/RefLink";
import { useProblemText } from "../../shared/States";
import { civilText } from "../../shared/time";
import { optionsIn, useWord } from "./codes";
import type { Take } from "./DecisionPage";

/** Who comes: each with the certificate, whether it is valid today, and the custodian's own look at it. */
export function Officers({ kind, whole, take }: { kind: Kind; whole: WholeRecord; take: Take | null }): JSX.Element {
  const { t } = useTranslation();
  const { officers } = dataOf(whole);
  return (
    <section className="card-plain" aria-labelledby="officers" data-testid="officers">
      <h2 id="officers">{t("requests.officers", { n: officers.length })}</h2>
      <ol className="officers">
        {officers.map((officer, n) => (
          <One key={`${officer.person} ${officer.seen_by}`} kind={kind} officer={officer} number={n + 1} take={take} />
        ))}
      </ol>
    </section>
  );
}

const today = (): string => civilText(Date.now()).slice(0, 10);

function One({ kind, officer, number, take }: { kind: Kind; officer: Officer; number: number; take: Take | null }): JSX.Element {
  const { t } = useTranslation();
  const word = useWord();
  const { card, name, unit, undertaking, seen_by } = officer;
  const isValid = card?.valid_to !== null && card?.valid_to !== undefined && card.valid_to >= today();
  return (
    <li data-officer={number} data-seen={seen_by !== ""}>
      <p>
        <b>{name}</b> <span className="fine">{unit === null ? "–" : <RefName to="organisation" id={unit} />}</span>
      </p>
      {card === null ? (
        <p className="tone-warn">
          <CloseCircleOutlined /> {t("requests.noCard")}
        </p>
      ) : (
        <p>
          <IdcardOutlined /> {word(optionsIn(kind.data, "kind", "Card"), card.kind)} <span className="digits">{card.number}</span> · {card.issuer} ·{" "}
          <span className={isValid ? "tone-good" : "tone-bad"} data-valid={isValid}>
            {isValid ? <CheckCircleOutlined /> : <CloseCircleOutlined />} {card.valid_to === null ? t("requests.validityUnknown") : t(isValid ? "requests.validTo" : "requests.expired", { day: card.valid_to })}
          </span>
        </p>
      )}
      <p className="fine">{undertaking === "" ? t("requests.noUndertaking") : t("requests.undertaking", { version: undertaking })}</p>
      {seen_by !== "" ? (
        <p className="tone-good">
          <CheckCircleOutlined /> {t("requests.seenBy", { who: seen_by })}
        </p>
      ) : (
        card !== null && take !== null && <See officer={officer} number={number} take={take} />
      )}
    </li>
  );
}

/** What the custodian reads on the certificate counts; it begins as it was written. */
function See({ officer, number, take }: { officer: Officer; number: number; take: Take }): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  const [read, setRead] = useState({ number: officer.card?.number ?? "", issuer: officer.card?.issuer ?? "", valid_to: officer.card?.valid_to ?? "" });
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const send = async (): Promise<void> => {
    setBusy(true);
    setFault("");
    try {
      await take("see", { officer: number, ...read });
    } catch (error) {
      setFault(explain(error).title);
      setBusy(false);
    }
  };
  const field = (name: keyof typeof read, type: "text" | "date") => (
    <label className="request-field">
      <span className="form-label">{t(`requests.card.${name}`)}</span>
      <Input type={type} size="small" value={read[name]} onChange={(event) => setRead({ ...read, [name]: event.target.value })} />
    </label>
  );
  const isWhole = Object.values(read).every((value) => value.trim() !== "");
  return (
    <form
      className="request-see"
      aria-label={t("requests.see", { who: officer.name })}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {field("number", "text")}
      {field("issuer", "text")}
      {field("valid_to", "date")}
      <Button htmlType="submit" icon={<CheckCircleOutlined />} loading={busy} disabled={!isWhole}>
        {t("requests.seen")}
      </Button>
      {fault !== "" && (
        <p className="tone-bad" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}
