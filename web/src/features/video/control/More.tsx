import { CloseOutlined, MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Control } from "../../../api/control";
import { CruiseForm } from "./CruiseForm";
import { Pair } from "./Held";
import type { Course, Steering } from "./steering";

const SCAN = 1; // one is enough: its edges are set anew wherever they are wanted
const WIPER = 1; // GB/T 28181-2022, A.3.8
const OTHER = 2; // the first that a maker may choose: mostly a light
const SWITCH_MAX = 255;
const LEAST_DELAY = 10; // seconds
const USUAL_DELAY = 60;

interface Props {
  steering: Steering | null;
  holds: boolean;
  control: Control | undefined;
  course: Course;
  speed: number;
  again: () => void;
}

/** What a camera does by itself, and what hangs on it beside its motors. */
export default function More(props: Props): JSX.Element {
  const { t } = useTranslation();
  if (props.control?.mobility === "fixed") return <Fixed {...props} />;
  return (
    <>
      <h3>{t("control.cruises")}</h3>
      <Cruises {...props} />
      <h3>{t("control.scan")}</h3>
      <Scan {...props} />
      <h3>{t("control.switches")}</h3>
      <Switches {...props} />
      <h3>{t("control.return")}</h3>
      <Return {...props} />
      <p className="fine">{t("control.coursesEnd")}</p>
    </>
  );
}

function Fixed(props: Props): JSX.Element {
  const { t } = useTranslation();
  const { steering, holds, speed } = props;
  const turn = (focus: number, iris: number) => ({ start: () => steering?.adjust({ focus, iris }), stop: () => steering?.stop() });
  return (
    <>
      <Switches {...props} />
      <Pair word={t("control.focus")} less={t("control.nearer")} more={t("control.farther")} disabled={!holds} minus={turn(-speed, 0)} plus={turn(speed, 0)} />
      <Pair word={t("control.iris")} less={t("control.darker")} more={t("control.brighter")} disabled={!holds} minus={turn(0, -speed)} plus={turn(0, speed)} />
    </>
  );
}

function Cruises({ steering, holds, control, course, again }: Props): JSX.Element {
  const { t } = useTranslation();
  const cruises = control?.cruises ?? [];
  const running = course?.kind === "cruise" ? course.number : null;
  return (
    <>
      <ul className="ptz-presets" aria-label={t("control.cruises")}>
        {cruises.map(({ number, name }) => (
          <li key={number}>
            <Key disabled={!holds} pressed={running === number} label={t("control.startCruise", { name })} act={() => (running === number ? steering?.stop() : steering?.start({ kind: "cruise", number }))}>
              {name}
            </Key>
            <button type="button" className="tile-tool" disabled={!holds} aria-label={t("control.deleteCruise", { name })} title={t("control.deleteCruise", { name })} onClick={() => void steering?.forgetCruise(number).then(again)}>
              <CloseOutlined />
            </button>
          </li>
        ))}
      </ul>
      <CruiseForm disabled={!holds} presets={control?.presets ?? []} taken={cruises.map(({ number }) => number)} keep={(number, wish) => void steering?.keepCruise(number, wish).then(again)} />
    </>
  );
}

function Scan({ steering, holds, course, speed }: Props): JSX.Element {
  const { t } = useTranslation();
  const runs = course?.kind === "scan";
  const key = (label: string, act: () => void, pressed?: boolean): JSX.Element => (
    <Key disabled={!holds} label={label} act={act} {...(pressed === undefined ? {} : { pressed })}>
      {label}
    </Key>
  );
  return (
    <div className="ptz-keys">
      {key(t("control.scanStart"), () => (runs ? steering?.stop() : steering?.start({ kind: "scan", number: SCAN })), runs)}
      {key(t("control.scanLeft"), () => void steering?.setScan(SCAN, { edge: "left" }))}
      {key(t("control.scanRight"), () => void steering?.setScan(SCAN, { edge: "right" }))}
      {key(t("control.scanSpeed", { speed }), () => void steering?.setScan(SCAN, { speed }))}
    </div>
  );
}

function Switches({ steering, holds }: Props): JSX.Element {
  const { t } = useTranslation();
  const [other, setOther] = useState(OTHER);
  const keys = (word: string, number: number): JSX.Element => (
    <>
      <Key disabled={!holds} label={t("control.switchOff", { word })} act={() => void steering?.turn(number, false)}>
        <MinusOutlined />
      </Key>
      <Key disabled={!holds} label={t("control.switchOn", { word })} act={() => void steering?.turn(number, true)}>
        <PlusOutlined />
      </Key>
    </>
  );
  return (
    <>
      <div className="ptz-row">
        <span>{t("control.wiper")}</span>
        {keys(t("control.wiper"), WIPER)}
      </div>
      <div className="ptz-row">
        <label className="ptz-row">
          <span>{t("control.otherSwitch")}</span>
          <input type="number" min={1} max={SWITCH_MAX} value={other} onChange={(event) => setOther(within(event.target.valueAsNumber, 1, SWITCH_MAX))} />
        </label>
        {keys(t("control.switchNumber", { number: other }), other)}
      </div>
    </>
  );
}

/** The camera's own way home, which it takes also while the platform is away. */
function Return({ steering, holds }: Props): JSX.Element {
  const { t } = useTranslation();
  const [delay, setDelay] = useState(USUAL_DELAY);
  return (
    <div className="ptz-keys">
      <label className="ptz-row">
        <span>{t("control.delay")}</span>
        <input type="number" min={LEAST_DELAY} value={delay} onChange={(event) => setDelay(within(event.target.valueAsNumber, 1, 86_400))} />
      </label>
      <Key disabled={!holds || delay < LEAST_DELAY} label={t("control.returnOn")} act={() => void steering?.setReturn(delay)}>
        {t("control.returnOn")}
      </Key>
      <Key disabled={!holds} label={t("control.returnOff")} act={() => void steering?.setReturn(null)}>
        {t("control.returnOff")}
      </Key>
    </div>
  );
}

function Key({ label, act, disabled, pressed, children }: { label: string; act: () => void; disabled: boolean; pressed?: boolean; children: ReactNode }): JSX.Element {
  return (
    <button type="button" className="ptz-key" aria-label={label} title={label} aria-pressed={pressed} disabled={disabled} onClick={act}>
      {children}
    </button>
  );
}

const within = (value: number, least: number, most: number): number => (Number.isNaN(value) ? least : Math.min(most, Math.max(least, Math.round(value))));
