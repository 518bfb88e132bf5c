import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { changeFile, type FileField, type FilePatch } from "../../../api/camera-files";
import FormDrawer from "../../../shared/form/FormDrawer";
import type { Group } from "../../../shared/form/schema";
import { changedOf, formOf, sentOf, valueIn } from "../../../shared/inventory/fields";
import type { TabProps } from "../FilePage";
import { Stale } from "./Stale";

interface Props extends TabProps {
  group: string;
  fields: readonly FileField[];
  close: () => void;
}

/** A group of fields to change. Whoever comes second is told what the first changed; what they typed stays. */
export default function EditGroup({ file, person, group, fields, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const read = useRef(file); // as it was when the person began
  const schema = useMemo(() => ({ ...formOf(fields, ["name", "division", "status", "secrecy"]) }), [fields]);
  const initial = useMemo(() => Object.fromEntries(fields.map((field) => [field.name, emptyAs(field, valueIn(read.current, field))])), [fields]);
  const [base, setBase] = useState({ version: file.version, view: file.view }); // what a change is made to
  const isRenamedElsewhere = file.has_stream && group === "identity";
  return (
    <FormDrawer
      title={t("file.editGroup", { group: t(`file.groups.${group}`) })}
      submit={t("cameras.save")}
      schema={schema}
      initial={initial}
      draft={`${person.id} camera-file ${file.id} ${group}`}
      close={close}
      before={isRenamedElsewhere ? <p className="fine">{t("file.oneName")}</p> : null}
      send={async (wish) => {
        const changes = changedOf(initial, wish);
        if (Object.keys(changes).length === 0) return close();
        await changeFile(file.id, { version: base.version, ...sentOf(fields, changes, base.view) } as FilePatch);
        await Promise.all([client.invalidateQueries({ queryKey: ["file", file.id] }), client.invalidateQueries({ queryKey: ["files"] })]);
        close();
      }}
      whenStale={(goOn) => (
        <Stale
          file={file.id}
          since={base.version}
          goOn={(newest) => {
            setBase({ version: newest.version, view: newest.view });
            goOn();
          }}
        />
      )}
    />
  );
}

const emptyAs = ({ kind }: FileField, value: unknown): Group[string] => (value === null && kind === "text" ? "" : value === null && kind === "flag" ? false : value);
