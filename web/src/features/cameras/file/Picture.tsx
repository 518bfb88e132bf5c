import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useCamera } from "../../../api/queries";
import { playable } from "../../../player/capability";
import { LiveStream } from "../../../player/LiveStream";
import { Marked } from "../../../player/Marked";
import { MaskedBadge } from "../../../player/MaskedBadge";
import { Stills } from "../../../player/Stills";
import { Loading } from "../../../shared/States";
import type { TabProps } from "../FilePage";

const STILL_EVERY = 2000; // ms

/** The camera's picture now: moving where this browser can, else one after the other. */
export default function Picture({ file }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const camera = useCamera(file.id).data;
  const [isTooMuch, setTooMuch] = useState(false);
  const [word, setWord] = useState("connecting");
  const [masked, setMasked] = useState(false);
  const onStill = (_: number | null, isMasked: boolean): void => {
    setWord("still");
    setMasked(isMasked);
  };
  if (camera === undefined) return <Loading />;
  const isMoving = playable(camera.state?.codec) && !isTooMuch;
  return (
    <section className="card-plain file-picture" aria-label={t("file.tabs.picture")}>
      <div className="file-screen" data-state={word}>
        <Marked>
          {isMoving ? (
            <LiveStream
              camera={file.id}
              stream="main"
              muted
              behind={false}
              onState={(state) => {
                setWord(state.kind);
                if (state.kind === "unplayable") setTooMuch(true);
              }}
              onTooMuch={() => setTooMuch(true)}
              onMasked={setMasked}
            />
          ) : (
            <Stills camera={file.id} moment={() => null} every={STILL_EVERY} jump={0} onPicture={onStill} onProblem={() => setWord("none")} />
          )}
        </Marked>
        {masked && <div className="tile-badges"><MaskedBadge /></div>}
      </div>
      <p>
        <Link to={`/video?layout=1&cameras=${file.id}`}>{t("file.toWall")}</Link>
      </p>
    </section>
  );
}
