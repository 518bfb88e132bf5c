import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useMemo, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useFileFields } from "../../api/camera-files";
import { api, ok, type Person } from "../../api/client";
import { addPlace, changePlace, type Place, type PlacePatch, type PlaceWish } from "../../api/places";
import FormDrawer from "../../shared/form/FormDrawer";
import type { Group } from "../../shared/form/schema";
import { useLawCodes } from "../../shared/inventory/codes";
import { changedOf } from "../../shared/inventory/fields";
import { nearOf, placeForm } from "./forms";
import { KIND_LISTS } from "./lists";

interface Props {
  person: Person;
  /** null: a new one. */
  place: Place | null;
  close: () => void;
  done: (place: Place) => void;
}

/** A place to add or change; what the law refuses is told here, with its article. */
export default function PlaceForm({ person, place, close, done }: Props): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const lists = useLists();
  const schema = useMemo(() => placeForm(t, lists, place === null ? null : nearOf(place), place !== null && place.categories.length > 0), [t, lists]);
  const initial = useMemo(() => (place === null ? undefined : begin(place)), [place === null]);
  const [version, setVersion] = useState(place?.version ?? 0);
  return (
    <FormDrawer
      title={t(place === null ? "places.add" : "places.edit")}
      submit={t("cameras.save")}
      schema={schema}
      draft={`${person.id} place ${place?.id ?? "add"}`}
      close={close}
      {...(initial === undefined ? {} : { initial })}
      send={async (wish) => {
        const saved = place === null ? await addPlace(wish as unknown as PlaceWish) : await changePlace(place.id, { version, ...positioned(changedOf(initial ?? {}, wish), wish) } as PlacePatch);
        await client.invalidateQueries({ queryKey: ["places"] });
        await client.invalidateQueries({ queryKey: ["place"] });
        close();
        done(saved);
      }}
      whenStale={(goOn) => (
        <Stale
          goOn={async () => {
            const newest = await ok(api.GET("/api/v1/places/{place}", { params: { path: { place: place?.id ?? "" } } }));
            setVersion(newest.version);
            goOn();
          }}
        />
      )}
    />
  );
}

/** A position goes as a whole. */
function positioned(changes: Group, wish: Group): Group {
  const names = ["longitude", "latitude", "coordinate_system"];
  return names.some((name) => name in changes) ? { ...changes, ...Object.fromEntries(names.map((name) => [name, wish[name] ?? null])) } : changes;
}

const begin = (place: Place): Group => ({
  ...place,
  longitude: place.original_longitude,
  latitude: place.original_latitude,
  coordinate_system: place.coordinate_system === "" ? "wgs84" : place.coordinate_system,
});

function useLists() {
  const divisions = useLawCodes("division");
  const kinds = useLawCodes(...KIND_LISTS);
  const categories = useLawCodes("key_place_category");
  const crs = useFileFields().data?.items.find(({ name }) => name === "crs")?.values ?? [];
  const systems = Object.fromEntries(crs.map(({ code, zh, en }) => [code, { zh, en }]));
  const key = JSON.stringify([Object.keys(divisions).length, Object.keys(kinds).length, Object.keys(categories).length, crs.length]);
  return useMemo(() => ({ divisions, kinds, categories, systems }), [key]);
}

export function Stale({ goOn }: { goOn: () => Promise<void> }): JSX.Element {
  const { t } = useTranslation();
  return (
    <Alert
      type="warning"
      showIcon
      className="form-error"
      title={t("procedures.stale")}
      description={
        <>
          <p>{t("places.changesSince")}</p>
          <Button onClick={() => void goOn()}>{t("procedures.goOn")}</Button>
        </>
      }
    />
  );
}
