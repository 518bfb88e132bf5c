import { CloseOutlined, FlagOutlined } from "@ant-design/icons";
import { Button, Input, Popover } from "antd";
import { useImperativeHandle, useState, type JSX, type Ref } from "react";
import { useTranslation } from "react-i18next";

import type { Mark } from "../../api/storage";
import { clockText, dateTimeText } from "../../shared/time";
import type { Marking } from "./marking";
import { intervalOf } from "./range";

const NOTE_MAX = 200; // characters

export interface MarkPanelHandle {
  open: () => void;
}

interface Props {
  marks: readonly Mark[];
  marking: Marking;
  positionMs: number;
  handle: Ref<MarkPanelHandle>;
  onSeek: (ms: number) => void;
}

/** Marking by mouse and with a note, the range that will be marked, and the marks in view. */
export function MarkPanel(props: Props): JSX.Element {
  const { t } = useTranslation();
  const { marks, marking, handle } = props;
  const [open, setOpen] = useState(false);
  useImperativeHandle(handle, () => ({ open: () => setOpen(true) }), []);
  return (
    <span className="marking">
      <Button type="text" icon={<FlagOutlined />} title={`${t("video.mark.now")} (M)`} aria-label={t("video.mark.now")} data-testid="mark" onClick={() => marking.mark()} />
      <Popover title={t("video.mark.panel")} content={<Panel {...props} close={() => setOpen(false)} />} trigger="click" placement="topRight" open={open} onOpenChange={setOpen} destroyOnHidden>
        <Button type="text" data-testid="marks" title={`${t("video.mark.withNote")} (N)`}>
          {t("video.mark.marks")} <span className="digits">{marks.length}</span>
        </Button>
      </Popover>
    </span>
  );
}

/** The range set by its keys, until it is marked or cleared. */
export function RangeChip({ marking: { range, clear } }: { marking: Marking }): JSX.Element | null {
  const { t } = useTranslation();
  if (range.startMs === null && range.endMs === null) return null;
  const edge = (ms: number | null): string => (ms === null ? "…" : clockText(ms));
  return (
    <span className="range-chip digits" data-testid="range">
      [{edge(range.startMs)} – {edge(range.endMs)}]
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("video.mark.clearRange")} title={t("video.mark.clearRange")} onClick={clear} />
    </span>
  );
}

function Panel({ marks, marking, positionMs, onSeek, close }: Props & { close: () => void }): JSX.Element {
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
