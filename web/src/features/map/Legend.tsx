import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { LINES, LOOKS } from "../../map/ground";
import { CORNERS, symbolOf } from "../../map/symbols";
import { useStateName } from "../../shared/inventory/LifeState";

/** Each state with its shape and its word. */
/** `isNear`: outlines are drawn; `isCut`: not all of them. */
export function Legend({ states, isNear, isCut }: { states: readonly string[]; isNear: boolean; isCut: boolean }): JSX.Element {
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
      {isNear && (
        <ul>
          {LOOKS.map((look) => (
            <li key={look}>
              <Outline look={look} /> {t(`map.looks.${look}`)}
            </li>
          ))}
        </ul>
      )}
      <p className="fine">{t(isCut ? "map.groundCut" : isNear ? "map.cluster" : "map.closer")}</p>
    </section>
  );
}

function Outline({ look }: { look: (typeof LOOKS)[number] }): JSX.Element {
  const { tone, width, dash, fill } = LINES[look];
  return (
    <svg viewBox="0 0 20 14" width="20" height="14" aria-hidden="true" className="map-symbol">
      <rect x="1.5" y="1.5" width="17" height="11" fill={`var(--${tone})`} fillOpacity={fill} stroke={`var(--${tone})`} strokeWidth={width} strokeDasharray={dash?.join(" ")} />
    </svg>
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
