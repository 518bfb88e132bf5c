import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { FileField } from "../../../api/camera-files";
import { RefLink } from "../../../shared/form/RefLink";
import type { Value } from "../../../shared/form/schema";
import { refOf, useCodeName } from "../../../shared/inventory/fields";

/** A value as people read it; what is not there is a dash. */
export function FieldValue({ field, value }: { field: FileField; value: Value }): JSX.Element {
  const { t } = useTranslation();
  const codeName = useCodeName();
  const ref = refOf(field);
  if (value === null || value === undefined || value === "") return <span className="tone-quiet">–</span>;
  if (typeof value === "boolean") return <>{t(value ? "form.yes" : "form.no")}</>;
  if (ref !== null) return <RefLink to={ref} id={String(value)} />;
  if (field.kind === "code") return <>{codeName(field.name, String(value))}</>;
  if (typeof value === "object") return <code>{JSON.stringify(value)}</code>;
  return <span className={field.kind === "text" ? undefined : "digits"}>{`${String(value)}${field.unit === "" ? "" : ` ${field.unit}`}`}</span>;
}
