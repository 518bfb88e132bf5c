import { AlertOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Kind } from "../../api/procedures";
import { lookInto, useHindered, type Hindrance } from "../../api/requests";
import { Moment } from "../../shared/Interval";
import { LawLink } from "../../shared/LawLink";
import { Empty, Failed, Loading, useProblemText } from "../../shared/States";
import { moveForm, optionsIn, useWord } from "./codes";

const ARTICLE = "31(10)";

/** Lawful use that was refused or hindered, as it is reported to those who supervise (art. 31(10)). */
export function HinderedPage({ kind }: { kind: Kind }): JSX.Element {
  const { t } = useTranslation();
  const hindered = useHindered();
  return (
    <div className="page requests" data-testid="hindered">
      <header className="page-head">
        <h1>{t("requests.hindered")}</h1>
        <LawLink article={ARTICLE} code="R31.10" />
      </header>
      {hindered.data === undefined && (hindered.isError ? <Failed error={hindered.error} retry={() => void hindered.refetch()} /> : <Loading />)}
      {hindered.data?.length === 0 && <Empty icon={<AlertOutlined />} title={t("requests.noneHindered")} hint={t("requests.noneHinderedHint")} />}
      <ul className="request-list">
        {hindered.data?.map((one) => (
          <Row key={`${one.request} ${one.why}`} kind={kind} one={one} />
        ))}
      </ul>
    </div>
  );
}

function Row({ kind, one }: { kind: Kind; one: Hindrance }): JSX.Element {
  const { t } = useTranslation();
  const word = useWord();
  const items = optionsIn(moveForm(kind, "refuse"), "items");
  return (
    <li data-request={one.request} data-why={one.why}>
      <div className="request-when">
        <b className="tone-bad">
          <AlertOutlined /> {t(`requests.why.${one.why}`)}
        </b>
        <span className="fine">
          <Moment at={one.since} />
        </span>
      </div>
      <div>
        <b className="digits">{one.number}</b>{" "}
        <span className="fine">
          {one.organ?.name ?? "–"} → {one.keeper.name} · {t("requests.reportedTo", { who: one.reported_to?.name ?? "–" })}
        </span>
        {one.why === "contradicted" && (
          <>
            <p>
              {t("requests.refusedBy")} {one.items.map((item) => word(items, item)).join(" · ")}
            </p>
            <p className="fine">
              {t("requests.recordSays")} {one.lacking.length === 0 ? t("requests.nothingLacked") : one.lacking.map((item) => word(items, item)).join(" · ")}
            </p>
            <LookInto request={one.request} />
          </>
        )}
      </div>
    </li>
  );
}

function LookInto({ request }: { request: string }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  const explain = useProblemText();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      await lookInto(request, note.trim());
      await client.invalidateQueries({ queryKey: ["hindered"] });
    } catch (error) {
      void message.error(explain(error).title);
      setBusy(false);
    }
  };
  return (
    <div className="request-inline">
      <Input aria-label={t("requests.cameOfIt")} placeholder={t("requests.cameOfIt")} maxLength={4000} value={note} onChange={(event) => setNote(event.target.value)} />
      <Button loading={busy} disabled={note.trim() === ""} onClick={() => void send()}>
        {t("requests.lookedInto")}
      </Button>
    </div>
  );
}
