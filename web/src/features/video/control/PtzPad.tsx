import {
  AimOutlined, ArrowDownOutlined, ArrowLeftOutlined, ArrowRightOutlined, ArrowUpOutlined, AudioOutlined, CloseOutlined, HomeOutlined, ZoomInOutlined, ZoomOutOutlined,
} from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useControl, type Control, type Lens, type Motion, type Preset } from "../../../api/control";
import { purposeNow } from "../../../player/purpose";
import { controlEn } from "../../../shared/dictionaries/control.en";
import { controlZhCN } from "../../../shared/dictionaries/control.zh-CN";
import { addWords } from "../../../shared/i18n";
import { useProblemText } from "../../../shared/States";
import { SECOND } from "../../../shared/time";
import { Problem } from "../../../api/client";
import { ForgetPreset } from "./ForgetPreset";
import { FrameArea } from "./FrameArea";
import { Held, Pair, type Press } from "./Held";
import { PresetForm } from "./PresetForm";
import { Steering, type Course, type Hand } from "./steering";
import { nextFraming, useSteeringKeys, type Framing } from "./useSteeringKeys";
import { useVoice, type Speak } from "./useVoice";

import "./control.css";

addWords({ "zh-CN": controlZhCN, en: controlEn });

const More = lazy(() => import("./More"));

const SEEN_EVERY = 2 * SECOND;
const USUAL = 50; // percent of the fastest
/** Direction on the pad: its word, then right and up. */
const WAYS = [
  ["upLeft", -1, 1], ["up", 0, 1], ["upRight", 1, 1],
  ["left", -1, 0], [null, 0, 0], ["right", 1, 0],
  ["downLeft", -1, -1], ["down", 0, -1], ["downRight", 1, -1],
] as const;
const TURNED = { upLeft: -45, upRight: 45, downLeft: 45, downRight: -45 } as const;
const ARROWS: Record<string, ReactNode> = {
  up: <ArrowUpOutlined />, down: <ArrowDownOutlined />, left: <ArrowLeftOutlined />, right: <ArrowRightOutlined />,
  upLeft: <ArrowUpOutlined rotate={TURNED.upLeft} />, upRight: <ArrowUpOutlined rotate={TURNED.upRight} />,
  downLeft: <ArrowDownOutlined rotate={TURNED.downLeft} />, downRight: <ArrowDownOutlined rotate={TURNED.downRight} />,
};

interface Props {
  camera: string;
  name: string;
  close: () => void;
}

