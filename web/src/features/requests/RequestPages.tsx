import { App } from "antd";
import type { JSX } from "react";
import { Route } from "react-router";
import { Section } from "../../shared/Section";

import type { Person } from "../../api/client";
import { useKinds } from "../../api/procedures";
import { deskEn } from "../../shared/dictionaries/desk.en";
import { deskZhCN } from "../../shared/dictionaries/desk.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import "../../shared/office/office.css";
import { Failed, Loading } from "../../shared/States";
import { DecisionPage } from "./DecisionPage";
import { HinderedPage } from "./HinderedPage";
import { InboxPage } from "./InboxPage";
import { NewRequestPage } from "./NewRequestPage";
import { OwnPage } from "./OwnPage";
import "./requests.css";

addWords({ "zh-CN": { ...officeZhCN, ...deskZhCN }, en: { ...officeEn, ...deskEn } });

const KIND = "access_request";

/** Requests of state organs: for custodians what they answer, for officers and inspectors what they ask, for supervisors what was hindered. */
export default function RequestPages({ person }: { person: Person }): JSX.Element {
  const kinds = useKinds();
  const kind = kinds.data?.find(({ name }) => name === KIND);
  if (kind === undefined) return kinds.isError ? <Failed error={kinds.error} retry={() => void kinds.refetch()} /> : <Loading />;
  const is = (role: Person["roles"][number]): boolean => person.roles.includes(role);
  const asks = is("officer") || is("inspector");
  const front = is("custodian") ? <InboxPage kind={kind} /> : asks ? <OwnPage kind={kind} /> : <HinderedPage kind={kind} />;
  return (
    <App component={false}>
      <Section>
        <Route index element={front} />
        {asks && <Route path="new" element={<NewRequestPage kind={kind} person={person} />} />}
        {is("custodian") && <Route path=":record" element={<DecisionPage kind={kind} />} />}
      </Section>
    </App>
  );
}
