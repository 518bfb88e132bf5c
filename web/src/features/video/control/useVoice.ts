/** Speaking through a camera while its pad is open: by button or by V, ended with the hold, the focus or the lease. */

import { useEffect, useState } from "react";

import { keyOf } from "../../../shared/actions";
import type { Steering } from "./steering";
import { isTyping } from "./useSteeringKeys";
import { Voice, type Speaking } from "./voice";

export interface Speak {
  speaking: Speaking;
  begin: () => void;
  end: () => void;
}

/** `holds`: whether this person controls the camera now. */
export function useVoice(camera: string, steering: Steering | null, holds: boolean): Speak {
  const [speaking, setSpeaking] = useState<Speaking>({ kind: "silent" });
  const [voice, setVoice] = useState<Voice | null>(null);
  useEffect(() => {
    const made = new Voice(camera, setSpeaking);
    setVoice(made);
    return () => made.end();
  }, [camera]);
  useEffect(() => {
    if (!holds) voice?.end();
  }, [voice, holds]);
  const begin = (): void => {
    if (steering?.lease != null) void voice?.begin(steering.lease);
  };
  const end = (): void => voice?.end();
  useVoiceKey(voice, steering);
  return { speaking, begin, end };
}

function useVoiceKey(voice: Voice | null, steering: Steering | null): void {
  useEffect(() => {
    if (voice === null || steering === null) return;
    const down = (event: KeyboardEvent): void => {
      if (isTyping(event) || keyOf(event) !== "v") return;
      event.preventDefault();
      if (!event.repeat && steering.lease !== null) void voice.begin(steering.lease);
    };
    const up = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === "v") voice.end();
    };
    const end = (): void => voice.end();
    const hidden = (): void => {
      if (document.visibilityState === "hidden") voice.end();
    };
    document.addEventListener("keydown", down, true);
    document.addEventListener("keyup", up, true);
    window.addEventListener("blur", end);
    window.addEventListener("pagehide", end);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("keydown", down, true);
      document.removeEventListener("keyup", up, true);
      window.removeEventListener("blur", end);
      window.removeEventListener("pagehide", end);
      document.removeEventListener("visibilitychange", hidden);
    };
  }, [voice, steering]);
}
