import { CloseOutlined, EditOutlined, EnvironmentOutlined, ExportOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { exportPath, type FileFilter } from "../../api/camera-files";
import { writeFilter } from "../../shared/inventory/filters";

interface Props {
  filter: FileFilter;
  count: number;
  total: number;
  isAll: boolean;
  /** The whole page is ticked and there is more than it. */
  offersAll: boolean;
  mayChange: boolean;
  takeAll: () => void;
  clear: () => void;
  change: () => void;
}

/** What can be done with what is ticked. */
export function SelectionBar({ filter, count, total, isAll, offersAll, mayChange, takeAll, clear, change }: Props): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <div className="selection-bar" role="region" aria-label={t("files.selection")} data-testid="selection">
      <b role="status">{t(isAll ? "files.allTicked" : "files.ticked", { n: count })}</b>
      {offersAll && (
        <Button type="link" onClick={takeAll}>
          {t("files.takeAll", { n: total })}
        </Button>
      )}
      {mayChange && (
        <Button icon={<EditOutlined />} onClick={change}>
          {t("files.bulk")}
        </Button>
      )}
      <Button icon={<EnvironmentOutlined />} onClick={() => void navigate(`/map?${writeFilter(filter).toString()}`)}>
        {t("files.onMap")}
      </Button>
      <Button icon={<ExportOutlined />} href={exportPath(filter, "xlsx")} download>
        {t("files.export")}
      </Button>
      <Button type="text" icon={<CloseOutlined />} onClick={clear}>
        {t("files.untick")}
      </Button>
    </div>
  );
}
