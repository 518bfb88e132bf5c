import { useImperativeHandle, useRef, useState, type JSX, type Ref } from "react";
import { useTranslation } from "react-i18next";

import { parseMoment } from "../../shared/time";

export interface JumpHandle {
  focus: () => void;
}

/** A typed moment: the way to any second without a mouse. */
export function JumpBox({ handle, onJump }: { handle: Ref<JumpHandle>; onJump: (ms: number) => void }): JSX.Element {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  useImperativeHandle(handle, () => ({ focus: () => (input.current?.focus(), input.current?.select()) }), []);

  const go = (): void => {
    const now = Date.now();
    const ms = parseMoment(text, now);
    if (ms === null) setWrong(t("video.jumpBad"));
    else if (ms > now) setWrong(t("video.jumpFuture"));
    else {
      setWrong(null);
      onJump(ms);
      input.current?.blur();
    }
  };

  return (
    <div className="jump">
      <input
        ref={input}
        className="field"
        value={text}
        placeholder={`${t("video.jump")} (G)`}
        title={t("video.jumpHint")}
        aria-label={t("video.jump")}
        aria-describedby="jump-hint"
        aria-invalid={wrong !== null}
        onChange={(event) => {
          setText(event.target.value);
          setWrong(null);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") go();
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <span id="jump-hint" className={wrong === null ? "jump-hint" : "jump-hint wrong"} role={wrong === null ? undefined : "alert"}>
        {wrong ?? t("video.jumpHint")}
      </span>
    </div>
  );
}