/** Turns a camera while it is open, or speaks through one that is fixed: control is taken with it, and let go with it. */
export default function PtzPad({ camera, name, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const { steering, hand, problem, course } = useSteering(camera);
  const client = useQueryClient();
  const control = useControl(camera, true, SEEN_EVERY);
  const again = (): void => void client.invalidateQueries({ queryKey: ["control", camera] });
  useEffect(again, [client, camera, hand]);
  const holds = hand.kind === "held";
  const voice = useVoice(camera, steering, holds);
  const mobility = control.data?.mobility ?? null;
  const turning = <Turning steering={mobility === "fixed" ? null : steering} holds={holds} control={control.data} course={course} again={again} close={close} />;
  return (
    <section className="ptz" role="group" aria-label={t("control.of", { name })} data-testid="ptz" data-hand={hand.kind} data-mobility={mobility ?? "asked"} onDoubleClick={(event) => event.stopPropagation()}>
      <header>
        <Who hand={hand} controller={control.data?.controller ?? null} />
        {hand.kind === "lost" && (
          <button type="button" className="ptz-key" onClick={() => void steering?.take()}>
            {t("control.takeAgain")}
          </button>
        )}
        <button type="button" className="tile-tool" aria-label={t("control.release")} title={`${t("control.release")} (P)`} onClick={close}>
          <CloseOutlined />
        </button>
      </header>
      <Trouble problem={problem} />
      {control.data?.can_speak !== false && <Talk disabled={!holds} {...voice} />}
      {mobility === "turns" && turning}
      {mobility === "unsure" && (
        <details className="ptz-more">
          <summary>{t("control.more")}</summary>
          <p className="fine">{t("control.unsure")}</p>
          {turning}
        </details>
      )}
      {mobility === "fixed" && (
        <>
          <p className="fine">{t("control.fixed")}</p>
          <Extras steering={steering} holds={holds} control={control.data} course={null} speed={USUAL} again={again} />
        </>
      )}
    </section>
  );
}

interface TurningProps {
  steering: Steering | null;
  holds: boolean;
  control: Control | undefined;
  course: Course;
  again: () => void;
  close: () => void;
}

/** What turns, zooms and focuses. */
function Turning({ steering, holds, control, course, again, close }: TurningProps): JSX.Element {
  const { t } = useTranslation();
  const [speed, setSpeed] = useState(USUAL);
  const [framing, setFraming] = useState<Framing>(null);
  const pad = useRef<HTMLDivElement>(null);
  useSteeringKeys(steering, { speed, close, frames: () => setFraming(nextFraming) });
  const stop = (): void => steering?.stop();
  const press = (motion: Partial<Motion>): Press => ({ stop, start: () => steering?.move({ pan: 0, tilt: 0, zoom: 0, ...motion }) });
  const turn = (lens: Partial<Lens>): Press => ({ stop, start: () => steering?.adjust({ focus: 0, iris: 0, ...lens }) });
  return (
    <>
      <div className="ptz-pad" ref={pad}>
        {WAYS.map(([way, right, up]) =>
          way === null ? (
            <button key="home" type="button" className="ptz-key" disabled={!holds} aria-label={t("control.home")} title={t("control.home")} onClick={() => void steering?.home()}>
              <HomeOutlined />
            </button>
          ) : (
            <Held key={way} label={t(`control.way.${way}`)} disabled={!holds} {...press({ pan: right * speed, tilt: up * speed })}>
              {ARROWS[way]}
            </Held>
          ),
        )}
      </div>
      <div className="ptz-rows">
        <Pair word={t("control.zoom")} less={t("control.wider")} more={t("control.closer")} disabled={!holds} minus={press({ zoom: -speed })} plus={press({ zoom: speed })} />
        <FrameRow framing={framing} disabled={!holds} choose={setFraming} />
        <Pair word={t("control.focus")} less={t("control.nearer")} more={t("control.farther")} disabled={!holds} minus={turn({ focus: -speed })} plus={turn({ focus: speed })} />
        <Pair word={t("control.iris")} less={t("control.darker")} more={t("control.brighter")} disabled={!holds} minus={turn({ iris: -speed })} plus={turn({ iris: speed })} />
        <label className="ptz-row">
          <span>{t("control.speed")}</span>
          <input type="range" min={1} max={100} value={speed} onChange={(event) => setSpeed(Number(event.target.value))} />
        </label>
        <Presets presets={control?.presets ?? []} steering={steering} holds={holds} again={again} />
        <Extras steering={steering} holds={holds} control={control} course={course} speed={speed} again={again} />
      </div>
      {framing !== null && holds && <FrameArea tile={pad.current?.closest("[data-tile]") ?? null} closer={framing === "closer"} drawn={(rectangle) => steering?.frame(rectangle, framing === "closer")} />}
    </>
  );
}

/** Draw a rectangle on the picture: by pointer only; arrows and zoom do the same by keys. */
function FrameRow({ framing, disabled, choose }: { framing: Framing; disabled: boolean; choose: (framing: Framing) => void }): JSX.Element {
  const { t } = useTranslation();
  const key = (kind: NonNullable<Framing>, label: string, icon: ReactNode): JSX.Element => (
    <button type="button" className="ptz-key" aria-label={label} title={`${label} (Z)`} aria-pressed={framing === kind} disabled={disabled} onClick={() => choose(framing === kind ? null : kind)}>
      {icon}
    </button>
  );
  return (
    <div className="ptz-row">
      <span>{t("control.frame")}</span>
      {key("wider", t("control.frameWider"), <ZoomOutOutlined />)}
      {key("closer", t("control.frameCloser"), <ZoomInOutlined />)}
    </div>
  );
}

function Presets({ presets, steering, holds, again }: { presets: readonly Preset[]; steering: Steering | null; holds: boolean; again: () => void }): JSX.Element {
  const { t } = useTranslation();
  return (
    <>
      <ul className="ptz-presets" aria-label={t("control.presets")}>
        {presets.map((preset) => (
          <li key={preset.number}>
            <button type="button" className="ptz-key" disabled={!holds} onClick={() => void steering?.goTo(preset.number)}>
              {preset.is_home ? <HomeOutlined /> : <AimOutlined />} {preset.name}
            </button>
            <ForgetPreset preset={preset} disabled={!holds} forget={() => void steering?.forget(preset.number).then(again)} />
          </li>
        ))}
      </ul>
      <PresetForm disabled={!holds} taken={presets.map(({ number }) => number)} keep={(number, wish) => void steering?.keep(number, wish).then(again)} />
    </>
  );
}

/** What is seldom wanted: loaded when somebody opens it. */
function Extras(props: Omit<TurningProps, "close"> & { speed: number }): JSX.Element {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details className="ptz-more" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t(props.control?.mobility === "fixed" ? "control.switches" : "control.extras")}</summary>
      {open && (
        <Suspense>
          <More {...props} />
        </Suspense>
      )}
    </details>
  );
}

