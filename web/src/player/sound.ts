/** Sound of a G.711 track, which no browser plays by itself. Made only when somebody unmutes a tile. */

import { runsOf, type G711Track } from "./boxes";
import { decodeG711 } from "./g711";
import workletUrl from "./g711-worklet.ts?worker&url";

export class G711Sound {
  private readonly context: AudioContext;
  private node: AudioWorkletNode | null = null;
  private closed = false;

  constructor(private readonly track: G711Track) {
    this.context = new AudioContext({ sampleRate: track.timescale, latencyHint: "interactive" });
    void this.open();
  }

  private async open(): Promise<void> {
    try {
      await this.context.audioWorklet.addModule(workletUrl);
      if (this.closed) return;
      this.node = new AudioWorkletNode(this.context, "g711", { numberOfInputs: 0, outputChannelCount: [1] });
      this.node.connect(this.context.destination);
      await this.context.resume();
    } catch {
      this.close(); // no sound device: the picture goes on
    }
  }

  push(fragments: Uint8Array): void {
    if (this.node === null) return;
    for (const run of runsOf(fragments, this.track.id)) {
      const samples = decodeG711(run.data, this.track.law, this.track.channels);
      this.node.port.postMessage(samples, [samples.buffer]);
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.node?.disconnect();
    void this.context.close();
  }
}
