import { CheckCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";

import { useGaps } from "../../api/places";
import { useLawCodeName } from "../../shared/inventory/codes";
import { LawLink } from "../../shared/LawLink";
import { Pager, usePages } from "../../shared/Pager";
import { Failed, Loading } from "../../shared/States";
import { civilText } from "../../shared/time";
import { useSaid } from "../../shared/tongue";
import { Codes } from "./PlaceList";

/** Key parts without a camera in service, the oldest gap first. */
export default function GapsPage(): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const [query, setQuery] = useSearchParams();
  const [division, category] = [query.get("division") ?? "", query.get("category") ?? ""];
  const pages = usePages();
  const gaps = useGaps(division, category, pages.cursor, 50);
  const divisionName = useLawCodeName("division");
  const categoryName = useLawCodeName("key_place_category");
  const choose = (name: string, value: string): void =>
    setQuery({ ...(division === "" ? {} : { division }), ...(category === "" ? {} : { category }), [name]: value }, { replace: true });
  if (gaps.data === undefined) return gaps.isError ? <Failed error={gaps.error} retry={() => void gaps.refetch()} /> : <Loading />;
  const { items, total, tallies, by_division: byDivision, next } = gaps.data;
  return (
    <div className="page places" data-testid="gaps-page">
      <header className="page-head">
        <Link to="/places">{t("places.back")}</Link>
        <h1>{t("places.gaps")}</h1>
        <p role="status">
          {total === 0 ? (
            <span className="tone-good">
              <CheckCircleOutlined /> {t("places.gapsNone")}
            </span>
          ) : (
            t("places.gapsTotal", { n: total })
          )}{" "}
          <LawLink article="8" />
        </p>
      </header>
      <div className="filters">
        <Codes list="division" label={t("places.division")} any={t("places.anyDivision")} value={division} choose={(to) => choose("division", to)} />
        <Codes list="key_place_category" label={t("places.category")} any={t("places.anyCategory")} value={category} choose={(to) => choose("category", to)} />
      </div>
      <p className="gaps-about">{t("places.gapsAbout")}</p>
      {division === "" && items.length > 0 && (
        <ul className="gaps-divisions" aria-label={t("places.gapsByDivision")}>
          {Object.entries(byDivision).map(([code, n]) => (
            <li key={code}>
              <Button size="small" onClick={() => choose("division", code)}>
                {divisionName(code)} <b className="digits">{n}</b>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {items.length > 0 && (
        <div className="plain-table" role="region" aria-label={t("places.gaps")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {(["name", "division", "categories", "days", "next"] as const).map((column) => (
                  <th key={column} scope="col" className={column === "days" ? "number" : undefined}>
                    {t(`places.gapColumns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((gap) => (
                <tr key={gap.part ?? gap.place}>
                  <th scope="row">
                    <Link to={`/places/${gap.place}`}>{gap.name}</Link>
                  </th>
                  <td className="nowrap">{divisionName(gap.division)}</td>
                  <td>{gap.categories.map(categoryName).join(" · ")}</td>
                  <td className="number" title={said({ zh: gap.reason_zh, en: gap.reason_en })}>
                    <b>{gap.days}</b>
                    <div className="fine nowrap">{t("places.gapSince", { day: civilText(Date.parse(gap.since)).slice(0, 10) })}</div>
                  </td>
                  <td className="nowrap">
                    <Link to={`/cameras?place=${gap.place}`}>{t("places.camerasOf")}</Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager pages={pages} next={next} />
      {tallies.length > 0 && (
        <div className="plain-table" role="region" aria-label={t("places.tallies")} tabIndex={0}>
          <table>
            <caption>{t("places.tallies")}</caption>
            <thead>
              <tr>
                {(["division", "category", "gaps", "oldest"] as const).map((column) => (
                  <th key={column} scope="col" className={["gaps", "oldest"].includes(column) ? "number" : undefined}>
                    {t(`places.tallyColumns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tallies.map((tally) => (
                <tr key={`${tally.division} ${tally.category}`}>
                  <td>{divisionName(tally.division)}</td>
                  <td>{categoryName(tally.category)}</td>
                  <td className="number">{tally.gaps}</td>
                  <td className="number">{tally.oldest_days}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
