/** The one camera whose view is drawn; it stands in the address, so that it can be passed on. */

import { useEffect } from "react";
import { useSearchParams } from "react-router";

import { useFile, type CameraFile } from "../../api/camera-files";
import type { Box } from "../../api/places";
import { viewBox } from "../../map/view";
import type { Seen } from "./MapCanvas";

const NEAR = 16; // from this zoom on a view is more than a dot

interface Chosen {
  id: string | null;
  file: CameraFile | null;
  choose: (id: string | null) => void;
}

/** `go` is called where the camera is too small to see, or is not in the view. */
export function useChosen(seen: Seen | null, go: (box: Box) => void): Chosen {
  const [query, setQuery] = useSearchParams();
  const id = query.get("camera");
  const file = useFile(id ?? "", id !== null).data ?? null;
  const isThis = file !== null && file.id === id;
  useEffect(() => {
    if (isThis && seen !== null && file.longitude !== null && !isInSight(file, seen)) go(viewBox(file));
  }, [isThis && id, seen === null]);
  const choose = (to: string | null): void =>
    setQuery(
      (old) => {
        const next = new URLSearchParams(old);
        if (to === null) next.delete("camera");
        else next.set("camera", to);
        return next;
      },
      { replace: true },
    );
  return { id, file: isThis ? file : null, choose };
}

function isInSight({ longitude, latitude }: CameraFile, { box: [west, south, east, north], zoom }: Seen): boolean {
  const [x, y] = [longitude ?? 0, latitude ?? 0];
  return zoom >= NEAR && x > west && x < east && y > south && y < north;
}
