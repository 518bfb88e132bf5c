import { AlertOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useOverview, type Overview, type Theme } from "../../api/overview";
import { useKinds } from "../../api/procedures";
import { officeEn } from "../../shared/dictionaries/office.en";
import { officeZhCN } from "../../shared/dictionaries/office.zh-CN";
import { addWords } from "../../shared/i18n";
import { LawLink } from "../../shared/LawLink";
import "../../shared/office/office.css";
import { Failed, Loading } from "../../shared/States";
import { civilText } from "../../shared/time";
import { useSaid, useTitled } from "../../shared/tongue";
import "./overview.css";
import { columnsOf, listPath, owedByCode, owedIn, rowsOf, type Column } from "./table";

addWords({ "zh-CN": officeZhCN, en: officeEn });

/** What the work group supervises: five themes, each by division; every figure leads to what it counts. */
export default function OverviewPage(): JSX.Element {
  const { t } = useTranslation();
  const overview = useOverview();
  if (overview.data === undefined) return overview.isError ? <Failed error={overview.error} retry={() => void overview.refetch()} /> : <Loading />;
  const { at, themes } = overview.data;
  return (
    <div className="page overview" data-testid="overview">
      <header className="page-head">
        <h1>{t("overview.title")}</h1>
        <span className="fine digits">{t("overview.at", { at: civilText(Date.parse(at)) })}</span>
      </header>
      <Measures measures={overview.data.measures} />
      {themes.map((theme) => (
        <ThemeCard key={theme.theme} theme={theme} divisions={overview.data.divisions} />
      ))}
    </div>
  );
}

/** Where the measures themselves stand; said only where there is something to say. */
function Measures({ measures: { standing, last_day, reminder_days } }: Pick<Overview, "measures">): JSX.Element | null {
  const { t } = useTranslation();
  if (last_day === null) return standing === "in_force" ? null : <p className="measures">{t(`overview.standing.${standing}`)}</p>;
  const isNear = reminder_days !== null || standing === "expired";
  return (
    <p className={isNear ? "measures near" : "measures"}>
      {t(`overview.standing.${standing}`)} {t("overview.lastDay", { day: last_day })} <LawLink article="36" />
    </p>
  );
}

function ThemeCard({ theme, divisions }: { theme: Theme; divisions: Overview["divisions"] }): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const columns = columnsOf(theme.figures);
  const rows = rowsOf(theme, divisions.map(({ code }) => code));
  const names = new Map(divisions.map(({ code, words }) => [code, said(words)]));
  const id = `theme-${theme.theme}`;
  return (
    <section className="card-plain theme" aria-labelledby={id} data-theme-code={theme.theme}>
      <h2 id={id}>{said(theme.words)}</h2>
      {rows.length === 0 && <p className="fine">{t("overview.nothing")}</p>}
      {rows.length > 0 && (
        <div className="plain-table" role="region" aria-labelledby={id} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("procedures.division")}</th>
                {columns.map(({ kind, words }) => (
                  <th key={kind} scope="col" className="number">
                    {said(words)}
                  </th>
                ))}
                <th scope="col" className="number">
                  {t("overview.open")}
                </th>
                <th scope="col" className="number">
                  {t("overview.overdue")}
                </th>
              </tr>
            </thead>
            <tbody>
              <tr className="total">
                <th scope="row">{t("overview.total")}</th>
                {columns.map((column) => (
                  <Total key={column.kind} column={column} />
                ))}
                <OwedCells duties={theme.duties} division={null} />
              </tr>
              {rows.map((division) => (
                <tr key={division} data-division={division}>
                  <th scope="row" className="nowrap">
                    {names.get(division) ?? t("overview.cityOwn")}
                  </th>
                  {columns.map((column) => (
                    <Count key={column.kind} column={column} division={division} />
                  ))}
                  <OwedCells duties={theme.duties} division={division} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Late duties={theme.duties} />
    </section>
  );
}

/** The list behind a figure. */
function useListOf(): (kind: string, query: Readonly<Record<string, string>>) => string | null {
  const kinds = useKinds().data ?? [];
  return (kind, query) => {
    const path = kind === "camera" ? "/cameras" : kinds.find(({ name }) => name === kind)?.path;
    return path === undefined ? null : listPath(kind, path, query);
  };
}

function Figure({ n, to }: { n: number; to: string | null }): JSX.Element {
  return to === null || n === 0 ? <>{n}</> : <Link to={to}>{n}</Link>;
}

function Total({ column }: { column: Column }): JSX.Element {
  const said = useSaid();
  const listOf = useListOf();
  return (
    <td className="number">
      <b>
        <Figure n={column.total} to={listOf(column.kind, {})} />
      </b>
      <ul className="theme-states fine">
        {column.states.map(({ state, words, count }) => (
          <li key={state}>
            {said(words)} <Figure n={count} to={listOf(column.kind, { state })} />
          </li>
        ))}
      </ul>
    </td>
  );
}

function Count({ column, division }: { column: Column; division: string }): JSX.Element {
  const listOf = useListOf();
  const n = column.counts.get(division) ?? 0;
  const isWhole = division !== "" || n === column.total; // no list shows what is the city's own alone
  return (
    <td className="number">
      {n === 0 ? <span className="tone-quiet">–</span> : <Figure n={n} to={isWhole ? listOf(column.kind, { division }) : null} />}
      <Bar share={n / column.largest} />
    </td>
  );
}

function Bar({ share, bad = false }: { share: number; bad?: boolean }): JSX.Element {
  return (
    <svg className={bad ? "bar bad" : "bar"} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect x={100 - 100 * share} width={100 * share} height={4} />
    </svg>
  );
}

function OwedCells({ duties, division }: { duties: Theme["duties"]; division: string | null }): JSX.Element {
  const { open, overdue } = owedIn(duties, division);
  const to = division === null || division === "" ? "/duties" : `/duties?division=${division}`;
  return (
    <>
      <td className="number">
        <Figure n={open} to={to} />
        {division !== null && <Bar share={0} />}
      </td>
      <td className="number">
        {overdue === 0 ? (
          <span className="tone-quiet">0</span>
        ) : (
          <b className="theme-late">
            <AlertOutlined /> <Figure n={overdue} to={to} />
          </b>
        )}
        {division !== null && open > 0 && <Bar share={overdue / open} bad />}
      </td>
    </>
  );
}

const SHOWN = 5; // the worst; the others are in the list

/** Which duties are overdue, the worst first. */
function Late({ duties }: { duties: Theme["duties"] }): JSX.Element | null {
  const { t } = useTranslation();
  const said = useSaid();
  const late = owedByCode(duties).filter(({ overdue }) => overdue > 0);
  if (late.length === 0) return null;
  return (
    <div className="theme-duties">
      <h3>{t("overview.late")}</h3>
      <ul>
        {late.slice(0, SHOWN).map(({ code, article, words, overdue }) => (
          <li key={code} data-duty={code}>
            <Link className="theme-late digits" to={`/duties?code=${encodeURIComponent(code)}`} aria-label={`${t("duties.overdueN", { n: overdue })}: ${said(words)}`}>
              {overdue}
            </Link>
            <span className="theme-words" title={said(words)}>
              {said(words)}
            </span>
            <span className="fine nowrap">
              <LawLink article={article} code={code} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
