import { AimOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useCounts, useFiles, type Counts, type FileFilter, type FileLine } from "../../api/camera-files";
import type { Person } from "../../api/client";
import type { Division } from "../../api/places";
import { writeFilter } from "../../shared/inventory/filters";
import { useStateName } from "../../shared/inventory/LifeState";
import { may } from "../../shared/rights";
import { useSaid } from "../../shared/tongue";
import { Symbol } from "./Legend";
import type { Selection } from "./selection";

const LIST = 60;
const WALL = 16; // tiles of the largest wall

/** The same cameras as on the map, as a list; of what is chosen, else of the view. */
export function CameraList({ filter, title, chosen, choose }: { filter: FileFilter | null; title: ReactNode; chosen: string | null; choose: (id: string | null) => void }): JSX.Element {
  const { t } = useTranslation();
  const files = useFiles(filter ?? {}, { sort: "name", descending: false, cursor: null, limit: LIST }, filter !== null);
  const items = files.data?.items ?? [];
  return (
    <section className="map-list" aria-label={t("map.cameras")}>
      <h2>{title}</h2>
      {files.isSuccess && items.length === 0 && <p className="fine">{t("map.noneHere")}</p>}
      <ul>
        {items.map((file) => (
          <CameraRow key={file.id} file={file} isChosen={file.id === chosen} choose={choose} />
        ))}
      </ul>
      {files.data?.next != null && <p className="fine">{t("map.shown", { n: LIST })}</p>}
    </section>
  );
}

function CameraRow({ file, isChosen, choose }: { file: FileLine; isChosen: boolean; choose: (id: string | null) => void }): JSX.Element {
  const { t } = useTranslation();
  const name = useStateName();
  return (
    <li data-file={file.id}>
      <Symbol state={file.state} />
      <Link to={`/cameras/${file.id}`}>{file.name}</Link>
      <span className="fine">{name(file.state)}</span>
      <Button type={isChosen ? "primary" : "text"} size="small" icon={<AimOutlined />} aria-pressed={isChosen} aria-label={t("map.showView", { name: file.name })} title={t("map.showView", { name: file.name })} onClick={() => choose(isChosen ? null : file.id)} />
    </li>
  );
}

/** How many there are in each division; each is a way to it. */
export function DivisionList({ divisions, counts, chosen, choose }: { divisions: readonly Division[]; counts: Counts | undefined; chosen: string; choose: (division: Division | null) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const count = ({ code }: Division): number => counts?.by_division[code] ?? 0;
  const isShown = (division: Division): boolean => counts === undefined || count(division) > 0 || division.code === chosen;
  const without = divisions.filter((division) => !isShown(division));
  const item = (division: Division): JSX.Element => (
    <li key={division.code}>
      <Button type="text" size="small" aria-pressed={chosen === division.code} onClick={() => choose(division)}>
        {said({ zh: division.name_zh, en: division.name_en })} <span className="digits">{count(division)}</span>
      </Button>
    </li>
  );
  return (
    <section className="map-divisions" aria-label={t("map.divisions")}>
      <h2>{t("map.divisions")}</h2>
      <ul>
        <li>
          <Button type="text" size="small" aria-pressed={chosen === ""} onClick={() => choose(null)}>
            {t("map.whole")}
          </Button>
        </li>
        {divisions.filter(isShown).map(item)}
      </ul>
      {without.length > 0 && (
        <details>
          <summary className="fine">{t("map.without", { n: without.length })}</summary>
          <ul>{without.map(item)}</ul>
        </details>
      )}
    </section>
  );
}

/** What can be done with the chosen area. */
export function Chosen({ selection, filter, person, clear }: { selection: Selection; filter: FileFilter; person: Person; clear: () => void }): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const wanted = { ...filter, ...selection.filter };
  const counts = useCounts(wanted).data;
  const streams = useFiles({ ...wanted, has_stream: true }, { sort: "name", descending: false, cursor: null, limit: WALL }, may(person, "watch"));
  const onWall = streams.data?.items.map(({ id }) => id) ?? [];
  const layout = [1, 4, 6, 9, 16].find((size) => size >= onWall.length) ?? WALL;
  return (
    <section className="map-chosen card-plain" aria-label={t("map.selection")}>
      <p role="status">
        <b>{counts === undefined ? "…" : t("map.selectedN", { n: counts.total })}</b>
      </p>
      {selection.isCoarse && <p className="fine">{t("map.boxInstead")}</p>}
      <p className="form-buttons">
        <Button type="primary" onClick={() => void navigate(`/cameras?${writeFilter(wanted).toString()}`)}>
          {t("map.toList")}
        </Button>
        {onWall.length > 0 && <Button onClick={() => void navigate(`/video?layout=${layout}&cameras=${onWall.join(",")}`)}>{t("map.toWall", { n: onWall.length })}</Button>}
        <Button onClick={clear}>{t("map.clear")}</Button>
      </p>
    </section>
  );
}
