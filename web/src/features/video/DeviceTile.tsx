import { useEffect, useState, type JSX } from "react";

import type { Camera } from "../../api/client";
import type { WallClock } from "../../player/clock";
import { DeviceStream } from "../../player/DeviceStream";
import type { LiveState } from "../../player/machine";

interface Props {
  camera: Camera;
  clock: WallClock;
  muted: boolean;
  onShown: (state: LiveState) => void;
}

/** A camera's own device at the wall's moment. */
export function DeviceTile({ camera, clock, muted, onShown }: Props): JSX.Element {
  const [state, setState] = useState<LiveState>({ kind: "connecting", attempt: 0 });
  useEffect(() => onShown(state), [state]);
  return <DeviceStream camera={camera.id} clock={clock} muted={muted} onState={setState} />;
}
