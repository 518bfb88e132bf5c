/**
 * The wall's clock: live, or one playback moment that all tiles follow.
 *
 * In playback the tile with the best claim (the selected one) leads: it reports the moment it shows, the others keep
 * close to it. Nobody leads while there is nothing to show; then the clock runs by itself, so a gap passes in real time.
 */

export interface ClockState {
  mode: "live" | "playback";
  positionMs: number;
  playing: boolean;
  rate: number;
  /** Grows with every jump, so that tiles can tell a jump from time passing. */
  jump: number;
  /** The camera that is played from its device's own storage; null: everything is played from our recordings. */
  device: string | null;
}

export const RATES = [0.5, 1, 2, 4, 8, 16, 32, 64] as const;
const BACKWARD = RATES.slice(1);
/** What devices play at; backward at plain speed alone. */
export const DEVICE_RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
export const FASTEST = 64;
const SMOOTH = 8; // what a <video> plays; faster, and backward, the tiles step through pictures
export const isStepped = (rate: number): boolean => rate < 0 || rate > SMOOTH;
const STORED_AFTER = 4000; // ms
const LEADING = 400; // ms a leader's report is good for
const GAP = 1500; // ms; a leader moving on by more has stepped over a gap

export class WallClock {
  private state: ClockState;
  private readonly listeners = new Set<() => void>();
  private reportedAt = -Infinity;
  private tickedAt: number | null = null;
  private held = false;
  /** Called when the leader stepped over a gap while playing. */
  onSkip: (fromMs: number, toMs: number) => void = () => undefined;

  constructor(private readonly now: () => number = Date.now) {
    this.state = { mode: "live", positionMs: now(), playing: true, rate: 1, jump: 0, device: null };
  }

  readonly get = (): ClockState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(change: Partial<ClockState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }

  live(): void {
    this.held = false;
    this.set({ mode: "live", positionMs: this.now(), playing: true, rate: 1, jump: this.state.jump + 1, device: null });
  }

  /** Playback from a moment; a moment not yet past is live. */
  seek(ms: number, playing = this.state.playing): void {
    this.go(ms, playing, null);
  }

  /** Playback from a camera's own device. */
  seekDevice(camera: string, ms: number): void {
    this.go(ms, true, camera);
  }

  /** As it is played now, from elsewhere. */
  move(ms: number): void {
    this.go(ms, this.state.playing, this.state.device);
  }

  private go(ms: number, playing: boolean, device: string | null): void {
    if (ms >= this.now() - 500) return this.live();
    this.reportedAt = -Infinity;
    this.held = false;
    const rate = device === this.state.device ? this.state.rate : 1;
    const plays = playing || device !== null; // a device that stands shows nothing of where it was sent
    this.set({ mode: "playback", positionMs: ms, playing: plays, rate, jump: this.state.jump + 1, device });
  }

  play(): void {
    if (this.state.mode === "playback") this.set({ playing: true });
  }

  /** Pausing live stands at the newest moment that is surely stored; pausing steps shows the full picture there. */
  pause(): void {
    if (this.state.mode === "live") this.seek(this.now() - STORED_AFTER, false);
    else this.set({ playing: false, rate: isStepped(this.state.rate) && this.state.device === null ? 1 : this.state.rate });
  }

  /** Plays backward; backward already, twice as fast. */
  reverse(): void {
    if (this.state.rate < 0 && this.state.playing) return this.changeRate(1); // a device has no faster way back
    if (this.state.mode === "live") this.seek(this.now() - STORED_AFTER, true);
    this.set({ rate: -1, playing: true });
  }

  /** Plays on from here as it happened. */
  forward(): void {
    if (this.state.mode === "playback") this.set({ rate: 1, playing: true });
  }

  step(ms: number): void {
    this.move((this.state.mode === "live" ? this.now() : this.state.positionMs) + ms);
  }

  setRate(rate: number): void {
    if (this.state.mode === "playback") this.set({ rate });
  }

  /** Faster or slower in the direction it plays. */
  changeRate(step: 1 | -1): void {
    const sign = Math.sign(this.state.rate);
    const rates: readonly number[] = this.state.device === null ? (sign < 0 ? BACKWARD : RATES) : sign < 0 ? [1] : DEVICE_RATES;
    const at = rates.findIndex((rate) => rate >= Math.abs(this.state.rate));
    const rate = rates[Math.min(rates.length - 1, Math.max(0, at + step))];
    if (rate !== undefined) this.setRate(sign * rate);
  }

  /** The leader is fetching: wait for it. */
  hold(held: boolean): void {
    this.held = held;
  }

  /** The moment the leader shows; `jump` says which jump it has answered. */
  report(ms: number, jump: number): void {
    if (this.state.mode !== "playback" || jump !== this.state.jump) return;
    this.held = false;
    this.reportedAt = this.now();
    const before = this.state.positionMs;
    if (Math.abs(ms - before) < 1) return;
    const { playing, rate } = this.state;
    if (playing && (ms - before) * Math.sign(rate) > GAP * Math.max(1, Math.abs(rate))) this.onSkip(Math.min(before, ms), Math.max(before, ms));
    this.set({ positionMs: ms });
  }

  get slowest(): boolean {
    return this.state.rate === (this.state.device === null ? RATES[0] : DEVICE_RATES[0]) || this.state.rate === -1;
  }

  get fastest(): boolean {
    const { device, rate } = this.state;
    return device === null ? Math.abs(rate) === FASTEST : rate < 0 || rate === DEVICE_RATES[DEVICE_RATES.length - 1];
  }

  /** Call a few times a second. */
  tick(): void {
    const now = this.now();
    const passed = this.tickedAt === null ? 0 : Math.min(1000, now - this.tickedAt);
    this.tickedAt = now;
    const { mode, playing, rate, positionMs } = this.state;
    if (mode === "live") {
      this.set({ positionMs: now });
      return;
    }
    if (!playing || this.held || now - this.reportedAt < LEADING) return;
    const next = positionMs + passed * rate;
    if (next >= now - 500) this.live();
    else this.set({ positionMs: next });
  }
}
