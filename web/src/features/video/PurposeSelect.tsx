import { useEffect, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { PURPOSES, setPurpose, STANDING, type Purpose } from "../../player/purpose";

/** What is looked for; the standing purpose again whenever the page is opened. */
export function usePurpose(): [Purpose, (purpose: Purpose) => void] {
  const [purpose, choose] = useState<Purpose>(STANDING);
  useEffect(() => () => setPurpose(STANDING), []);
  return [
    purpose,
    (next) => {
      setPurpose(next); // before any tile opens anew
      choose(next);
    },
  ];
}

export function PurposeSelect({ value, onChange }: { value: Purpose; onChange: (purpose: Purpose) => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <select className="purpose" aria-label={t("video.purpose")} title={t("video.purpose")} value={value} onChange={(event) => onChange(event.target.value as Purpose)}>
      {PURPOSES.map((code) => (
        <option key={code} value={code}>
          {t(`video.purposes.${code}`)}
        </option>
      ))}
    </select>
  );
}
