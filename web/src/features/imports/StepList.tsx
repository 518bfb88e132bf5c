import type { JSX } from "react";
import { useTranslation } from "react-i18next";

const STEPS = ["upload", "match", "check", "confirm", "done"] as const;
export type Step = (typeof STEPS)[number];

/** Where an import is. */
export function StepList({ step }: { step: Step }): JSX.Element {
  const { t } = useTranslation();
  const here = STEPS.indexOf(step);
  return (
    <ol className="import-steps" aria-label={t("imports.steps.label")}>
      {STEPS.map((one, n) => (
        <li key={one} data-place={n < here ? "been" : n === here ? "here" : "ahead"} aria-current={n === here ? "step" : undefined}>
          <span className="import-step-number digits">{n < here ? "✓" : n + 1}</span> {t(`imports.steps.${one}`)}
        </li>
      ))}
    </ol>
  );
}
