import { Button, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Mark } from "../../api/storage";
import { clockText, dateTimeText } from "../../shared/time";
import type { Marking } from "./marking";
import { intervalOf } from "./range";

const NOTE_MAX = 200; // characters

interface Props {
  marks: readonly Mark[];
  marking: Marking;
  positionMs: number;
  onSeek: (ms: number) => void;
  close: () => void;
}

/** A mark with a note, and the marks in view. */
export default function MarkForm({ marks, marking, positionMs, onSeek, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const { startMs, endMs } = intervalOf(marking.range, positionMs);
  const mark = (): void => {
    marking.mark(note);
    close();
  };
  return (
    <div className="mark-panel" data-testid="mark-panel">
      <p className="fine digits">{t("video.mark.will", { start: dateTimeText(startMs), end: clockText(endMs) })}</p>
      <div className="mark-note">
        <Input
          autoFocus
          value={note}
          maxLength={NOTE_MAX}
          placeholder={t("video.mark.note")}
          aria-label={t("video.mark.note")}
          onChange={(event) => setNote(event.target.value)}
          onPressEnter={mark}
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
          }}
        />
        <Button type="primary" onClick={mark}>
          {t("video.mark.now")}
        </Button>
      </div>
      <p className="fine">{t("video.mark.edges")}</p>
      {marks.length === 0 && <p className="fine">{t("video.mark.none")}</p>}
      <ul className="mark-list">
        {marks.map((one) => (
          <li key={one.id} className="mark-row">
            <button type="button" className="plain" onClick={() => onSeek(Date.parse(one.start))}>
              <span className="digits">{dateTimeText(Date.parse(one.start))}</span>
              <span>{one.reason}</span>
            </button>
            {one.state === "in_force" ? (
              <Button size="small" onClick={() => marking.undo(one)}>
                {t("video.mark.undo")}
              </Button>
            ) : (
              <span className="fine">{t("video.mark.waits")}</span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
