import { Button, Input } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Box } from "../../api/places";
import { boxFrom } from "./selection";

const SIDES = ["west", "south", "east", "north"] as const;

/** An area by typing instead of drawing. */
export function Rectangle({ view, choose }: { view: Box | null; choose: (box: Box) => void }): JSX.Element {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<readonly string[]>(["", "", "", ""]);
  const [isWrong, setWrong] = useState(false);
  const send = (): void => {
    const box = boxFrom(typed);
    setWrong(box === null);
    if (box !== null) choose(box);
  };
  return (
    <details className="map-rectangle">
      <summary>{t("map.rectangle")}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {SIDES.map((side, n) => (
          <label key={side}>
            <span className="fine">{t(`map.${side}`)}</span>
            <Input inputMode="decimal" value={typed[n] ?? ""} status={isWrong ? "error" : ""} onChange={(event) => setTyped(typed.with(n, event.target.value))} />
          </label>
        ))}
        {isWrong && (
          <p className="form-fault" role="alert">
            {t("map.notBox")}
          </p>
        )}
        <p className="form-buttons">
          <Button size="small" disabled={view === null} onClick={() => view !== null && setTyped(view.map((degrees) => degrees.toFixed(5)))}>
            {t("map.ofView")}
          </Button>
          <Button size="small" type="primary" htmlType="submit">
            {t("map.select")}
          </Button>
        </p>
      </form>
    </details>
  );
}
