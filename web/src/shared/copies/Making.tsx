import type { JSX } from "react";
import { useTranslation } from "react-i18next";

/** How far a masked copy is: every picture of it is made anew, so it takes its time. */
export function Making({ share }: { share: number }): JSX.Element {
  const { t } = useTranslation();
  const percent = Math.floor(share * 100);
  return (
    <div className="copy-making" data-testid="copy-making">
      <p role="status">{t("copies.making", { percent })}</p>
      <progress max={100} value={percent} aria-label={t("copies.makingOf")} />
      <p className="fine">{t("copies.makingHint")}</p>
    </div>
  );
}
