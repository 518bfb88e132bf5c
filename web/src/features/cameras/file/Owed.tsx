import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { CameraFile } from "../../../api/camera-files";
import type { Person } from "../../../api/client";
import { useDutiesOf } from "../../../api/duties";
import { OwedCard, RecordsAbout } from "../../../shared/office/About";

/** The procedures about this camera and its system, and what is owed for either. */
export function Owed({ file, person }: { file: CameraFile; person: Person }): JSX.Element {
  const { t } = useTranslation();
  const duties = useDutiesOf([file.id, ...(file.system === null ? [] : [file.system])]);
  return (
    <>
      <RecordsAbout person={person} subjects={{ camera: file.id, "record:system": file.system }} />
      <OwedCard duties={duties} nothing={t("file.nothingOwed")} />
    </>
  );
}
