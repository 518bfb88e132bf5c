import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useRef, type JSX, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";

import { stillOpen, type CopyFile } from "../../api/copies";
import { bytesText } from "../bytes";
import { civilRangeText, durationText, SECOND, utcRangeText } from "../time";

interface Props {
  files: readonly CopyFile[];
  masked: boolean;
  /** A file could no longer be fetched. */
  onFault: (error: unknown) => void;
}

/** The files of a copy, each behind its link: the browser fetches and saves, whatever the size. */
export function CopyFiles({ files, masked, onFault }: Props): JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="copy-files" data-testid="copy-files">
      <p role="status">{t("copies.files", { n: files.length })}</p>
      {masked && <p className="fine" data-testid="copy-masked">{t("copies.masked")}</p>}
      {files.length > 1 && <p className="fine">{t("copies.several")}</p>}
      <ol>
        {files.map((file, n) => (
          <li key={file.url}>
            <Described file={file} />
            <Save file={file} focused={n === 0} onFault={onFault} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Described({ file }: { file: CopyFile }): JSX.Element {
  const { t } = useTranslation();
  const [startMs, endMs] = [Date.parse(file.start), Date.parse(file.end)];
  return (
    <div className="copy-file digits">
      <b>{file.name}</b>
      <span>{civilRangeText(startMs, endMs)}</span>
      <span className="fine">{utcRangeText(startMs, endMs)}</span>
      <span>
        {t("copies.size", { duration: durationText(endMs - startMs), bytes: bytesText(file.sizeBytes) })}
        {file.clockOffsetMs !== 0 && <span className="fine"> · {t("copies.clock", { seconds: (file.clockOffsetMs / SECOND).toFixed(2) })}</span>}
      </span>
    </div>
  );
}

/** A link that is followed only while it opens something. */
function Save({ file, focused, onFault }: { file: CopyFile; focused: boolean; onFault: (error: unknown) => void }): JSX.Element {
  const { t } = useTranslation();
  const link = useRef<HTMLAnchorElement>(null);
  const sure = useRef(false);
  useEffect(() => {
    if (focused) link.current?.focus();
  }, [focused]);
  const follow = (event: MouseEvent): void => {
    if (sure.current) {
      sure.current = false;
      return;
    }
    event.preventDefault();
    stillOpen(file.url).then(() => {
      sure.current = true;
      link.current?.click();
    }, onFault);
  };
  return (
    <Button ref={link} type="primary" icon={<DownloadOutlined />} href={file.url} download={file.name} aria-label={t("copies.downloadOf", { name: file.name })} onClick={follow}>
      {t("copies.download")}
    </Button>
  );
}
