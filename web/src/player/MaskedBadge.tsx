import { EyeInvisibleOutlined } from "@ant-design/icons";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

/** Says that privacy masks are in the picture: what is grey there was not grey before the camera. */
export function MaskedBadge(): JSX.Element {
  const { t } = useTranslation();
  return (
    <span className="tile-badge" title={t("video.maskedHint")} data-testid="masked-badge">
      <EyeInvisibleOutlined /> {t("video.masked")}
    </span>
  );
}
