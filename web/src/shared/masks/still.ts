/** A still to draw masks on. Asking for it is a look, and written down as one. */

import { useEffect, useState } from "react";

export interface Shot {
  camera: string;
  /** RFC 3339; null: as it is now. */
  at: string | null;
}

/** Fetched once until another is asked for; null while there is none. */
export function useStill(shot: Shot | null): [still: string | null, again: () => void] {
  const [still, setStill] = useState<string | null>(null);
  const [nth, setNth] = useState(0);
  const address = shot === null ? null : addressOf(shot);
  useEffect(() => {
    if (address === null) return;
    const gone = new AbortController();
    let made = "";
    void fetch(address, { signal: gone.signal, credentials: "same-origin" })
      .then(async (answer) => {
        made = answer.ok ? URL.createObjectURL(await answer.blob()) : "";
        setStill(made === "" ? null : made);
      })
      .catch(() => undefined);
    return () => {
      gone.abort();
      if (made !== "") URL.revokeObjectURL(made);
    };
  }, [address, nth]);
  return [still, () => setNth((old) => old + 1)];
}

const addressOf = ({ camera, at }: Shot): string => `/api/v1/cameras/${camera}/masks/still${at === null ? "" : `?at=${encodeURIComponent(at)}`}`;
