import { ArrowRightOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Change, Kind } from "../../api/procedures";
import { useLabel, useOptions } from "../../shared/form/labels";
import type { Field, Schema } from "../../shared/form/schema";
import { Moment } from "../../shared/Interval";
import { StateTag } from "../../shared/office/states";
import { DataValue, isNothing } from "./DataView";
import { leavesOf, type Leaf } from "./differences";
import { useActName, useFieldNames } from "./names";

/** Who did what and when, newest first; each with what it was before and what it became. */
export function HistoryView({ kind, history }: { kind: Kind; history: readonly Change[] }): JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="card-plain history" aria-labelledby="record-history">
      <h2 id="record-history">{t("procedures.history")}</h2>
      <ol>
        {history.map((change) => (
          <Entry key={change.version} kind={kind} change={change} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ kind, change }: { kind: Kind; change: Change }): JSX.Element {
  const { t } = useTranslation();
  const actName = useActName(kind);
  const fieldNames = useFieldNames(kind);
  const { state, ...rest } = change.changes;
  const leaves = leavesOf(kind.data as Schema, rest);
  return (
    <li data-version={change.version}>
      <p>
        <b>{actName(change.act)}</b> <span className="fine">{change.by_name}</span>
      </p>
      <p className="fine">
        <Moment at={change.at} />
      </p>
      {change.reason !== "" && <p>{change.reason}</p>}
      {state !== undefined && <StateChange kind={kind} before={state[0]} after={state[1]} />}
      {leaves.length > 0 && (
        <details>
          <summary>
            {t("procedures.changedFields", { fields: fieldNames(Object.keys(rest)) })}
          </summary>
          <dl className="changes">
            {leaves.map((leaf) => (
              <LeafRow key={leaf.path.map(({ key }) => key).join(".")} leaf={leaf} root={kind.data as Schema} />
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}

function StateChange({ kind, before, after }: { kind: Kind; before: unknown; after: unknown }): JSX.Element {
  return (
    <p className="state-change">
      {typeof before === "string" && (
        <>
          <StateTag kind={kind} state={before} /> <ArrowRightOutlined />{" "}
        </>
      )}
      <StateTag kind={kind} state={String(after)} />
    </p>
  );
}

function LeafRow({ leaf: { path, field, before, after }, root }: { leaf: Leaf; root: Schema }): JSX.Element {
  const { t } = useTranslation();
  return (
    <div>
      <dt>
        {path.map(({ key, of }, n) => (
          <span key={n}>
            {n > 0 && " · "}
            <PathName name={key} of={of} />
          </span>
        ))}
      </dt>
      <dd>
        {!isNothing(before) && (
          <>
            <span className="change-before">
              <span className="unseen">{t("procedures.before")}</span>
              <DataValue field={field} root={root} value={before} />
            </span>
            <ArrowRightOutlined aria-hidden="true" />
          </>
        )}
        <span className="change-after">
          <span className="unseen">{t("procedures.after")}</span>
          <DataValue field={field} root={root} value={after} />
        </span>
      </dd>
    </div>
  );
}

function PathName({ name, of }: { name: string; of: Field }): JSX.Element {
  const labelOf = useLabel();
  const code = useOptions(of).find(({ value }) => value === name)?.label;
  return <>{code ?? (of.properties?.[name] === undefined ? name : labelOf(name, of.properties[name]))}</>;
}
