/** Which tile is too much for this computer: more than 5 % of its frames dropped over five seconds. */

export const WINDOW = 5; // samples, one a second
export const LIMIT = 0.05;
const ENOUGH = 25; // frames in the window, below which a percentage says nothing

export interface Quality {
  total: number;
  dropped: number;
}

export class DropWatch {
  private samples: Quality[] = [];

  /** Give one sample a second; true when the tile should step down. A counter that went back starts afresh. */
  add(sample: Quality): boolean {
    const last = this.samples[this.samples.length - 1];
    if (last !== undefined && sample.total < last.total) this.samples = [];
    this.samples.push(sample);
    if (this.samples.length > WINDOW + 1) this.samples.shift();
    return this.samples.length > WINDOW && this.share() > LIMIT;
  }

  share(): number {
    const first = this.samples[0];
    const last = this.samples[this.samples.length - 1];
    if (first === undefined || last === undefined) return 0;
    const total = last.total - first.total;
    return total < ENOUGH ? 0 : (last.dropped - first.dropped) / total;
  }

  reset(): void {
    this.samples = [];
  }
}

/** What a tile may show, best first; a step down goes one to the right. */
export type Grade = "main" | "sub" | "still";

export function stepDown(grade: Grade, hasSub: boolean): Grade {
  return grade === "main" && hasSub ? "sub" : "still";
}
