import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, type Person } from "../../api/client";
import { confirmLikeness, reclassifyPlace, type Place } from "../../api/places";
import FormDrawer from "../../shared/form/FormDrawer";
import type { Group } from "../../shared/form/schema";
import { useLawCodes } from "../../shared/inventory/codes";
import { likenessForm, reclassificationForm } from "./forms";
import { Stale } from "./PlaceForm";

export type Classifying = "reclassify" | "likeness";

interface Props {
  person: Person;
  place: Place;
  how: Classifying;
  close: () => void;
}

const SEND: Readonly<Record<Classifying, (place: string, version: number, wish: Group) => Promise<Place>>> = {
  reclassify: (place, version, wish) => reclassifyPlace(place, { version, categories: wish["categories"] as string[], decision: String(wish["decision"]) }),
  likeness: (place, version, wish) => confirmLikeness(place, { version, categories: wish["categories"] as string[], note: String(wish["note"]) }),
};

/** What decides which duties of art. 8 a place has: a decision of the data authority (R8.6), or a reviewer's word that it is like those named (等). */
export default function ClassifyForm({ person, place, how, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const categories = useLawCodes("key_place_category");
  const count = Object.keys(categories).length;
  const schema = useMemo(() => (how === "reclassify" ? reclassificationForm(t, categories) : likenessForm(t, categories)), [t, how, count]);
  const initial = how === "reclassify" ? { categories: place.categories, decision: "" } : { categories: place.categories, note: place.likeness_note };
  const [version, setVersion] = useState(place.version);
  return (
    <FormDrawer
      title={t(`places.${how}Title`, { name: place.name })}
      submit={t(`places.${how}`)}
      schema={schema}
      initial={initial}
      draft={`${person.id} ${how} ${place.id}`}
      close={close}
      before={<p className="fine">{t(`places.${how}Hint`)}</p>}
      send={async (wish) => {
        await SEND[how](place.id, version, wish);
        await Promise.all([client.invalidateQueries({ queryKey: ["place"] }), client.invalidateQueries({ queryKey: ["places"] })]);
        close();
      }}
      whenStale={(goOn) => (
        <Stale
          goOn={async () => {
            setVersion((await ok(api.GET("/api/v1/places/{place}", { params: { path: { place: place.id } } }))).version);
            goOn();
          }}
        />
      )}
    />
  );
}
