import { useQueryClient } from "@tanstack/react-query";
import { useMemo, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { addFile, useFileFields, type FileWish } from "../../api/camera-files";
import type { Person } from "../../api/client";
import FormDrawer from "../../shared/form/FormDrawer";
import { formOf, sentOf } from "../../shared/inventory/fields";

/** A new file: the fields that the law wants of every file; the rest is filled in on its page. */
export default function AddFile({ person, close }: { person: Person; close: () => void }): JSX.Element | null {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const all = useFileFields().data?.items;
  const fields = useMemo(() => (all ?? []).filter(({ name, is_mandatory }) => is_mandatory || ["crs", "place", "part", "system"].includes(name)), [all]);
  const schema = useMemo(() => formOf(fields, ["name", "division"]), [fields]);
  if (all === undefined) return null;
  return (
    <FormDrawer
      title={t("files.addTitle")}
      submit={t("files.add")}
      schema={schema}
      draft={`${person.id} camera-file add`}
      close={close}
      before={<p className="fine">{t("files.addHint")}</p>}
      send={async (wish) => {
        const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== null && value !== ""));
        const { id } = await addFile(sentOf(fields, given, null) as unknown as FileWish);
        await client.invalidateQueries({ queryKey: ["files"] });
        void navigate(`/cameras/${id}`);
      }}
    />
  );
}
