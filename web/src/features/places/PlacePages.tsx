import { App } from "antd";
import { lazy, Suspense, type JSX } from "react";
import { Route } from "react-router";
import { Section } from "../../shared/Section";

import type { Person } from "../../api/client";
import { inventoryEn } from "../../shared/dictionaries/inventory.en";
import { inventoryZhCN } from "../../shared/dictionaries/inventory.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { placesEn } from "../../shared/dictionaries/places.en";
import { placesZhCN } from "../../shared/dictionaries/places.zh-CN";
import { addWords } from "../../shared/i18n";
import "../../shared/office/office.css";
import { Loading } from "../../shared/States";
import "./places.css";
import { PlaceList } from "./PlaceList";

const PlacePage = lazy(() => import("./PlacePage"));
const GapsPage = lazy(() => import("./GapsPage"));

addWords({ "zh-CN": { ...officeZhCN, ...inventoryZhCN, ...placesZhCN }, en: { ...officeEn, ...inventoryEn, ...placesEn } });

/** Places, one place with its parts, and what is not covered. */
export default function PlacePages({ person }: { person: Person }): JSX.Element {
  return (
    <App component={false}>
      <Suspense fallback={<Loading />}>
        <Section>
          <Route index element={<PlaceList person={person} />} />
          <Route path="gaps" element={<GapsPage />} />
          <Route path=":place" element={<PlacePage person={person} />} />
        </Section>
      </Suspense>
    </App>
  );
}
