/** The microphone, while somebody speaks: asked for at the press, closed at its end. */

import workletUrl from "./microphone-worklet.ts?worker&url";

export interface Microphone {
  close: () => void;
}
export type Hear = (sound: Int16Array<ArrayBuffer>) => void;

/** Throws what `getUserMedia` does: no microphone, or no permission; a TypeError where the page is not secure. */
export async function openMicrophone(hear: Hear): Promise<Microphone> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
  const context = new AudioContext({ latencyHint: "interactive" });
  const close = (): void => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }: MessageEvent<Int16Array<ArrayBuffer>>) => hear(data);
    context.createMediaStreamSource(stream).connect(node);
    await context.resume();
  } catch (problem) {
    close();
    throw problem;
  }
  return { close };
}
