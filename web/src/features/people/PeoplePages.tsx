import { App } from "antd";
import { lazy, Suspense, type JSX } from "react";
import { Route } from "react-router";
import { Section } from "../../shared/Section";

import type { Person } from "../../api/client";
import { accessEn } from "../../shared/dictionaries/access.en";
import { accessZhCN } from "../../shared/dictionaries/access.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import "../../shared/office/office.css";
import "../../shared/people/people.css";
import { Loading } from "../../shared/States";
import { PeopleList } from "./PeopleList";

const PersonPage = lazy(() => import("./PersonPage"));

addWords({ "zh-CN": { ...officeZhCN, ...accessZhCN }, en: { ...officeEn, ...accessEn } });

/** People, and one person: for whoever keeps the accounts. */
export default function PeoplePages({ person }: { person: Person }): JSX.Element {
  return (
    <App component={false}>
      <Suspense fallback={<Loading />}>
        <Section>
          <Route index element={<PeopleList me={person} />} />
          <Route path=":person" element={<PersonPage me={person} />} />
        </Section>
      </Suspense>
    </App>
  );
}
