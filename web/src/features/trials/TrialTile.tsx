import { useEffect, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { openTrial } from "../../api/trials";
import { LivePlayer } from "../../player/live";
import type { LiveState } from "../../player/machine";

/** One camera of a system on trial, now; the viewer's mark lies over it. */
export function TrialTile({ camera, name }: { camera: string; name: string }): JSX.Element {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<LiveState>({ kind: "connecting", attempt: 0 });
  const [mark, setMark] = useState("");
  useEffect(() => {
    if (video.current === null) return;
    const open = async (signal: AbortSignal): Promise<string> => {
      const ticket = await openTrial(camera, signal);
      setMark(ticket.watermark); // before the first picture is asked for
      return ticket.url;
    };
    const player = new LivePlayer({ video: video.current, open, onState: setState });
    player.start();
    return () => player.stop();
  }, [camera]);
  return (
    <section className="trial-tile" aria-label={t("trials.test", { name })}>
      <div className="trial-picture">
        <video ref={video} className="picture" data-testid="trial-video" muted playsInline disablePictureInPicture tabIndex={-1} aria-hidden="true" />
        {mark !== "" && <div className="trial-mark" data-testid="watermark" aria-hidden="true">{`${mark}   `.repeat(24)}</div>}
      </div>
      <p className="fine" role="status" data-testid="trial-state" data-state={state.kind}>
        {t(`trials.states.${wordOf(state)}`)}
      </p>
    </section>
  );
}

/** A trial that has ended meanwhile is refused like anything else that may not be seen. */
function wordOf({ kind }: LiveState): string {
  return kind === "idle" || kind === "hidden" ? "connecting" : kind;
}
