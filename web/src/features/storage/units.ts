/** How long a volume lasts, and who has taken what of it. */

/** Rounded down: nobody is promised a tenth of a day more. */
export function daysText(days: number): string {
  return days >= 10 ? String(Math.floor(days)) : (Math.floor(days * 10) / 10).toFixed(1);
}

export interface Shares {
  used: number;
  reserve: number;
  /** What may still be written: within the volume's size, and without touching the reserve of the disk. */
  room: number;
  /** The size promised to the volume that the disk no longer has: taken by others. */
  other: number;
}

export function sharesOf(volume: { size_bytes: number; used_bytes: number; free_bytes: number; reserve_bytes: number }): Shares {
  const { size_bytes: size, used_bytes: used, free_bytes: free, reserve_bytes: reserve } = volume;
  const room = Math.max(0, Math.min(size - used, free - reserve));
  return { used, reserve, room, other: Math.max(0, size - used - reserve - room) };
}
