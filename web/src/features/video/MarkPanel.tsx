import { CloseOutlined, FlagOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { lazy, Suspense, useImperativeHandle, useState, type JSX, type Ref } from "react";
import { useTranslation } from "react-i18next";

import type { Mark } from "../../api/storage";
import { clockText } from "../../shared/time";
import type { Marking } from "./marking";

const MarkForm = lazy(() => import("./MarkForm"));

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
      <Popover title={t("video.mark.panel")} content={<Suspense><MarkForm {...props} close={() => setOpen(false)} /></Suspense>} trigger="click" placement="topRight" open={open} onOpenChange={setOpen} destroyOnHidden>
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
