/** Plays what the page sends it, as late as needed to be smooth and never later than `LATE`. */

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

const READY = 0.12; // seconds held before sound starts, against jitter
const LATE = 0.6; // seconds; what is older is skipped so that sound stays with the picture

class G711Player extends AudioWorkletProcessor {
  private queue: Float32Array[] = [];
  private at = 0;
  private held = 0;
  private running = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      this.queue.push(data);
      this.held += data.length;
      while (this.held > LATE * sampleRate && this.queue.length > 1) this.dropFirst();
    };
  }

  private dropFirst(): void {
    const first = this.queue.shift();
    if (first !== undefined) this.held -= first.length - this.at;
    this.at = 0;
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (output === undefined) return true;
    this.running ||= this.held >= READY * sampleRate;
    for (let i = 0; this.running && i < output.length; i++) {
      const first = this.queue[0];
      if (first === undefined) {
        this.running = false;
        break;
      }
      output[i] = first[this.at++] ?? 0;
      this.held -= 1;
      if (this.at >= first.length) {
        this.queue.shift();
        this.at = 0;
      }
    }
    return true;
  }
}

registerProcessor("g711", G711Player);
