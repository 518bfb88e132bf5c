import { HddOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { useStorage, type Storage, type Volume } from "../../api/storage";
import { Empty, Failed, Loading } from "../../shared/States";
import { daysText } from "./units";
import { VolumeCard } from "./VolumeCard";

/** Each volume with its room, its rate and the days it lasts. */
export default function VolumesPage(): JSX.Element {
  const { t } = useTranslation();
  const storage = useStorage();
  if (storage.data === undefined) {
    return storage.isError ? <Failed error={storage.error} retry={() => void storage.refetch()} /> : <Loading />;
  }
  const { volumes, days_needed } = storage.data;
  if (volumes.length === 0) {
    return <Empty icon={<HddOutlined />} title={t("storage.volumes.none")} hint={t("storage.volumes.noneHint")} />;
  }
  return (
    <>
      <Summary storage={storage.data} />
      <ul className="volumes">
        {worstFirst(volumes).map((volume) => (
          <li key={volume.id}>
            <VolumeCard volume={volume} refuges={refugesOf(volume, volumes)} needed={days_needed} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is in trouble stands first, then by path. */
export function worstFirst(volumes: readonly Volume[]): Volume[] {
  const rank = ({ state, alarm }: Volume): number => (state !== "writable" ? 0 : alarm ? 1 : 2);
  return volumes.toSorted((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
}

/** Where the cameras of a volume in trouble can go: writable ones of the same workers. */
export function refugesOf(volume: Volume, all: readonly Volume[]): Volume[] {
  return all.filter(
    ({ id, state, workers }) => id !== volume.id && state === "writable" && workers.some((name) => volume.workers.includes(name)),
  );
}

function Summary({ storage: { volumes, days_needed } }: { storage: Storage }): JSX.Element {
  const { t } = useTranslation();
  const writable = volumes.filter(({ state }) => state === "writable").length;
  const left = volumes.flatMap(({ days_left }) => days_left ?? []);
  const shortest = left.length === 0 ? null : Math.min(...left);
  return (
    <p className="fine" data-testid="volumes-summary">
      {t("storage.volumes.summary", { n: volumes.length, writable })} · {t("storage.volumes.needed", { days: days_needed })}
      {shortest !== null && ` · ${t("storage.volumes.shortest", { days: daysText(shortest) })}`}
    </p>
  );
}
