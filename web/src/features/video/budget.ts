/** One tile at a time is asked to show less, and the others get time to recover before the next one is. */

const BETWEEN = 6000; // ms: a window of measuring and a little

export class WallBudget {
  private steppedAt = -Infinity;

  /** May this tile step down now? */
  allow(nowMs: number): boolean {
    if (nowMs - this.steppedAt < BETWEEN) return false;
    this.steppedAt = nowMs;
    return true;
  }
}
