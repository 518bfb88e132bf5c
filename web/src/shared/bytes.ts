/** Amounts as people read them. Decimal units, as disks are sold. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** 1 234 567 → "1.23 MB"; three significant digits. */
export function bytesText(bytes: number): string {
  let amount = Math.max(0, bytes);
  let unit = 0;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit++;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${amount.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}
