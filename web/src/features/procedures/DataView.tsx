/** What a record holds, readable: labels from the schema, codes and ids by their names. */

import { Fragment, lazy, Suspense, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Point } from "../../map/geometry";
import { useLabel, useOptions } from "../../shared/form/labels";
import { useSession } from "../../api/queries";
import { RefLink } from "../../shared/form/RefLink";
import { fieldOf, fieldsOf, itemOf, kindOf, type Field, type Group, type Schema, type Value } from "../../shared/form/schema";
import { Moment } from "../../shared/Interval";
import { may } from "../../shared/rights";
import { Loading } from "../../shared/States";

const RingView = lazy(() => import("../../map/RingView"));

export function DataView({ schema, data }: { schema: Schema | Readonly<Record<string, unknown>>; data: Group }): JSX.Element {
  const { t } = useTranslation();
  const root = schema as Schema;
  const labelOf = useLabel();
  const field = fieldOf(root, root);
  const fields = fieldsOf(field, root);
  const lacking = fields.filter(([name]) => isNothing(data[name])).map(([name, inner]) => labelOf(name, inner));
  if (fields.length === 0) return <p className="fine">{t("procedures.noData")}</p>;
  return (
    <>
      {lacking.length < fields.length && <Facts field={field} root={root} value={data} bare={false} />}
      {lacking.length > 0 && <p className="fine data-lacking">{t("procedures.lacking", { fields: lacking.join(t("office.comma")) })}</p>}
    </>
  );
}

interface Shown {
  field: Field;
  root: Schema;
  value: Value;
}

/** `bare`: with what is empty too. */
function Facts({ field, root, value, bare = true }: Shown & { value: Group; bare?: boolean }): JSX.Element {
  const labelOf = useLabel();
  const fields = fieldsOf(field, root).filter(([name]) => bare || !isNothing(value[name]));
  return (
    <dl className="data">
      {fields.map(([name, inner]) => (
        <Fragment key={name}>
          <dt>{labelOf(name, inner)}</dt>
          <dd>
            <DataValue field={inner} root={root} value={value[name]} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

export const isNothing = (value: Value): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0) || (typeof value === "object" && Object.keys(value).length === 0);

/** One value of whatever shape. */
export function DataValue({ field, root, value }: Shown): JSX.Element {
  const { t } = useTranslation();
  if (isNothing(value)) return <span className="tone-quiet">–</span>;
  const item = itemOf(field, root);
  switch (kindOf(field, root)) {
    case "group":
      return <Facts field={field} root={root} value={value as Group} />;
    case "list":
      return <Many values={(value as Value[]).map((one, n) => [String(n + 1), one])} item={item} root={root} numbered />;
    case "map":
      return <Many values={Object.entries(value as Group)} item={item} root={root} keys={field} />;
    case "lines":
    case "choices":
    case "refs":
    case "entries":
      return <Simple values={value as string[]} item={item} root={root} />;
    case "yesNo":
      return <>{t(value === true ? "form.yes" : "form.no")}</>;
    case "ref":
      return <RefLink to={field.ref ?? ""} id={String(value)} />;
    case "entry":
      return <EntryLink sequence={Number(value)} />;
    case "choice":
      return <Coded field={field} code={String(value)} />;
    case "instant":
      return <Moment at={String(value)} />;
    case "number":
      return <span className="digits">{String(value)}</span>;
    case "ring":
      return (
        <Suspense fallback={<Loading />}>
          <RingView ring={value as Point[]} />
        </Suspense>
      );
    case "other":
      return <code>{JSON.stringify(value)}</code>;
    default:
      return <span className="data-text">{String(value)}</span>;
  }
}

/** To the entry, for whoever may read the journal. */
function EntryLink({ sequence }: { sequence: number }): JSX.Element {
  const person = useSession().data;
  const number = <span className="digits">{sequence}</span>;
  return person != null && may(person, "journal") ? <Link to={`/journal?newest=${sequence}`}>{number}</Link> : number;
}

function Coded({ field, code }: { field: Field; code: string }): JSX.Element {
  const options = useOptions(field);
  return <>{options.find(({ value }) => value === code)?.label ?? code}</>;
}

/** Short values side by side. */
function Simple({ values, item, root }: { values: readonly string[]; item: Field; root: Schema }): JSX.Element {
  return (
    <ul className="data-simple">
      {values.map((value, n) => (
        <li key={n}>
          <DataValue field={item} root={root} value={value} />
        </li>
      ))}
    </ul>
  );
}

interface ManyProps {
  values: readonly (readonly [key: string, value: Value])[];
  item: Field;
  root: Schema;
  numbered?: boolean;
  /** Of a map: what its keys are. */
  keys?: Field;
}

/** Groups one below the other, each under its number or key. */
function Many({ values, item, root, numbered = false, keys }: ManyProps): JSX.Element {
  return (
    <ul className="data-many">
      {values.map(([key, value]) => (
        <li key={key}>
          <b className={numbered ? "digits" : undefined}>{keys === undefined ? key : <KeyName field={keys} name={key} />}</b>
          <DataValue field={item} root={root} value={value} />
        </li>
      ))}
    </ul>
  );
}

function KeyName({ field, name }: { field: Field; name: string }): JSX.Element {
  const ref = field.propertyNames?.ref;
  return ref === undefined ? <Coded field={field} code={name} /> : <RefLink to={ref} id={name} />;
}
