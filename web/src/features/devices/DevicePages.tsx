import { App } from "antd";
import { lazy, Suspense, type JSX } from "react";
import { Route } from "react-router";
import { Section } from "../../shared/Section";

import type { Person } from "../../api/client";
import { gbEn } from "../../shared/dictionaries/gb.en";
import { gbZhCN } from "../../shared/dictionaries/gb.zh-CN";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import "../../shared/office/office.css";
import { Loading } from "../../shared/States";
import { DeviceList } from "./DeviceList";
import "./devices.css";

const DevicePage = lazy(() => import("./DevicePage"));

addWords({ "zh-CN": { ...officeZhCN, ...gbZhCN }, en: { ...officeEn, ...gbEn } });

/** Devices of GB/T 28181, and one of them with its channels and its signalling. */
export default function DevicePages({ person }: { person: Person }): JSX.Element {
  return (
    <App component={false}>
      <Suspense fallback={<Loading />}>
        <Section>
          <Route index element={<DeviceList person={person} />} />
          <Route path=":device" element={<DevicePage person={person} />} />
        </Section>
      </Suspense>
    </App>
  );
}
