import { CheckOutlined, WarningOutlined } from "@ant-design/icons";
import type { JSX } from "react";

const WHOLE = 10_000; // bp: 1/10 000

/** A fill or correct rate: whole, or how far from it. */
export function Rate({ bp }: { bp: number }): JSX.Element {
  const isWhole = bp >= WHOLE;
  const text = (Math.floor(bp / 10) / 10).toFixed(1); // never rounded up to whole
  return (
    <span className={`digits nowrap tone-${isWhole ? "good" : bp < 8000 ? "warn" : "quiet"}`}>
      {isWhole ? <CheckOutlined /> : bp < 8000 ? <WarningOutlined /> : null} {isWhole ? "100" : text} %
    </span>
  );
}
