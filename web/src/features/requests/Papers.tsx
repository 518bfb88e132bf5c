import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { asked } from "../../api/dynamic";
import type { Kind, WholeRecord } from "../../api/procedures";
import { dataOf, type Paper } from "../../api/requests";
import { RefName } from "../../shared/form/RefLink";
import { optionsIn, useWord } from "./codes";

/** The unit's papers, each with its scan beside. */
export function Papers({ kind, whole }: { kind: Kind; whole: WholeRecord }): JSX.Element {
  const { t } = useTranslation();
  const { papers } = dataOf(whole);
  return (
    <section className="card-plain" aria-labelledby="papers" data-testid="papers">
      <h2 id="papers">{t("requests.papers", { n: papers.length })}</h2>
      {papers.length === 0 && <p className="fine">{t("requests.noPaper")}</p>}
      <ul className="papers">
        {papers.map((paper) => (
          <One key={paper.document} kind={kind} paper={paper} />
        ))}
      </ul>
    </section>
  );
}

function One({ kind, paper }: { kind: Kind; paper: Paper }): JSX.Element {
  const word = useWord();
  return (
    <li>
      <p>
        <b>{word(optionsIn(kind.data, "kind", "KeptPaper"), paper.kind)}</b> <span className="digits">{paper.number}</span> · <RefName to="organisation" id={paper.unit} /> · <span className="digits">{paper.issued ?? "–"}</span>
      </p>
      <p className="fine">
        SHA-256 <code>{paper.sha256}</code>
      </p>
      <Scan document={paper.document} />
    </li>
  );
}

/** A picture is shown here; anything else is a file. */
function Scan({ document }: { document: string }): JSX.Element {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["document", document], queryFn: ({ signal }) => asked<{ version: { number: number; media_type: string }; title: string }>(`/documents/${document}`, {}, signal) });
  const path = found.data === undefined ? null : `/api/v1/documents/${document}/versions/${found.data.version.number}/content`;
  const picture = usePicture(found.data?.version.media_type.startsWith("image/") === true ? path : null);
  if (path === null || found.data === undefined) return <span className="fine">{t("problem.loading")}</span>;
  return (
    <>
      {picture !== null && <img className="scan" src={picture} alt={found.data.title} />}
      <a href={path} download>
        {t("requests.scan", { title: found.data.title })}
      </a>
    </>
  );
}

function usePicture(path: string | null): string | null {
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    let made: string | null = null;
    const load = async (): Promise<void> => {
      const answer = await fetch(path, { signal: abort.signal, credentials: "same-origin" });
      if (!answer.ok) return;
      made = URL.createObjectURL(await answer.blob());
      setShown(made);
    };
    load().catch(() => undefined); // the file is still there to be fetched
    return () => {
      abort.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [path]);
  return shown;
}
