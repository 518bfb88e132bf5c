import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { api, ok, type Person } from "../../api/client";
import { addPart, changePart, type Part, type PartPatch, type PartWish, type Place } from "../../api/places";
import FormDrawer from "../../shared/form/FormDrawer";
import { useLawCodes } from "../../shared/inventory/codes";
import { changedOf } from "../../shared/inventory/fields";
import { nearOf, partForm } from "./forms";
import { PART_LISTS } from "./lists";
import { Stale } from "./PlaceForm";

/** A part to add or change: a kind of the law's lists, or in the person's own words. */
export default function PartForm({ person, place, part, close }: { person: Person; place: Place; part: Part | null; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const kinds = useLawCodes(...PART_LISTS);
  const schema = useMemo(() => partForm(t, kinds, nearOf(place)), [t, Object.keys(kinds).length]);
  const isListed = part !== null && part.kind in kinds;
  const initial = part === null ? undefined : { name: part.name, kindCode: isListed ? part.kind : null, kind: isListed ? "" : part.kind, is_key: part.is_key, floor: part.floor, polygon: part.polygon };
  const [version, setVersion] = useState(part?.version ?? 0);
  return (
    <FormDrawer
      title={part === null ? t("places.addPart") : t("places.editPart", { name: part.name })}
      submit={t("cameras.save")}
      schema={schema}
      draft={`${person.id} part ${part?.id ?? place.id}`}
      close={close}
      {...(initial === undefined ? {} : { initial })}
      send={async ({ kindCode, kind, ...wish }) => {
        const given = { ...wish, kind: typeof kindCode === "string" ? kindCode : kind };
        if (part === null) await addPart(place.id, given as unknown as PartWish);
        else await changePart(part.id, { version, ...changedOf({ ...part }, given) } as PartPatch);
        await client.invalidateQueries({ queryKey: ["place", place.id] });
        close();
      }}
      whenStale={(goOn) => (
        <Stale
          goOn={async () => {
            setVersion((await ok(api.GET("/api/v1/parts/{part}", { params: { path: { part: part?.id ?? "" } } }))).version);
            goOn();
          }}
        />
      )}
    />
  );
}
