/** Moments are milliseconds of UTC since 1970; what people read is the browser's civil time. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const two = (n: number): string => String(n).padStart(2, "0");

export function dateText(ms: number): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

export function clockText(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

export function dateTimeText(ms: number): string {
  return `${dateText(ms)} ${clockText(ms)}`;
}

/** "UTC+8", "UTC−3:30", "UTC": the civil offset at that moment. */
export function offsetText(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const sign = minutes > 0 ? "+" : "−";
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${sign}${hours}${rest === 0 ? "" : `:${two(rest)}`}`;
}

/** 45 s → "45s", 125 s → "2m05s", 2 h → "2h00m", 3 days → "3d00h". */
export function durationText(ms: number): string {
  const s = Math.max(0, Math.round(ms / SECOND));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`;
  if (s < 86400) return `${Math.floor(s / 3600)}h${two(Math.floor((s % 3600) / 60))}m`;
  return `${Math.floor(s / 86400)}d${two(Math.floor((s % 86400) / 3600))}h`;
}

// Terms of law count civil days of Asia/Shanghai, UTC+8 without summer time, wherever the browser stands.
const CIVIL = 8 * HOUR;
const civilIso = (ms: number): string => new Date(ms + CIVIL).toISOString();

/** "2026-11-26 14:00:05" in civil time. */
export function civilText(ms: number): string {
  return civilIso(ms).slice(0, 19).replace("T", " ");
}

/** "2026-11-26 14:00:05 – 14:05:00 +08:00"; the second date is left out within one day. */
export function civilRangeText(startMs: number, endMs: number): string {
  const [start, end] = [civilText(startMs), civilText(endMs)];
  return `${start} – ${start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end} +08:00`;
}

export function utcRangeText(startMs: number, endMs: number): string {
  const [start, end] = [startMs, endMs].map((ms) => new Date(ms).toISOString().replace("T", " "));
  return `UTC ${start} – ${end}`;
}

/** The first instant of the civil day of a moment. */
export function civilDayStart(ms: number): number {
  return Math.floor((ms + CIVIL) / DAY) * DAY - CIVIL;
}

/** The last civil day of a term of `days` natural days after the day of `ms`: it ends that day at 24:00. */
export function lastDayOf(ms: number, days: number): string {
  return civilIso(ms + days * DAY).slice(0, 10);
}

export function toRfc3339(ms: number): string {
  return new Date(ms).toISOString();
}

const TIME = /^(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?$/;
const DATE = /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/;
const AGO = /^[-−](\d+(?:\.\d+)?)\s*(s|m|h|d|秒|分|时|天)$/i;
const AGO_UNIT: Record<string, number> = {
  s: SECOND, m: MINUTE, h: HOUR, d: DAY, 秒: SECOND, 分: MINUTE, 时: HOUR, 天: DAY,
};
const WORDS: Record<string, number> = { today: 0, 今天: 0, yesterday: 1, 昨天: 1, 前天: 2 };

function civil(base: Date, h: number, m: number, s: number): number | null {
  if (h > 23 || m > 59 || s > 59) return null;
  return new Date(base.getFullYear(), base.getMonth(), base.getDate(), h, m, s).getTime();
}

function dayOf(word: string, now: Date): Date | null {
  const back = WORDS[word.toLowerCase()];
  if (back !== undefined) return new Date(now.getFullYear(), now.getMonth(), now.getDate() - back);
  const match = DATE.exec(word);
  if (match === null) return null;
  const [, year, month, day] = match;
  const date = new Date(year === undefined ? now.getFullYear() : Number(year), Number(month) - 1, Number(day));
  const real = date.getMonth() === Number(month) - 1 && date.getDate() === Number(day);
  if (!real) return null;
  // A day without a year is the latest such day that is not in the future.
  if (year === undefined && date > now) date.setFullYear(date.getFullYear() - 1);
  return date;
}

/**
 * A typed moment: "2026-11-24 15:00:30", "11-24 15:00", "15:00" (the latest past one), "昨天 15:00",
 * "yesterday 15:00", "-10m". Null when it is none of these.
 */
export function parseMoment(text: string, nowMs: number): number | null {
  const now = new Date(nowMs);
  const typed = text.trim();
  const ago = AGO.exec(typed);
  if (ago !== null) return nowMs - Number(ago[1]) * (AGO_UNIT[(ago[2] ?? "").toLowerCase()] ?? SECOND);

  const words = typed.replace(/(\d)T(\d)/, "$1 $2").split(/\s+/);
  const last = words[words.length - 1] ?? "";
  const time = TIME.exec(last);
  const [h, m, s] = time === null ? [0, 0, 0] : [Number(time[1]), Number(time[2]), Number(time[3] ?? 0)];
  if (time !== null && words.length === 1) {
    const moment = civil(now, h, m, s);
    return moment !== null && moment > nowMs ? moment - DAY : moment;
  }
  if (words.length > 2 || (time === null && words.length > 1)) return null;
  const day = dayOf(words[0] ?? "", now);
  return day === null ? null : civil(day, h, m, s);
}
