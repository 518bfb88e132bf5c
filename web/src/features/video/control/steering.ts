/** One person's hand on one camera: takes the lease, says every beat that somebody is there, and never leaves it turning. */

import { adjust, beat, deletePreset, goTo, keepPreset, move, release, sendHome, take, type Lens, type Motion, type PresetWish } from "../../../api/control";
import { Problem } from "../../../api/client";
import { deleteCruise, frame, keepCruise, setReturn, setScan, startCruise, startScan, turnSwitch, type CruiseWish, type Rectangle, type ScanWish } from "../../../api/manoeuvres";
import { SECOND } from "../../../shared/time";

/** What the camera does without a hand on a key, until the next command. */
export type Course = { kind: "cruise" | "scan"; number: number } | null;
export type Hand = { kind: "taking" } | { kind: "held" } | { kind: "lost" };

const STILL: Motion = { pan: 0, tilt: 0, zoom: 0 };
const RESTS: Lens = { focus: 0, iris: 0 };
const AGAIN = 300; // ms; a stop that was not taken is sent again
const LOST: readonly (string | null)[] = ["control_taken", "control_over"];

export class Steering {
  #lease: string | null = null;
  #beats = 0;
  #number = 0; // of the last command; those below are numbers of commands, too
  #asked = 0; // the last motion
  #granted = 0; // the last motion that the server took
  #standing = 0; // the stop that is being sent until it is taken
  #stood = 0; // the last stop that was taken
  #adjusting = false;
  #over = false;

  constructor(
    private readonly camera: string,
    private readonly purpose: string,
    private readonly onHand: (hand: Hand) => void,
    private readonly onProblem: (problem: unknown) => void,
    private readonly onCourse: (course: Course) => void = () => undefined,
  ) {}

