import { EditOutlined, ExclamationCircleOutlined, LockOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Fragment, lazy, Suspense, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import type { FileField } from "../../../api/camera-files";
import { RequiredMark } from "../../../shared/form/Fieldset";
import { useFields, valueIn } from "../../../shared/inventory/fields";
import { may } from "../../../shared/rights";
import { useSaid } from "../../../shared/tongue";
import type { TabProps } from "../FilePage";
import { FieldValue } from "./FieldValue";
import { grouped, isMandatory } from "./groups";

const EditGroup = lazy(() => import("./EditGroup"));
const Sweep = lazy(() => import("./Sweep"));

/** Every field by groups; those that are missing or wrong say so, and each group is changed in its place. */
export default function Fields(props: TabProps): JSX.Element {
  const { all } = useFields();
  const [query, setQuery] = useSearchParams();
  const [editing, setEditing] = useState<string | null>(query.get("edit"));
  const groups = grouped(all);
  const edited = groups.find(([group]) => group === editing);
  const close = (): void => {
    setEditing(null);
    if (query.has("edit")) setQuery({}, { replace: true });
  };
  return (
    <div className="field-groups">
      {groups.map(([group, fields]) => (
        <Fragment key={group}>
          <FieldGroup {...props} group={group} fields={fields} edit={() => setEditing(group)} />
          {group === "view" && (
            <Suspense>
              <Sweep {...props} />
            </Suspense>
          )}
        </Fragment>
      ))}
      {edited !== undefined && may(props.person, "baseChange") && (
        <Suspense>
          <EditGroup {...props} group={edited[0]} fields={edited[1]} close={close} />
        </Suspense>
      )}
    </div>
  );
}

function FieldGroup({ file, person, group, fields, edit }: TabProps & { group: string; fields: readonly FileField[]; edit: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="card-plain field-group" aria-labelledby={`group-${group}`} data-group={group}>
      <header>
        <h2 id={`group-${group}`}>{t(`file.groups.${group}`)}</h2>
        {may(person, "baseChange") && (
          <Button size="small" icon={<EditOutlined />} aria-label={t("file.editGroup", { group: t(`file.groups.${group}`) })} onClick={edit}>
            {t("cameras.edit")}
          </Button>
        )}
      </header>
      <dl className="data">
        {fields.map((field) => (
          <Row key={field.name} field={field} file={file} />
        ))}
      </dl>
    </section>
  );
}

function Row({ field, file }: { field: FileField; file: TabProps["file"] }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const fault = file.faults.find(({ field: name }) => name === field.name);
  const isMissing = file.missing.includes(field.name);
  return (
    <>
      <dt>
        {said(field)}
        {isMandatory(field, file.point_type) && <RequiredMark />}
        {field.is_locked && <LockOutlined title={t("file.locked")} className="field-lock" />}
      </dt>
      <dd data-field={field.name}>
        <FieldValue field={field} value={valueIn(file, field)} />
        {isMissing && (
          <span className="tone-warn field-fault">
            <ExclamationCircleOutlined /> {t("file.isMissing")}
          </span>
        )}
        {fault !== undefined && (
          <span className="tone-bad field-fault">
            <ExclamationCircleOutlined /> {fault.detail}
          </span>
        )}
      </dd>
    </>
  );
}
