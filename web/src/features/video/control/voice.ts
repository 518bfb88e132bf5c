/** One person's voice to one camera: while the key is held, and not a moment longer. */

import { speak } from "../../../api/control";
import { Problem } from "../../../api/client";
import { openMicrophone, type Microphone } from "./microphone";

/** `trouble`: a word of the dictionary, or what the server refused. */
export type Speaking =
  | { kind: "silent" }
  | { kind: "calling" }
  | { kind: "heard" }
  | { kind: "failed"; trouble: VoiceTrouble | Problem };
export type VoiceTrouble = "microphone" | "insecure" | "not_taken" | "by_device" | "withdrawn" | "time" | "silent" | "line";

const TOLD: readonly string[] = ["not_taken", "by_device", "withdrawn", "time", "silent"] satisfies VoiceTrouble[];

export class Voice {
  #press = 0; // counts: what an earlier press brings late is put away
  #held = false;
  #microphone: Microphone | null = null;
  #socket: WebSocket | null = null;

  constructor(
    private readonly camera: string,
    private readonly onChange: (speaking: Speaking) => void,
  ) {}

  /** The journal has it, the device listens, and then `heard`: what is said before is not sent. */
  async begin(lease: string): Promise<void> {
    if (this.#held) return;
    const press = ++this.#press;
    this.#held = true;
    this.onChange({ kind: "calling" });
    if (!window.isSecureContext || navigator.mediaDevices === undefined) return this.#fail(press, "insecure");
    try {
      const microphone = await openMicrophone((sound) => this.#say(press, sound));
      if (press !== this.#press) return microphone.close();
      this.#microphone = microphone;
    } catch {
      return this.#fail(press, "microphone");
    }
    try {
      const { url } = await speak(this.camera, lease);
      if (press === this.#press) this.#call(press, url);
    } catch (problem) {
      this.#fail(press, problem instanceof Problem ? problem : "line");
    }
  }

  /** However the hold ends. */
  end(): void {
    if (!this.#held) return;
    this.#put();
    this.onChange({ kind: "silent" });
  }

  #call(press: number, url: string): void {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (press === this.#press) this.#told(press, JSON.parse(data) as { type: string; reason?: string });
    };
    socket.onclose = () => this.#fail(press, "line");
    this.#socket = socket;
  }

  #told(press: number, { type, reason = "" }: { type: string; reason?: string }): void {
    if (type === "ready") this.onChange({ kind: "heard" });
    if (type === "over") this.#fail(press, TOLD.includes(reason) ? (reason as VoiceTrouble) : "line");
  }

  #say(press: number, sound: Int16Array<ArrayBuffer>): void {
    if (press === this.#press && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(sound);
  }

  #fail(press: number, trouble: VoiceTrouble | Problem): void {
    if (press !== this.#press || !this.#held) return;
    this.#put();
    this.onChange({ kind: "failed", trouble });
  }

  #put(): void {
    this.#held = false;
    this.#press += 1;
    this.#microphone?.close();
    this.#socket?.close();
    this.#microphone = this.#socket = null;
  }
}
