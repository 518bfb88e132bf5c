import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useDeferredValue, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Kind } from "../../api/procedures";
import { useOfficers, type Card } from "../../api/requests";
import { moveForm, optionsIn, useChoices } from "./codes";

export interface Named {
  person: string;
  name: string;
  card: Card | null;
}

const NO_CARD: Card = { kind: "work_card", number: "", issuer: "", valid_to: null };

/** Who comes: oneself, and others of one's own unit, found by name or certificate; each with the certificate. */
export function OfficerChoice({ kind, officers, choose }: { kind: Kind; officers: readonly Named[]; choose: (to: Named[]) => void }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const found = useOfficers(useDeferredValue(typed.trim())).data ?? [];
  const free = found.filter(({ id }) => !officers.some(({ person }) => person === id));
  return (
    <>
      <ol className="officers">
        {officers.map((officer, n) => (
          <One
            key={officer.person}
            kind={kind}
            officer={officer}
            change={(card) => choose(officers.map((one) => (one.person === officer.person ? { ...one, card } : one)))}
            remove={n === 0 ? null : () => choose(officers.filter(({ person }) => person !== officer.person))}
          />
        ))}
      </ol>
      <Input allowClear className="page-search" aria-label={t("requests.findOfficer")} placeholder={t("requests.findOfficer")} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <ul className="camera-picks" aria-label={t("requests.found")}>
        {typed.trim() !== "" &&
          free.map(({ id, name, certificate_kind, certificate_number }) => (
            <li key={id}>
              <Button
                size="small"
                icon={<PlusOutlined />}
                onClick={() => {
                  const card = certificate_number === "" ? null : { ...NO_CARD, kind: certificate_kind, number: certificate_number };
                  choose([...officers, { person: id, name, card }]);
                  setTyped("");
                }}
              >
                {name} {certificate_number}
              </Button>
            </li>
          ))}
      </ul>
      {typed.trim() !== "" && free.length === 0 && <p className="fine">{t("requests.noOfficer")}</p>}
    </>
  );
}

function One({ kind, officer, change, remove }: { kind: Kind; officer: Named; change: (card: Card) => void; remove: (() => void) | null }): JSX.Element {
  const { t } = useTranslation();
  const kinds = useChoices(optionsIn(moveForm(kind, "name_officer"), "kind", "Card"));
  const card = officer.card ?? NO_CARD;
  const field = (name: "number" | "issuer" | "valid_to", type: "text" | "date") => (
    <label className="request-field">
      <span className="form-label">{t(`requests.card.${name}`)}</span>
      <Input type={type} size="small" value={card[name] ?? ""} onChange={(event) => change({ ...card, [name]: event.target.value === "" && name === "valid_to" ? null : event.target.value })} />
    </label>
  );
  return (
    <li>
      <p>
        <b>{officer.name}</b>{" "}
        {remove !== null && (
          <Button size="small" icon={<CloseOutlined />} aria-label={`${t("requests.remove")} ${officer.name}`} onClick={remove}>
            {t("requests.remove")}
          </Button>
        )}
      </p>
      <div className="request-see">
        <div className="request-field">
          <span className="form-label">{t("requests.card.kind")}</span>
          <Select size="small" aria-label={`${t("requests.card.kind")} ${officer.name}`} value={card.kind} options={kinds} onChange={(to: string) => change({ ...card, kind: to })} />
        </div>
        {field("number", "text")}
        {field("issuer", "text")}
        {field("valid_to", "date")}
      </div>
    </li>
  );
}
