import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Modal, Select } from "antd";
import { useId, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { changeMany, previewChange, type FileFilter, type Preview, type Setting } from "../../api/camera-files";
import { Problem } from "../../api/client";
import { fieldOf, type Value } from "../../shared/form/schema";
import { FieldEditor, FormProvider } from "../../shared/form/SchemaForm";
import { formOf, useFields } from "../../shared/inventory/fields";
import { Refusals } from "../../shared/office/Refusals";
import { useProblemText } from "../../shared/States";
import { useSaid } from "../../shared/tongue";

interface Props {
  filter: FileFilter;
  count: number;
  close: () => void;
  done: (changed: number) => void;
}

const FIRST = ["system", "responsible_body", "status"]; // what is asked most stands on top
const NO_FAULTS: ReadonlyMap<string, string> = new Map();

/** One field set for many: chosen, looked at, then changed; all of them or none. */
export default function BulkDialog({ filter, count, close, done }: Props): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  const client = useQueryClient();
  const [name, setName] = useState<string | null>(null);
  const [value, setValue] = useState<Value>(null);
  const [reason, setReason] = useState("");
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const set: Setting = name === null ? {} : { [name]: value === "" ? null : value };

  const run = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (why) {
      setError(why);
      setPreview(null); // whatever was in the way: look again before changing
    } finally {
      setBusy(false);
    }
  };
  const look = (): Promise<void> => run(async () => setPreview(await previewChange(filter, set)));
  const change = (token: string): Promise<void> =>
    run(async () => {
      const { changed } = await changeMany(filter, set, token, reason);
      await client.invalidateQueries({ queryKey: ["files"] });
      done(changed);
    });

  return (
    <Modal
      open
      title={t("files.bulkTitle", { n: count })}
      onCancel={close}
      footer={
        <>
          <Button onClick={close}>{t("cameras.cancel")}</Button>
          {preview === null ? (
            <Button type="primary" disabled={name === null} loading={busy} onClick={() => void look()}>
              {t("files.look")}
            </Button>
          ) : (
            <Button type="primary" disabled={preview.changing === 0} loading={busy} onClick={() => void change(preview.token)}>
              {t("files.changeN", { n: preview.changing })}
            </Button>
          )}
        </>
      }
    >
      <div className="schema-form dialog-form">
        {error !== null && <Said error={error} text={explain(error)} />}
        <Which
          name={name}
          choose={(to) => {
            setName(to);
            setValue(null);
            setPreview(null);
          }}
        />
        {name !== null && (
          <Setter
            name={name}
            value={value}
            onChange={(to) => {
              setValue(to);
              setPreview(null);
            }}
          />
        )}
        <div className="form-field">
          <label className="form-label" htmlFor="bulk-reason">
            {t("files.reason")}
          </label>
          <Input id="bulk-reason" maxLength={1000} value={reason} onChange={(event) => setReason(event.target.value)} />
        </div>
        {preview !== null && (
          <Alert
            type={preview.changing === 0 ? "warning" : "info"}
            showIcon
            role="status"
            title={t("files.willChange", { n: preview.changing, total: preview.total })}
            description={t("files.willChangeHint", { n: preview.total - preview.changing })}
          />
        )}
      </div>
    </Modal>
  );
}

function Which({ name, choose }: { name: string | null; choose: (name: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const { all } = useFields();
  const place = (one: string): number => (FIRST.indexOf(one) + 1 || FIRST.length + 1);
  const options = all.filter((field) => field.is_bulk).sort((a, b) => place(a.name) - place(b.name));
  const id = useId();
  return (
    <div className="form-field">
      <label className="form-label" htmlFor={id}>
        {t("files.whichField")}
      </label>
      <Select id={id} autoFocus showSearch={{ optionFilterProp: "label" }} placeholder={t("form.choose")} options={options.map((field) => ({ value: field.name, label: said(field) }))} value={name} onChange={choose} />
    </div>
  );
}

function Setter({ name, value, onChange }: { name: string; value: Value; onChange: (value: Value) => void }): JSX.Element | null {
  const { t } = useTranslation();
  const prefix = useId();
  const field = useFields().find(name);
  if (field === undefined) return null;
  const schema = formOf([field]);
  const one = fieldOf(schema.properties?.[name] ?? {}, schema);
  return (
    <FormProvider value={{ root: schema, faults: NO_FAULTS, prefix }}>
      <FieldEditor path={name} field={one} label={t("files.newValue")} required={false} value={value} onChange={onChange} />
      <p className="fine">{t("files.emptyEmpties")}</p>
    </FormProvider>
  );
}

function Said({ error, text }: { error: unknown; text: ReturnType<ReturnType<typeof useProblemText>> }): JSX.Element {
  const { t } = useTranslation();
  if (error instanceof Problem && error.refusals.length > 0) return <Refusals refusals={error.refusals} said />;
  if (error instanceof Problem && error.code === "selection_changed") return <Alert type="warning" showIcon title={t("files.selectionChanged")} description={t("files.selectionChangedHint")} />;
  return <Alert type="error" showIcon title={text.title} description={text.hint} />;
}
