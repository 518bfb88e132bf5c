import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { CORNERS, symbolOf } from "../../map/symbols";
import { useStateName } from "../../shared/inventory/LifeState";

/** Each state with its shape and its word. */
export function Legend({ states }: { states: readonly string[] }): JSX.Element {
  const { t } = useTranslation();
  const name = useStateName();
  return (
    <section className="map-legend" aria-label={t("map.legend")}>
      <ul>
        {states.map((state) => (
          <li key={state}>
            <Symbol state={state} /> {name(state)}
          </li>
        ))}
      </ul>
      <p className="fine">{t("map.cluster")}</p>
    </section>
  );
}

export function Symbol({ state }: { state: string }): JSX.Element {
  const { shape, filled, tone } = symbolOf(state);
  const corners = CORNERS[shape];
  const paint = { fill: filled ? `var(--${tone})` : "none", stroke: `var(--${tone})`, strokeWidth: filled ? 0 : 2 };
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" className="map-symbol">
      {corners === null ? <circle cx="8" cy="8" r="5.5" {...paint} /> : <polygon points={corners} {...paint} />}
    </svg>
  );
}
