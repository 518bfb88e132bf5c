import { ArrowRightOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { useRef, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Person } from "../../api/client";
import { takeStep, type Kind, type Move, type WholeRecord } from "../../api/procedures";
import type { Schema } from "../../shared/form/schema";
import { Refusals } from "../../shared/office/Refusals";
import { useTitled } from "../../shared/tongue";
import { civilText } from "../../shared/time";
import FormDrawer from "../../shared/form/FormDrawer";
import { ShotContext } from "../../shared/form/OutlineField";
import type { Shot } from "../../shared/masks/still";
import { useActName, useFieldNames } from "./names";

interface Props {
  kind: Kind;
  move: Move;
  whole: WholeRecord;
  person: Person;
  close: () => void;
  done: () => void;
  /** The newest of the record. */
  reload: () => Promise<WholeRecord | undefined>;
}

/** One step: what it does, what is missing, its form; and what to do when somebody else was faster. */
export default function StepForm({ kind, move, whole, person, close, done, reload }: Props): JSX.Element {
  const said = useTitled();
  const read = useRef(whole.version); // as it was when the person began: a newer one must be seen first
  const [newest, setNewest] = useState<WholeRecord | null>(null);
  const missing = whole.steps.find(({ name }) => name === move.name)?.missing ?? [];
  return (
    <ShotContext value={shotOf(whole.data)}>
      <FormDrawer
        title={`${said(move.words)} · ${whole.number}`}
        submit={said(move.words)}
        schema={move.form as Schema}
        draft={`${person.id} ${kind.path} ${whole.id} ${move.name}`}
        close={close}
        before={<Before kind={kind} move={move} whole={whole} missing={missing} />}
        send={async (wish) => {
          try {
            await takeStep(kind, whole.id, move.name, read.current, wish);
          } catch (error) {
            setNewest((await reload()) ?? null);
            throw error;
          }
          done();
        }}
        whenStale={(goOn) => (
          <Stale
            kind={kind}
            since={read.current}
            newest={newest}
            goOn={() => {
              read.current = newest?.version ?? read.current;
              goOn();
            }}
          />
        )}
      />
    </ShotContext>
  );
}

/** The beginning of what the record is about, where outlines are drawn on a picture of it. */
function shotOf({ cameras, begin }: Readonly<Record<string, unknown>>): Shot | null {
  const camera: unknown = Array.isArray(cameras) ? cameras[0] : undefined;
  return typeof camera === "string" && typeof begin === "string" ? { camera, at: begin } : null;
}

function Before({ kind, move, whole, missing }: Pick<Props, "kind" | "move" | "whole"> & { missing: WholeRecord["steps"][number]["missing"] }): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const [from, to] = [kind.states[whole.state], kind.states[move.target]];
  const wantsNothing = Object.keys((move.form as Schema).properties ?? {}).length === 0;
  return (
    <>
      {from !== undefined && to !== undefined && move.target !== whole.state && (
        <p className="form-move">
          {said(from)} <ArrowRightOutlined /> <b>{said(to)}</b>
        </p>
      )}
      {missing.length > 0 && (
        <div className="form-missing">
          <h3>{t("procedures.missing", { n: missing.length })}</h3>
          <Refusals refusals={missing} />
        </div>
      )}
      {wantsNothing && <p>{t("procedures.sure", { step: said(move.words), title: whole.title })}</p>}
    </>
  );
}

/** Who changed what since; the person's own words stay in the form. */
function Stale({ kind, since, newest, goOn }: { kind: Kind; since: number; newest: WholeRecord | null; goOn: () => void }): JSX.Element {
  const { t } = useTranslation();
  const actName = useActName(kind);
  const fieldNames = useFieldNames(kind);
  const changes = newest?.history.filter(({ version }) => version > since) ?? [];
  const list = (
    <>
      <ul className="stale-list">
        {changes.map(({ version, by_name, at, act, changes: what }) => (
          <li key={version}>
            <b>{by_name}</b> {civilText(Date.parse(at))} · {actName(act)} · {fieldNames(Object.keys(what))}
          </li>
        ))}
      </ul>
      <p>{t("procedures.staleHint")}</p>
      <Button onClick={goOn} autoFocus>
        {t("procedures.goOn")}
      </Button>
    </>
  );
  return <Alert type="warning" showIcon title={t("procedures.stale")} description={list} className="form-error" data-testid="stale" />;
}
