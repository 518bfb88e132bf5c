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
  #number = 0;
  #moving = false;
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
    this.#goes(null);
    this.#tell((lease, number) => move(this.camera, lease, motion, number));
  }

  adjust(lens: Lens): void {
    if (this.#lease === null) return;
    this.#adjusting = true;
    this.#tell((lease, number) => adjust(this.camera, lease, lens, number));
  }

  /** Whatever goes on, ends; sent again until it is taken, or until another command. */
  stop(): void {
    if (this.#moving) this.#insist((lease, number) => move(this.camera, lease, STILL, number));
    if (this.#adjusting) this.#insist((lease, number) => adjust(this.camera, lease, RESTS, number));
    this.#rest();
  }

  /** To what was drawn on the picture. */
  frame(rectangle: Rectangle, closer: boolean): void {
    if (this.#lease === null) return;
    this.stop();
    this.#goes(null);
    this.#tell((lease, number) => frame(this.camera, lease, rectangle, closer, number));
  }

  /** Round its presets, or to and fro, until `stop`. */
  start(course: NonNullable<Course>): void {
    if (this.#lease === null) return;
    this.stop();
    this.#goes(course);
    const begin = course.kind === "cruise" ? startCruise : startScan;
    begin(this.camera, this.#lease, course.number, ++this.#number).catch((problem: unknown) => {
      if (problem instanceof Problem && problem.code !== "camera_away") this.#rest(); // it said no, and stands
      this.#failed(problem);
    });
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

  #insist(command: (lease: string, number: number) => Promise<unknown>): void {
    const number = ++this.#number;
    const send = (): void => {
      if (this.#lease === null) return;
      command(this.#lease, number).catch((problem: unknown) => {
        this.#failed(problem);
        if (this.#lease !== null && number === this.#number) window.setTimeout(send, AGAIN);
      });
    };
    send();
  }

  async #ask(command: (lease: string) => Promise<unknown>): Promise<void> {
    if (this.#lease === null) return;
    this.stop();
    await command(this.#lease).catch((problem: unknown) => this.#failed(problem));
  }

  #failed(problem: unknown): void {
    if (isLost(problem)) return this.#lost(problem);
    this.#moving &&= problem instanceof Problem && problem.status !== 403; // what was refused does not move
    if (!this.#moving) this.onCourse(null);
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
    this.#rest();
  }

  #goes(course: Course): void {
    this.#moving = true;
    this.onCourse(course);
  }

  #rest(): void {
    this.#moving = this.#adjusting = false;
    this.onCourse(null);
  }
}

const isLost = (problem: unknown): boolean => problem instanceof Problem && (LOST.includes(problem.code) || problem.status === 401);
