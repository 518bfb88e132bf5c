import { useEffect, useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { openLiveGranted, type Grant } from "../../api/access";
import { LivePlayer } from "../../player/live";
import type { LiveState } from "../../player/machine";
import { MarkGone, useMark, type MarkState } from "../../player/Marked";
import { MaskedBadge } from "../../player/MaskedBadge";
import { causeText } from "../../shared/i18n";
import { Loading } from "../../shared/States";

/** A shared camera as it is now; the server ends it with the grant. The viewer's mark lies over it. */
export function GrantLive(props: { grant: Grant; camera: string; unmask: boolean }): JSX.Element {
  const mark = useMark();
  if (!mark.known) return <Loading />;
  return mark.gone ? <div className="grant-picture"><MarkGone again={mark.again} /></div> : <Watched {...props} anchor={mark.anchor} />;
}

function Watched({ grant, camera, unmask, anchor }: { grant: Grant; camera: string; unmask: boolean; anchor: MarkState["anchor"] }): JSX.Element {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const held = useRef(grant);
  const [state, setState] = useState<LiveState>({ kind: "connecting", attempt: 0 });
  const [masked, setMasked] = useState(false);
  useEffect(() => {
    if (video.current === null) return;
    const open = async (signal: AbortSignal): Promise<string> => {
      const ticket = await openLiveGranted(held.current, camera, unmask, signal);
      setMasked(ticket.masked);
      return ticket.url;
    };
    const live = new LivePlayer({ video: video.current, open, onState: setState });
    live.start();
    return () => live.stop();
  }, [camera, unmask]);
  const cause = state.kind === "waiting" || state.kind === "reconnecting" ? (state.cause ?? null) : null;
  return (
    <section className="grant-player" aria-label={t("grants.liveTitle")}>
      <div className="grant-picture">
        <video ref={video} className="picture" data-testid="grant-live" muted playsInline disablePictureInPicture tabIndex={-1} aria-hidden="true" />
        <span ref={anchor} hidden />
        {masked && <div className="tile-badges"><MaskedBadge /></div>}
      </div>
      <p className="fine" role="status" data-testid="grant-state" data-state={state.kind}>
        {t(state.kind === "playing" ? "grants.registered" : state.kind === "refused" ? "grants.liveEnded" : "grants.connecting")}
        {cause !== null && ` ${causeText(t, cause)}`}
      </p>
    </section>
  );
}
