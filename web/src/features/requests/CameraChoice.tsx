import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useDeferredValue, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useNameable, type Nameable } from "../../api/requests";
import { useDivisionName, useDivisions } from "../../shared/office/divisions";
import { useTitled } from "../../shared/tongue";

const CITY = "230100"; // of a camera that stands in no district

/** Cameras one by one, by name and district: where they stand is base information and is not told here. */
export function CameraChoice({ chosen, choose }: { chosen: readonly Nameable[]; choose: (to: Nameable[]) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const divisions = useDivisions();
  const [typed, setTyped] = useState("");
  const [division, setDivision] = useState("");
  const found = useNameable(useDeferredValue(typed.trim()), division).data ?? [];
  const free = found.filter(({ id }) => !chosen.some((one) => one.id === id));
  return (
    <div className="camera-choice">
      <div className="filters">
        <Input allowClear className="page-search" aria-label={t("requests.findCamera")} placeholder={t("requests.findCamera")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Select
          className="filter-choice"
          allowClear
          aria-label={t("procedures.division")}
          placeholder={t("procedures.anyDivision")}
          options={Object.entries(divisions).map(([value, words]) => ({ value, label: said(words) }))}
          value={division === "" ? null : division}
          onChange={(to: string | undefined) => setDivision(to ?? "")}
        />
      </div>
      <List label={t("requests.found")} cameras={free} icon={<PlusOutlined />} verb={t("requests.add")} act={(one) => choose([...chosen, one])} />
      <h3>{t("requests.cameras", { n: chosen.length })}</h3>
      <List label={t("requests.chosen")} cameras={chosen} icon={<CloseOutlined />} verb={t("requests.remove")} act={(one) => choose(chosen.filter(({ id }) => id !== one.id))} />
    </div>
  );
}

interface ListProps {
  label: string;
  cameras: readonly Nameable[];
  icon: JSX.Element;
  verb: string;
  act: (one: Nameable) => void;
}

function List({ label, cameras, icon, verb, act }: ListProps): JSX.Element {
  const divisionName = useDivisionName();
  const { t } = useTranslation();
  const place = (division: string): string => (division === CITY ? t("office.wholeCity") : divisionName(division));
  return (
    <ul className="camera-picks" aria-label={label}>
      {cameras.map((one) => (
        <li key={one.id}>
          <Button size="small" icon={icon} aria-label={`${verb} ${one.name} · ${place(one.division)}`} onClick={() => act(one)}>
            {one.name} · {place(one.division)}
          </Button>
        </li>
      ))}
    </ul>
  );
}
