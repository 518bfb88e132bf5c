import type { JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Duty, Parameter } from "../../api/regulation";
import { lawPath, paragraphText } from "../../shared/law";
import { dutyAnchor, Found, Said, useReader } from "./reader";

interface Props {
  duty: Duty;
  parameters: readonly Parameter[];
}

/** What is wanted of whom, what the software does about it, and the refusal it can cause. */
export function DutyText({ duty, parameters }: Props): JSX.Element {
  const { t } = useTranslation();
  const { marked } = useReader();
  const isMarked = duty.code === marked;
  const separator = t("regulation.separator");
  return (
    <li
      id={dutyAnchor(duty.code)}
      className={isMarked ? "law-duty law-marked" : "law-duty"}
      data-duty={duty.code}
      tabIndex={-1}
      aria-current={isMarked ? "location" : undefined}
    >
      <p className="law-duty-head">
        <Link to={lawPath(duty.place.cite, duty.code) ?? ""} className="law-code" title={t("regulation.copyLink", { code: duty.code })}>
          <Found>{duty.code}</Found>
        </Link>
        <span className="fine">{paragraphText(t, duty.place.cite)}</span>
        <span className="law-act" data-act={duty.act}>
          {t(`regulation.acts.${duty.act}`)}
        </span>
        {!duty.binds && <span className="law-tag">{t("regulation.notBinding")}</span>}
      </p>
      <p>
        <Said words={duty.text} />
      </p>
      <p className="fine">
        {t("regulation.bound")}{" "}
        {duty.bound.map(({ code, words }, n) => (
          <span key={code}>
            {n > 0 && separator}
            <Said words={words} />
          </span>
        ))}
      </p>
      <ParameterRows parameters={parameters} />
      <Carried duty={duty} />
    </li>
  );
}

function Carried({ duty }: { duty: Duty }): JSX.Element {
  const { t } = useTranslation();
  const { beside } = useReader();
  const same = beside.get(duty.code) ?? [];
  return (
    <p className="law-carried fine">
      {duty.refusals.map((code) => (
        <span key={code}>
          {t("regulation.refusal")} <b className="digits">{code}</b>
        </span>
      ))}
      {duty.decisions.length === 0 ? (
        <span>{t("regulation.undecided")}</span>
      ) : (
        <>
          {duty.refusals.length === 0 && <span>{t("regulation.noRefusal")}</span>}
          <span>
            {t("regulation.decision")} <code>{duty.decisions.join(", ")}</code>
          </span>
        </>
      )}
      <span>{t("regulation.part", { part: t(`regulation.parts.${duty.part}`, { defaultValue: duty.part }) })}</span>
      {same.length > 0 && (
        <span>
          {t("regulation.beside")} <Codes codes={same} />
        </span>
      )}
    </p>
  );
}

/** Codes of duties, each the way to where it stands. */
export function Codes({ codes }: { codes: readonly string[] }): JSX.Element {
  return (
    <>
      {codes.map((code, n) => {
        const path = lawPath(null, code);
        return (
          <span key={code}>
            {n > 0 && " "}
            {path === null ? code : <Link to={path} className="law-link digits">{code}</Link>}
          </span>
        );
      })}
    </>
  );
}

export function ParameterRows({ parameters }: { parameters: readonly Parameter[] }): JSX.Element | null {
  const { t } = useTranslation();
  if (parameters.length === 0) return null;
  return (
    <dl className="law-numbers">
      {parameters.map(({ key, note, value, unit, bound, design, decides }) => (
        <div key={key} title={key}>
          <dt>
            <Said words={note} />
          </dt>
          <dd>
            <b className="digits nowrap" data-bound={bound}>
              <Found>{`${value} ${t(`regulation.${value === 1 ? "unitsOfOne" : "units"}.${unit}`)}`}</Found>
            </b>
            {design && (
              <span className="law-tag" title={t("regulation.designHint")}>
                {t("regulation.design")}
              </span>
            )}
            {!decides && <span className="law-tag">{t("regulation.milder")}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
