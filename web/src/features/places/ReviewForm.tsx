import { useQueryClient } from "@tanstack/react-query";
import { useMemo, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Person } from "../../api/client";
import { reviewPart, type Part } from "../../api/places";
import FormDrawer from "../../shared/form/FormDrawer";
import { reviewForm } from "./forms";

/** A reviewer says whether a part is private, and why (art. 9). */
export default function ReviewForm({ person, part, close }: { person: Person; part: Part; close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const schema = useMemo(() => reviewForm(t), [t]);
  return (
    <FormDrawer
      title={t("places.reviewTitle", { name: part.name })}
      submit={t("places.review")}
      schema={schema}
      draft={`${person.id} review ${part.id}`}
      close={close}
      send={async (wish) => {
        await reviewPart(part.id, { version: part.version, is_private: wish["is_private"] === true, reason: String(wish["reason"]) });
        await client.invalidateQueries({ queryKey: ["place", part.place] });
        close();
      }}
    />
  );
}
