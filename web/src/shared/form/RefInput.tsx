/** Picks what a form refers to: searched by its name, shown by its name, sent as its id. */

import { Input, Select } from "antd";
import { lazy, Suspense, useDeferredValue, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { isSearchable, useMaySearch, useReferenceSearch, usePartsOf } from "../../api/references";
import { useProblemText } from "../States";
import { nameOf, RefName } from "./RefLink";
import { idOf, useForm, type FieldProps } from "./SchemaForm";

const Upload = lazy(() => import("./Upload"));
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Props = FieldProps & { id: string; several: boolean; status?: "error"; "aria-required"?: boolean; "aria-invalid"?: boolean; "aria-describedby"?: string };

/** The ref stands at the field, or at the items of a list. */
const refOf = ({ field }: Pick<FieldProps, "field">): string => field.ref ?? field.items?.ref ?? "";

export function RefInput(props: Props): JSX.Element {
  const ref = refOf(props);
  const maySearch = useMaySearch(ref);
  if (!maySearch) return <Pasted {...props} to={ref} />;
  return isSearchable(ref) ? <Searched {...props} to={ref} /> : <Part {...props} />;
}

function Searched(props: Props & { to: string }): JSX.Element {
  const { to, several, value, onChange } = props;
  const chosen = ids(value);
  const add = (id: string): void => onChange(several ? [...chosen, id] : id);
  return (
    <div className="form-ref">
      <Picker {...props} />
      {to === "document" && (
        <Suspense>
          <Upload onKept={add} />
        </Suspense>
      )}
    </div>
  );
}

const ids = (value: unknown): string[] => (Array.isArray(value) ? (value as string[]) : typeof value === "string" && value !== "" ? [value] : []);

function Picker({ to, several, value, onChange, field, label, path: _path, required: _required, ...more }: Props & { to: string }): JSX.Element {
  const { t } = useTranslation();
  const explain = useProblemText();
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const q = useDeferredValue(typed.trim());
  const search = useReferenceSearch(to, UUID.test(q) ? "" : q, open);
  const found = UUID.test(q) ? [{ id: q.toLowerCase(), name: q.toLowerCase(), note: "" }] : (search.data ?? []);
  const chosen = ids(value);
  const empty = search.isError ? explain(search.error).title : search.isFetching ? t("problem.loading") : t("form.noneFound");
  return (
    <Select
      {...more}
      aria-label={label}
      {...(several ? { mode: "multiple" as const } : {})}
      allowClear={!several && (field.optional || value !== null)}
      showSearch={{ filterOption: false, onSearch: setTyped, searchValue: typed }}
      placeholder={t("form.search")}
      open={open}
      onOpenChange={setOpen}
      loading={search.isFetching}
      notFoundContent={<span className="fine">{empty}</span>}
      options={found.map(({ id, name, note }) => ({ value: id, label: note === "" ? name : `${name} · ${note}` }))}
      labelRender={({ value: id }) => <RefName to={to} id={String(id)} />}
      value={several ? chosen : (chosen[0] ?? null)}
      onChange={(one: unknown) => {
        setTyped("");
        onChange(one ?? null);
      }}
    />
  );
}

/** What this person may not look up is named by its number alone, and why is said. */
function Pasted({ to, id, several, value, onChange, label, status, field: _field, path: _path, required: _required, ...more }: Props & { to: string }): JSX.Element {
  const { t } = useTranslation();
  const hint = `${id}-why`;
  return (
    <div className="form-ref">
      <Input
        {...more}
        {...(status === undefined ? {} : { status })}
        id={id}
        aria-label={label}
        aria-describedby={[more["aria-describedby"], hint].filter(Boolean).join(" ")}
        placeholder={t("form.number")}
        value={ids(value).join(" ")}
        onChange={(event) => onChange(several ? event.target.value.split(/[\s,]+/).filter((one) => one !== "") : event.target.value.trim() || null)}
      />
      <p className="fine" id={hint}>
        {t(["place", "part", "camera"].includes(to) ? "form.notSearchedBase" : to === "document" ? "form.notSearchedPapers" : to === "person" ? "form.notSearchedPeople" : "form.notSearched")}
      </p>
    </div>
  );
}

/** A part is chosen in two moves: its place, then which of its parts. */
function Part(props: Props): JSX.Element {
  const { t } = useTranslation();
  const { prefix } = useForm();
  const [place, setPlace] = useState<string | null>(null);
  const parts = usePartsOf(place);
  const { id, several, value, onChange, path, field, label: _label, required: _required, ...more } = props;
  return (
    <div className="form-ref">
      <Picker {...props} id={`${idOf(prefix, path)}-place`} label={t("form.placeFirst")} to="place" several={false} field={{ type: "string", ref: "place", optional: field.optional }} value={place} onChange={(one) => setPlace(one as string | null)} />
      <Select
        {...more}
        id={id}
        {...(several ? { mode: "multiple" as const } : {})}
        disabled={place === null && ids(value).length === 0}
        placeholder={t("form.partThen")}
        options={(parts.data ?? []).map((part) => ({ value: part.id, label: nameOf(part) }))}
        labelRender={({ value: one }) => <RefName to="part" id={String(one)} />}
        value={several ? ids(value) : (ids(value)[0] ?? null)}
        onChange={(one: unknown) => onChange(one ?? null)}
      />
    </div>
  );
}
