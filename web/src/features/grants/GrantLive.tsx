import { useEffect, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { openLiveGranted, type Grant } from "../../api/access";
import { LivePlayer } from "../../player/live";
import type { LiveState } from "../../player/machine";
import { Marked } from "./Marked";

/** A shared camera as it is now; the server ends it with the grant. The viewer's mark lies over it. */
export function GrantLive({ grant, camera, unmask }: { grant: Grant; camera: string; unmask: boolean }): JSX.Element {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const held = useRef(grant);
  const [state, setState] = useState<LiveState>({ kind: "connecting", attempt: 0 });
  const [mark, setMark] = useState("");
  useEffect(() => {
    if (video.current === null) return;
    const open = async (signal: AbortSignal): Promise<string> => {
      const { url, watermark } = await openLiveGranted(held.current, camera, unmask, signal);
      setMark(watermark); // before the first picture is asked for
      return url;
    };
    const live = new LivePlayer({ video: video.current, open, onState: setState });
    live.start();
    return () => live.stop();
  }, [camera, unmask]);
  return (
    <section className="grant-player" aria-label={t("grants.liveTitle")}>
      <Marked mark={mark}>
        <video ref={video} className="picture" data-testid="grant-live" muted playsInline disablePictureInPicture tabIndex={-1} aria-hidden="true" />
      </Marked>
      <p className="fine" role="status" data-testid="grant-state" data-state={state.kind}>
        {t(state.kind === "playing" ? "grants.registered" : state.kind === "refused" ? "grants.liveEnded" : "grants.connecting")}
      </p>
    </section>
  );
}