  async take(): Promise<void> {
    this.onHand({ kind: "taking" });
    try {
      const { id, beat_s: every } = await take(this.camera, this.purpose);
      if (this.#over) return void release(this.camera, id).catch(() => undefined);
      this.#lease = id;
      this.#beats = window.setInterval(() => void this.#beat(), every * SECOND);
      this.onHand({ kind: "held" });
    } catch (problem) {
      this.#lost(problem);
    }
  }

  /** Go on so until `stop`. */
  move(motion: Motion): void {
    if (this.#lease === null) return;
    this.onCourse(null);
    this.#set((lease, number) => move(this.camera, lease, motion, number));
  }

  adjust(lens: Lens): void {
    if (this.#lease === null) return;
    this.#adjusting = true;
    this.#tell((lease, number) => adjust(this.camera, lease, lens, number));
  }

  /** Whatever goes on, ends; sent again until it is taken, or until another command. */
  stop(): void {
    if (this.#asked > this.#stood && this.#standing < this.#asked) this.#stand();
    if (this.#adjusting) this.#insist((lease, number) => adjust(this.camera, lease, RESTS, number));
    this.#rest();
  }

  /** To what was drawn on the picture. */
  frame(rectangle: Rectangle, closer: boolean): void {
    if (this.#lease === null) return;
    this.stop();
    this.onCourse(null);
    this.#set((lease, number) => frame(this.camera, lease, rectangle, closer, number));
  }

  /** Round its presets, or to and fro, until `stop`. */
  start(course: NonNullable<Course>): void {
    if (this.#lease === null) return;
    this.stop();
    this.onCourse(course);
    const begin = course.kind === "cruise" ? startCruise : startScan;
    this.#set((lease, number) => begin(this.camera, lease, course.number, number));
  }

  keepCruise(cruise: number, wish: CruiseWish): Promise<void> {
    return this.#ask((lease) => keepCruise(this.camera, lease, cruise, wish));
  }

  forgetCruise(cruise: number): Promise<void> {
    return this.#ask((lease) => deleteCruise(this.camera, lease, cruise));
  }

  /** An edge is where the camera looks when it stands. */
  setScan(scan: number, wish: ScanWish): Promise<void> {
    return this.#ask((lease) => setScan(this.camera, lease, scan, wish));
  }

  setReturn(delay: number | null): Promise<void> {
    return this.#ask((lease) => setReturn(this.camera, lease, delay));
  }

  /** A light is turned on while the camera goes on as it does. */
  async turn(number: number, on: boolean): Promise<void> {
    if (this.#lease !== null) await turnSwitch(this.camera, this.#lease, number, on).catch((problem: unknown) => this.#failed(problem));
  }

  goTo(preset: number): Promise<void> {
    return this.#ask((lease) => goTo(this.camera, lease, preset));
  }

  home(): Promise<void> {
    return this.#ask((lease) => sendHome(this.camera, lease));
  }

  keep(preset: number, wish: PresetWish): Promise<void> {
    return this.#ask((lease) => keepPreset(this.camera, lease, preset, wish));
  }

  forget(preset: number): Promise<void> {
    return this.#ask((lease) => deletePreset(this.camera, lease, preset));
  }

  /** Whoever holds it may speak, too. */
  get lease(): string | null {
    return this.#lease;
  }

  /** Let go; the server stops the camera first. */
  end(): void {
    const lease = this.#lease;
    this.#over = true;
    this.#clear();
    if (lease !== null) void release(this.camera, lease).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    if (this.#lease === null) return;
    await beat(this.camera, this.#lease).catch((problem: unknown) => {
      if (isLost(problem)) this.#lost(problem); // anything else may pass: the server waits for two
    });
  }

  #tell(command: (lease: string, number: number) => Promise<unknown>): void {
    if (this.#lease === null) return;
    command(this.#lease, ++this.#number).catch((problem: unknown) => this.#failed(problem));
  }

  /** It sets the camera going. What is refused does not go; what went before it has to be told so. */
  #set(command: (lease: string, number: number) => Promise<unknown>): void {
    if (this.#lease === null) return;
    const number = (this.#asked = ++this.#number);
    command(this.#lease, number).then(
      () => {
        if (this.#lease !== null) this.#granted = Math.max(this.#granted, number);
      },
      (problem: unknown) => {
        if (problem instanceof Problem && !isLost(problem) && problem.code !== "camera_away") this.#refused(number);
        this.#failed(problem);
      },
    );
  }

  #refused(number: number): void {
    if (this.#lease === null || number !== this.#asked) return;
    if (this.#granted <= this.#stood) this.#asked = this.#granted; // nothing went on
    else if (this.#standing < number) this.#stand();
    this.onCourse(null);
  }

  #stand(): void {
    this.#standing = this.#insist((lease, number) => move(this.camera, lease, STILL, number), (number, isTaken) => {
      if (isTaken) this.#stood = Math.max(this.#stood, number);
      else if (this.#standing === number) this.#standing = 0;
    });
  }

  /** Until it is taken, or another command is sent; `over` is told which. The number of the command. */
  #insist(command: (lease: string, number: number) => Promise<unknown>, over: (number: number, isTaken: boolean) => void = () => undefined): number {
    const number = ++this.#number;
    const send = (): void => {
      if (this.#lease === null) return;
      command(this.#lease, number).then(
        () => this.#lease !== null && over(number, true),
        (problem: unknown) => {
          this.#failed(problem);
          if (this.#lease === null) return;
          if (number === this.#number) window.setTimeout(send, AGAIN);
          else over(number, false);
        },
      );
    };
    send();
    return number;
  }

  async #ask(command: (lease: string) => Promise<unknown>): Promise<void> {
    if (this.#lease === null) return;
    this.stop();
    await command(this.#lease).catch((problem: unknown) => this.#failed(problem));
  }

  #failed(problem: unknown): void {
    if (isLost(problem)) return this.#lost(problem);
    if (this.#asked <= this.#stood) this.onCourse(null);
    this.onProblem(problem);
  }

  #lost(problem: unknown): void {
    this.#clear();
    this.onHand({ kind: "lost" });
    this.onProblem(problem);
  }

  #clear(): void {
    window.clearInterval(this.#beats);
    this.#lease = null;
    this.#asked = this.#granted = this.#standing = this.#stood = 0;
    this.#rest();
  }

  #rest(): void {
    this.#adjusting = false;
    this.onCourse(null);
  }
}

const isLost = (problem: unknown): boolean => problem instanceof Problem && (LOST.includes(problem.code) || problem.status === 401);
