import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { CameraFile } from "../../../api/camera-files";
import { useDutiesOf } from "../../../api/duties";
import { useKinds, useRecordsAbout } from "../../../api/procedures";
import { LawLink } from "../../../shared/LawLink";
import { StateTag } from "../../../shared/office/states";
import { DueAt, TimeLeft, useNow } from "../../../shared/office/TimeLeft";
import { useSaid } from "../../../shared/tongue";

/** The procedures about this camera and its system, and what is owed for either. */
export function Owed({ file }: { file: CameraFile }): JSX.Element | null {
  const subjects = [file.id, ...(file.system === null ? [] : [file.system])];
  return (
    <>
      <Records camera={file.id} system={file.system} />
      <Duties subjects={subjects} />
    </>
  );
}

function Records({ camera, system }: { camera: string; system: string | null }): JSX.Element | null {
  const { t } = useTranslation();
  const said = useSaid();
  const kinds = useKinds().data ?? [];
  const found = useRecordsAbout(kinds, { camera, system });
  if (found.length === 0) return null;
  return (
    <section className="card-plain" aria-labelledby="procedures-of">
      <h2 id="procedures-of">{t("procedures.title")}</h2>
      <ul className="about-list">
        {found.map(({ kind, record }) => (
          <li key={record.id}>
            <StateTag kind={kind} state={record.state} /> <Link to={`/procedures/${kind.path}/${record.id}`}>{record.title}</Link>{" "}
            <span className="fine">
              {said(kind.words)} · {record.number}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Duties({ subjects }: { subjects: readonly string[] }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const duties = useDutiesOf(subjects);
  const now = useNow();
  return (
    <section className="card-plain" aria-labelledby="duties-of">
      <h2 id="duties-of">{t("procedures.duties")}</h2>
      {duties.length === 0 && <p className="fine">{t("file.nothingOwed")}</p>}
      <ul className="owed">
        {duties.map((duty) => (
          <li key={duty.id} data-duty={duty.code}>
            <span className="owed-when">
              <TimeLeft duty={duty} now={now} />
              <DueAt due={duty.due_at} />
            </span>
            <span>
              {said(duty.words)} <LawLink article={duty.article} code={duty.code} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