function useSteering(camera: string): { steering: Steering | null; hand: Hand; problem: unknown; course: Course } {
  const [hand, setHand] = useState<Hand>({ kind: "taking" });
  const [problem, setProblem] = useState<unknown>(null);
  const [course, setCourse] = useState<Course>(null);
  const [steering, setSteering] = useState<Steering | null>(null);
  useEffect(() => {
    const told = (next: Hand): void => {
      setHand(next);
      if (next.kind !== "lost") setProblem(null);
    };
    const made = new Steering(camera, purposeNow(), told, setProblem, setCourse);
    setSteering(made);
    void made.take();
    const stop = (): void => made.stop();
    const hidden = (): void => {
      if (document.visibilityState === "hidden") made.stop();
    };
    const end = (): void => made.end();
    window.addEventListener("blur", stop);
    document.addEventListener("visibilitychange", hidden);
    window.addEventListener("pagehide", end);
    return () => {
      window.removeEventListener("blur", stop);
      document.removeEventListener("visibilitychange", hidden);
      window.removeEventListener("pagehide", end);
      made.end();
    };
  }, [camera]);
  return { steering, hand, problem, course };
}

function Who({ hand, controller }: { hand: Hand; controller: { name: string; unit: string; role: string; is_me: boolean } | null }): JSX.Element {
  const { t } = useTranslation();
  const other = controller !== null && !controller.is_me ? t("control.by", { name: [controller.name, controller.unit].filter((one) => one !== "").join(" · "), role: t(`app.roles.${controller.role}`) }) : null;
  return (
    <b role="status" data-testid="ptz-who">
      {hand.kind === "held" ? t("control.held") : hand.kind === "taking" ? t("control.taking") : (other ?? t("control.lost"))}
    </b>
  );
}

const WORDS = ["control_held", "control_taken", "control_over", "not_turnable", "camera_away", "command_not_taken"];

/** What was refused, and by which article; or what went wrong. */
function Trouble({ problem }: { problem: unknown }): JSX.Element | null {
  const { t } = useTranslation();
  const explain = useProblemText();
  if (problem === null) return null;
  const code = problem instanceof Problem ? (problem.code ?? "") : "";
  const { title, hint } = explain(problem);
  return (
    <p className="ptz-trouble" role="alert">
      {WORDS.includes(code) ? t(`control.problem.${code}`) : title} {WORDS.includes(code) ? null : hint}
    </p>
  );
}

/** Hold it and speak: the word beside it says when the camera listens. */
function Talk({ disabled, speaking, begin, end }: Speak & { disabled: boolean }): JSX.Element {
  const { t } = useTranslation();
  const trouble = speaking.kind === "failed" ? speaking.trouble : null;
  return (
    <div className="ptz-voice" data-testid="voice" data-speaking={speaking.kind}>
      <Held label={t("control.speak")} hint={`${t("control.speakHint")} (V)`} disabled={disabled} start={begin} stop={end}>
        <AudioOutlined /> {t("control.speak")}
      </Held>
      <span role="status">{speaking.kind === "calling" || speaking.kind === "heard" ? t(`control.${speaking.kind}`) : null}</span>
      {typeof trouble === "string" ? (
        <p className="ptz-trouble" role="alert">
          {t(`control.voice.${trouble}`)}
        </p>
      ) : (
        <Trouble problem={trouble} />
      )}
    </div>
  );
}
