import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useGrants } from "../../api/access";
import { Interval, Moment } from "../../shared/Interval";
import { Failed, Loading } from "../../shared/States";

/** Footage is seen only by a grant of art. 22: those that the inspector holds now. */
export function HeldGrants(): JSX.Element {
  const { t } = useTranslation();
  const grants = useGrants();
  return (
    <section className="card-plain" aria-labelledby="grants" data-testid="held-grants">
      <h2 id="grants">{t("inspection.grants")}</h2>
      {grants.data === undefined && (grants.isError ? <Failed error={grants.error} retry={() => void grants.refetch()} /> : <Loading />)}
      {grants.data?.length === 0 && <p className="fine">{t("inspection.noGrant")}</p>}
      <ul className="questions">
        {grants.data?.map(({ id, number, begin, end, expires, cameras }) => (
          <li key={id}>
            <Link to="/grants">{number}</Link>
            <span>
              {cameras.map(({ name }) => name).join(" · ")} <Interval start={begin} end={end} />{" "}
              <span className="fine">
                {t("inspection.until")} <Moment at={expires} />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
