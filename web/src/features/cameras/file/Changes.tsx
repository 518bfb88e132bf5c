import { ArrowRightOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { useFileHistory, type Change, type FileField } from "../../../api/camera-files";
import { useFieldName, useFields } from "../../../shared/inventory/fields";
import { LifeState } from "../../../shared/inventory/LifeState";
import { Moment } from "../../../shared/Interval";
import { Failed, Loading } from "../../../shared/States";
import type { TabProps } from "../FilePage";
import { FieldValue } from "./FieldValue";

/** Every change, newest first: who, when, why, what it was and what it became. */
export default function Changes({ file }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const history = useFileHistory(file.id);
  if (history.isPending) return <Loading />;
  if (history.isError) return <Failed error={history.error} retry={() => void history.refetch()} />;
  return (
    <section className="card-plain history" aria-label={t("file.tabs.changes")}>
      <ol>
        {history.data.map((change) => (
          <Entry key={change.version} change={change} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ change }: { change: Change }): JSX.Element {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const known = ["added", "changed", "imported"].includes(change.act) ? t(`file.acts.${change.act}`) : change.act;
  return (
    <li data-version={change.version}>
      <p>
        <b>{known}</b> <span className="fine">{change.by_name}</span> <Moment at={change.at} />
      </p>
      {change.reason !== "" && <p>{change.reason}</p>}
      <dl className="changes">
        {Object.entries(change.changes).map(([name, [before, after]]) => (
          <div key={name}>
            <dt>{name === "state" ? t("files.state") : fieldName(name)}</dt>
            <dd>
              <span className="change-before">
                <span className="unseen">{t("procedures.before")}</span>
                <Side name={name} value={before} />
              </span>
              <ArrowRightOutlined aria-hidden="true" />
              <span className="change-after">
                <span className="unseen">{t("procedures.after")}</span>
                <Side name={name} value={after} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** Of what no field has (a sweep, masks), as it is kept. */
const PLAIN: Omit<FileField, "name"> = {
  pinyin: "", zh: "", en: "", kind: "text", home: "fields", values: [], is_mandatory: false, is_mandatory_for_class_one: false, is_locked: false, is_bulk: false, least: null, most: null,
  length: 0, pattern: "", unit: "",
};

function Side({ name, value }: { name: string; value: unknown }): JSX.Element {
  const { find } = useFields();
  if (name === "state" && typeof value === "string") return <LifeState state={value} />;
  return <FieldValue field={find(name) ?? { ...PLAIN, name }} value={value} />;
}
