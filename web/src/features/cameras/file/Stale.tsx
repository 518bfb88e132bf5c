import { Alert, Button } from "antd";
import { useEffect, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useFile, useFileHistory, type CameraFile, type Change } from "../../../api/camera-files";
import { useFieldName } from "../../../shared/inventory/fields";
import { civilText } from "../../../shared/time";

/** Who changed what since; going on changes the newest file, and of it only what was typed. */
export function Stale({ file, since, goOn }: { file: string; since: number; goOn: (newest: CameraFile) => void }): JSX.Element {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const history = useFileHistory(file);
  const newest = useFile(file);
  useEffect(() => {
    void history.refetch();
    void newest.refetch();
  }, []);
  const changes: Change[] = (history.data ?? []).filter(({ version }) => version > since);
  const list = (
    <>
      <ul className="stale-list">
        {changes.map(({ version, by_name, at, changes: what }) => (
          <li key={version}>
            <b>{by_name}</b> {civilText(Date.parse(at))} · {Object.keys(what).map(fieldName).join(t("office.comma"))}
          </li>
        ))}
      </ul>
      <p>{t("procedures.staleHint")}</p>
      <Button disabled={newest.data === undefined || newest.data.version === since} onClick={() => newest.data !== undefined && goOn(newest.data)}>
        {t("procedures.goOn")}
      </Button>
    </>
  );
  return <Alert type="warning" showIcon title={t("procedures.stale")} description={list} className="form-error" data-testid="stale" />;
}
