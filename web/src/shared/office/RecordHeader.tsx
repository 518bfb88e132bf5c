import { ArrowLeftOutlined } from "@ant-design/icons";
import { Fragment, type JSX, type ReactNode } from "react";
import { Link } from "react-router";

interface Props {
  /** The list it is from. */
  back: { to: string; label: string };
  number: string;
  title: string;
  state: ReactNode;
  /** Owner, division, times: what a person asks first. */
  facts: readonly (readonly [label: string, value: ReactNode])[];
  actions?: ReactNode;
}

/** The head of any record's page. */
export function RecordHeader({ back, number, title, state, facts, actions }: Props): JSX.Element {
  return (
    <header className="record-head">
      <Link className="record-back" to={back.to}>
        <ArrowLeftOutlined /> {back.label}
      </Link>
      <div className="record-title">
        <h1>
          <span className="record-number digits">{number}</span> {title}
        </h1>
        {state}
        {actions !== undefined && <div className="record-actions">{actions}</div>}
      </div>
      <dl className="record-facts">
        {facts.map(([label, value]) => (
          <Fragment key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </header>
  );
}
