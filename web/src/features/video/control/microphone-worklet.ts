/** The microphone as 16-bit samples, 8000 a second, in messages of 40 ms: the mean of what falls into each sample. */

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

const RATE = 8000;
const MESSAGE = 320; // samples

class Microphone extends AudioWorkletProcessor {
  private samples = new Int16Array(MESSAGE);
  private count = 0;
  private sum = 0;
  private taken = 0;
  private phase = 0;

  process(inputs: Float32Array[][]): boolean {
    for (const value of inputs[0]?.[0] ?? []) {
      this.sum += value;
      this.taken += 1;
      this.phase += RATE;
      if (this.phase >= sampleRate) this.keep();
    }
    return true;
  }

  private keep(): void {
    const mean = Math.max(-1, Math.min(1, this.sum / this.taken));
    this.samples[this.count++] = Math.round(mean * 32767);
    this.phase -= sampleRate;
    this.sum = this.taken = 0;
    if (this.count < MESSAGE) return;
    this.port.postMessage(this.samples, [this.samples.buffer]);
    this.samples = new Int16Array(MESSAGE);
    this.count = 0;
  }
}

registerProcessor("microphone", Microphone);
export {};
