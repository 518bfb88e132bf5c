import { Button } from "antd";
import { useLayoutEffect, useRef, useState, type JSX, type ReactNode, type RefObject } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/queries";
import { putMark } from "./watermark";

export interface MarkState {
  /** Where the mark is put: behind this element, over the pictures before it. */
  anchor: RefObject<HTMLSpanElement | null>;
  /** Before the viewer is known nothing is shown: there would be no mark over it. */
  known: boolean;
  gone: boolean;
  again: () => void;
}

/** The mark of whoever is signed in, kept over a picture for as long as it is there. */
export function useMark(): MarkState {
  const { data: person } = useSession();
  const [gone, setGone] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const who = person === undefined || person === null ? "" : [person.name, person.unit].filter(Boolean).join(" · ");
  useLayoutEffect(() => {
    if (anchor.current === null || who === "") return;
    return putMark(anchor.current, who, () => setGone(true));
  }, [who, gone]);
  return { anchor, known: who !== "", gone, again: () => setGone(false) };
}

/** A picture with its viewer's mark (R31.5). Whoever takes the mark away takes the picture away with it. */
export function Marked({ children }: { children: ReactNode }): JSX.Element {
  const mark = useMark();
  if (mark.gone) return <MarkGone again={mark.again} />;
  return (
    <>
      {mark.known && children}
      <span ref={mark.anchor} hidden />
    </>
  );
}

export function MarkGone({ again }: { again: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="tile-overlay tone-bad mark-gone" role="alert" data-testid="mark-gone">
      <p>{t("mark.gone")}</p>
      <Button size="small" onClick={again}>{t("mark.again")}</Button>
    </div>
  );
}
