/** The columns of the camera list: which there are, what they show, which a person has chosen. */

import { useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { FileLine, FileSort } from "../../api/camera-files";
import type { Camera } from "../../api/client";
import { RefLink } from "../../shared/form/RefLink";
import { useCodeName, useFieldName } from "../../shared/inventory/fields";
import { LifeState } from "../../shared/inventory/LifeState";
import { Rate } from "../../shared/inventory/Rate";
import { Moment } from "../../shared/Interval";
import { readPreference, writePreference } from "../../shared/storage";
import { StreamState } from "./StreamState";

export interface Shown {
  file: FileLine;
  camera: Camera | undefined;
}

const COLUMNS = [
  "state", "device_id", "division", "address", "status", "live", "fill", "correct", "point_type", "function_type", "system", "place", "responsible_body",
  "flags", "decree_class", "changed",
] as const;
export type Column = (typeof COLUMNS)[number];
const FIRST: readonly Column[] = ["state", "device_id", "division", "address", "status", "live", "fill", "changed"];

export const SORTED: Readonly<Partial<Record<Column, FileSort>>> = { device_id: "device_id", changed: "changed" };
const NUMBERS: readonly Column[] = ["fill", "correct"];
export const isNumber = (column: Column): boolean => NUMBERS.includes(column);

/** What was chosen on this computer; names of a later or earlier version are left out. */
function chosen(): readonly Column[] {
  const kept = readPreference("columns")?.split(",") ?? null;
  return kept === null ? FIRST : COLUMNS.filter((column) => kept.includes(column));
}

export function useColumns(): { all: readonly Column[]; shown: readonly Column[]; show: (columns: readonly Column[]) => void; reset: () => void } {
  const [shown, setShown] = useState(chosen);
  const show = (columns: readonly Column[]): void => {
    writePreference("columns", columns.join(","));
    setShown(COLUMNS.filter((column) => columns.includes(column)));
  };
  return { all: COLUMNS, shown, show, reset: () => show(FIRST) };
}

const OF_FIELDS: readonly Column[] = ["device_id", "division", "address", "status", "point_type", "function_type", "system", "place", "responsible_body", "decree_class"];

export function useColumnName(): (column: Column) => string {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  return (column) => (OF_FIELDS.includes(column) ? fieldName(column) : t(`files.columns.${column}`));
}

/** One cell. */
export function Cell({ column, shown: { file, camera } }: { column: Column; shown: Shown }): ReactNode {
  const codeName = useCodeName();
  switch (column) {
    case "state":
      return <LifeState state={file.state} />;
    case "device_id":
      return <span className="digits nowrap">{file.device_id ?? "–"}</span>;
    case "live":
      return file.has_stream ? <StreamState state={camera?.state ?? null} /> : "–";
    case "fill":
      return <Rate bp={file.fill_bp} />;
    case "correct":
      return <Rate bp={file.correct_bp} />;
    case "system":
      return file.system === null ? "–" : <RefLink to="record:system" id={file.system} />;
    case "place":
      return file.place === null ? "–" : <RefLink to="place" id={file.place} />;
    case "responsible_body":
      return file.responsible_body === null ? "–" : <RefLink to="organisation" id={file.responsible_body} />;
    case "flags":
      return <Flags file={file} />;
    case "changed":
      return <Moment at={file.changed_at} />;
    case "address":
      return <span className="file-address" title={file.address}>{file.address === "" ? "–" : file.address}</span>;
    default:
      return file[column] === "" ? "–" : <span className="nowrap">{codeName(column, file[column])}</span>;
  }
}

function Flags({ file }: { file: FileLine }): JSX.Element {
  const { t } = useTranslation();
  const flags = (["counter_terror", "is_article8", "is_government_built"] as const).filter((name) => file[name]);
  return <span className="nowrap">{flags.length === 0 ? "–" : flags.map((name) => t(`files.flagNames.${name}`)).join(" · ")}</span>;
}
