import { App } from "antd";
import { lazy, Suspense, type JSX } from "react";
import { Navigate, Route } from "react-router";
import { Section } from "../../shared/Section";

import type { Person } from "../../api/client";
import { inventoryEn } from "../../shared/dictionaries/inventory.en";
import { inventoryZhCN } from "../../shared/dictionaries/inventory.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import "../../shared/office/office.css";
import { may } from "../../shared/rights";
import { Loading } from "../../shared/States";
import "./files.css";

const FilesPage = lazy(() => import("./FilesPage"));
const FilePage = lazy(() => import("./FilePage"));

addWords({ "zh-CN": { ...officeZhCN, ...inventoryZhCN }, en: { ...officeEn, ...inventoryEn } });

/** Camera files, for whoever may read base information; whoever only watches gets the streams. */
export default function CameraPages({ person }: { person: Person }): JSX.Element {
  if (!may(person, "base")) return <Navigate to="/streams" replace />;
  return (
    <App component={false}>
      <Suspense fallback={<Loading />}>
        <Section>
          <Route index element={<FilesPage person={person} />} />
          <Route path=":file/:tab?" element={<FilePage person={person} />} />
        </Section>
      </Suspense>
    </App>
  );
}
