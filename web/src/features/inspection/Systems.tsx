import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useSystemFigures, type SystemFigure } from "../../api/inspection";
import { useKinds } from "../../api/procedures";
import { useDivisionName } from "../../shared/office/divisions";
import { StateTag } from "../../shared/office/states";
import { Pager, usePages } from "../../shared/Pager";
import { Failed, Loading } from "../../shared/States";

const PAGE = 50;
const COLUMNS = ["system", "division", "owner", "state", "cameras", "inService", "open", "overdue"] as const;
const NUMBERS: readonly string[] = ["cameras", "inService", "open", "overdue"];

/** The systems of the area, each with its figures; every one leads to its record. */
export function Systems(): JSX.Element {
  const { t } = useTranslation();
  const pages = usePages();
  const systems = useSystemFigures(pages.cursor, PAGE);
  const items = systems.data?.items ?? [];
  return (
    <section className="card-plain" aria-labelledby="systems" data-testid="systems">
      <div className="inspection-head">
        <h2 id="systems">{t("inspection.systems")}</h2>
        <Link to="/overview">{t("inspection.figures")}</Link>
        <Link to="/register">{t("inspection.register")}</Link>
      </div>
      {systems.data === undefined && (systems.isError ? <Failed error={systems.error} retry={() => void systems.refetch()} /> : <Loading />)}
      {systems.data !== undefined && items.length === 0 && <p className="fine">{t("inspection.noSystem")}</p>}
      {items.length > 0 && (
        <div className="plain-table" role="region" aria-labelledby="systems" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <th key={column} scope="col" className={NUMBERS.includes(column) ? "number" : undefined}>
                    {t(`inspection.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((system) => (
                <Row key={system.id} system={system} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager pages={pages} next={systems.data?.next ?? null} />
    </section>
  );
}

function Row({ system }: { system: SystemFigure }): JSX.Element {
  const divisionName = useDivisionName();
  const kind = useKinds().data?.find(({ name }) => name === "system");
  const { id, number, title, division, state, organisation, cameras, in_service, open, overdue } = system;
  return (
    <tr data-system={id}>
      <th scope="row">
        <Link to={`/procedures/systems/${id}`}>{title}</Link> <span className="fine digits nowrap">{number}</span>
      </th>
      <td className="nowrap">{divisionName(division)}</td>
      <td>{organisation?.name ?? "–"}</td>
      <td className="nowrap">{kind === undefined ? state : <StateTag kind={kind} state={state} />}</td>
      <td className="number">{cameras}</td>
      <td className="number">{in_service}</td>
      <td className="number">{open}</td>
      <td className={overdue > 0 ? "number tone-bad" : "number"}>{overdue}</td>
    </tr>
  );
}
