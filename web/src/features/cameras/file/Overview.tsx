import { CheckCircleOutlined, ExclamationCircleOutlined } from "@ant-design/icons";
import { lazy, Suspense, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useFieldName, useFields, valueIn } from "../../../shared/inventory/fields";
import { Rate } from "../../../shared/inventory/Rate";
import { may } from "../../../shared/rights";
import { Loading } from "../../../shared/States";
import { useSaid } from "../../../shared/tongue";
import type { TabProps } from "../FilePage";
import { FieldValue } from "./FieldValue";
import { GROUPS, REST } from "./groups";
import { Owed } from "./Owed";

const ViewMap = lazy(() => import("./ViewMap"));

const SHOWN = ["address", "place", "part", "system", "structure_type", "function_type", "capture_position_type", "direction", "install_date", "record_save_days", "management_unit", "contact"];

/** What one asks first: is the file whole, where does it look, what is owed. */
export default function Overview(props: TabProps): JSX.Element {
  const { file, person } = props;
  return (
    <div className="record-columns">
      <div className="record-main">
        <Quality {...props} />
        <Facts {...props} />
        <Owed file={file} person={person} />
      </div>
      <div className="record-main">
        <Geometry {...props} />
      </div>
    </div>
  );
}

const groupOf = (name: string): string => Object.entries(GROUPS).find(([, names]) => names.includes(name))?.[0] ?? REST;

function Quality({ file, person }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const fieldName = useFieldName();
  const change = (name: string): JSX.Element =>
    may(person, "baseChange") ? <Link to={`/cameras/${file.id}/fields?edit=${groupOf(name)}`}>{fieldName(name)}</Link> : <b>{fieldName(name)}</b>;
  return (
    <section className="card-plain" aria-labelledby="quality" data-testid="quality">
      <h2 id="quality">{t("file.quality")}</h2>
      <dl className="quality-rates">
        <div>
          <dt>{t("files.columns.fill")}</dt>
          <dd>
            <Rate bp={file.fill_bp} />
          </dd>
        </div>
        <div>
          <dt>{t("files.columns.correct")}</dt>
          <dd>
            <Rate bp={file.correct_bp} />
          </dd>
        </div>
      </dl>
      {file.missing.length === 0 && file.faults.length === 0 && (
        <p className="tone-good">
          <CheckCircleOutlined /> {t("file.allWell")}
        </p>
      )}
      {file.missing.length > 0 && (
        <p className="quality-list">
          <span className="tone-warn">
            <ExclamationCircleOutlined /> {t("file.missingN", { n: file.missing.length })}
          </span>{" "}
          {file.missing.map((name) => (
            <span key={name}>{change(name)} </span>
          ))}
        </p>
      )}
      {file.faults.length > 0 && (
        <ul className="quality-faults">
          {file.faults.map(({ field, detail }) => (
            <li key={`${field} ${detail}`}>
              <span className="tone-bad">
                <ExclamationCircleOutlined />
              </span>{" "}
              {change(field)} {detail}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Facts({ file }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const { all } = useFields();
  const fields = SHOWN.flatMap((name) => all.filter((field) => field.name === name));
  return (
    <section className="card-plain" aria-labelledby="facts">
      <h2 id="facts">{t("file.facts")}</h2>
      <dl className="data">
        {fields.map((field) => (
          <div key={field.name} className="data-row">
            <dt>{said(field)}</dt>
            <dd>
              <FieldValue field={field} value={valueIn(file, field)} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const VIEW = ["azimuth", "h_fov", "max_view_distance", "pitch", "height_m"];

/** Where it stands and what it sees, drawn and as words. */
function Geometry({ file }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const { all } = useFields();
  return (
    <section className="card-plain" aria-labelledby="geometry">
      <h2 id="geometry">{t("file.geometry")}</h2>
      {file.longitude === null || file.latitude === null ? (
        <p className="tone-warn">
          <ExclamationCircleOutlined /> {t("file.noPosition")}
        </p>
      ) : (
        <Suspense fallback={<Loading />}>
          <ViewMap file={file} />
        </Suspense>
      )}
      <dl className="facts">
        {file.longitude !== null && file.latitude !== null && (
          <div>
            <dt>WGS-84</dt>
            <dd className="digits">
              {file.longitude.toFixed(6)}, {file.latitude.toFixed(6)}
            </dd>
          </div>
        )}
        {VIEW.flatMap((name) => all.filter((field) => field.name === name)).map((field) => (
          <div key={field.name}>
            <dt>{said(field)}</dt>
            <dd>
              <FieldValue field={field} value={valueIn(file, field)} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{t("file.masks")}</dt>
          <dd className="digits">{file.view.masks?.length ?? 0}</dd>
        </div>
      </dl>
    </section>
  );
}
