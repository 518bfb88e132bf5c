import { useEffect, useState, type JSX } from "react";

import { Problem } from "../api/client";
import { fetchStill } from "./tickets";

interface Props {
  camera: string;
  /** Asked for each picture; null is now. */
  moment: () => number | null;
  /** Milliseconds between pictures; 0 for one picture only. */
  every: number;
  /** Changes when the moment jumped. */
  jump: number;
  onPicture: (takenMs: number | null, masked: boolean) => void;
  onProblem: (status: number, code: string | null) => void;
}

/** A picture now and then, for a browser that can't play the stream. The tile labels it. */
export function Stills({ camera, moment, every, jump, onPicture, onProblem }: Props): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);

  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    let current: string | null = null;
    const show = async (): Promise<void> => {
      const begun = performance.now();
      try {
        if (!document.hidden) {
          const { picture, takenMs, masked } = await fetchStill(camera, moment(), stop.signal);
          if (stop.signal.aborted) return;
          const fresh = URL.createObjectURL(picture);
          setUrl(fresh);
          if (current !== null) URL.revokeObjectURL(current);
          current = fresh;
          onPicture(takenMs, masked);
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        onProblem(...(error instanceof Problem ? ([error.status, error.code] as const) : ([0, null] as const)));
      }
      if (every > 0) timer = window.setTimeout(() => void show(), Math.max(100, every - (performance.now() - begun)));
    };
    void show();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
      if (current !== null) URL.revokeObjectURL(current);
      setUrl(null);
    };
    // The callbacks read what is current when they are called.
  }, [camera, every, jump]);

  return url === null ? <></> : <img className="picture" data-testid="still" data-camera={camera} src={url} alt="" />;
}
