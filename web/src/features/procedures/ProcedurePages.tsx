import { App } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Route, useParams } from "react-router";
import { Section } from "../../shared/Section";

import type { Person } from "../../api/client";
import { seesKind, useKinds, type Kind } from "../../api/procedures";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import "../../shared/office/office.css";
import { Empty, Failed, Loading } from "../../shared/States";
import { HallPage } from "./HallPage";
import { KindPage } from "./KindPage";
import { RecordPage } from "./RecordPage";
import "./procedures.css";

addWords({ "zh-CN": officeZhCN, en: officeEn });

/** Every kind of procedure: what there is, the records of each, and each record. Made from what the kinds say of themselves. */
export default function ProcedurePages({ person }: { person: Person }): JSX.Element {
  const kinds = useKinds();
  if (kinds.data === undefined) return kinds.isError ? <Failed error={kinds.error} retry={() => void kinds.refetch()} /> : <Loading />;
  const seen = kinds.data.filter((kind) => seesKind(person, kind));
  return (
    <App component={false}>
      <Section>
        <Route index element={<HallPage kinds={seen} person={person} />} />
        <Route path=":path" element={<OfKind kinds={seen} person={person} Page={KindPage} />} />
        <Route path=":path/:record" element={<OfKind kinds={seen} person={person} Page={RecordPage} />} />
      </Section>
    </App>
  );
}

export interface PageProps {
  kind: Kind;
  person: Person;
}

function OfKind({ kinds, person, Page }: { kinds: readonly Kind[]; person: Person; Page: (props: PageProps) => JSX.Element }): JSX.Element {
  const { t } = useTranslation();
  const { path, record } = useParams();
  const kind = kinds.find((one) => one.path === path);
  if (kind === undefined) return <Empty title={t("procedures.noKind")} hint={t("procedures.noKindHint")} action={{ label: t("procedures.toHall"), to: "/procedures" }} />;
  return <Page key={`${kind.path} ${record ?? ""}`} kind={kind} person={person} />;
}
