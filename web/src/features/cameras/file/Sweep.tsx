import { EditOutlined, LockOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { changeFile, type CameraFile, type FilePatch } from "../../../api/camera-files";
import { sweepEn } from "../../../shared/dictionaries/sweep.en";
import { sweepZhCN } from "../../../shared/dictionaries/sweep.zh-CN";
import FormDrawer from "../../../shared/form/FormDrawer";
import type { Group, Schema } from "../../../shared/form/schema";
import { addWords } from "../../../shared/i18n";
import { may } from "../../../shared/rights";
import type { TabProps } from "../FilePage";
import { Stale } from "./Stale";
import { isWhole, sweepFrom, typedOf, type SweepValue } from "./sweep";

addWords({ "zh-CN": sweepZhCN, en: sweepEn });

/** Where a camera that turns may look (R19.4): what turning is judged by, and what is asked about its place. */
export default function Sweep({ file, person }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const sweep = file.view.sweep ?? null;
  return (
    <section className="card-plain field-group" aria-labelledby="sweep" data-testid="sweep">
      <header>
        <h2 id="sweep">{t("sweep.title")}</h2>
        {may(person, "baseChange") && (
          <Button size="small" icon={<EditOutlined />} aria-label={t("sweep.change")} onClick={() => setEditing(true)}>
            {t("cameras.edit")}
          </Button>
        )}
      </header>
      <dl className="data">
        <dt>
          {t("sweep.pan")} <LockOutlined title={t("file.locked")} className="field-lock" />
        </dt>
        <dd>{sweep === null ? t("sweep.none") : <Pan sweep={sweep} />}</dd>
        {sweep !== null && <Rest sweep={sweep} />}
      </dl>
      {editing && <SweepForm file={file} person={person} close={() => setEditing(false)} />}
    </section>
  );
}

function Pan({ sweep }: { sweep: SweepValue }): JSX.Element {
  const { t } = useTranslation();
  const { pan_from: from, pan_to: to } = typedOf(sweep);
  return <>{isWhole(sweep) ? t("sweep.whole") : t("sweep.fromTo", { from, to })}</>;
}

function Rest({ sweep }: { sweep: SweepValue }): JSX.Element {
  const { t } = useTranslation();
  const lines: [name: string, text: string][] = [
    [t("sweep.tilt"), t("sweep.tilts", { least: sweep.tilt_least ?? t("sweep.unbounded"), most: sweep.tilt_most ?? t("sweep.unbounded") })],
    [t("sweep.zoom"), String(sweep.zoom_most ?? t("sweep.unbounded"))],
    [t("sweep.zero"), String(sweep.pan_zero ?? t("sweep.noZero"))],
  ];
  return (
    <>
      {lines.map(([name, text]) => (
        <div key={name} className="data-row">
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </>
  );
}

function SweepForm({ file, person, close }: TabProps & { close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [base, setBase] = useState<Pick<CameraFile, "version" | "view">>({ version: file.version, view: file.view }); // what a change is made to
  return (
    <FormDrawer
      title={t("sweep.change")}
      submit={t("cameras.save")}
      schema={schemaOf(t)}
      initial={typedOf(file.view.sweep ?? null)}
      draft={`${person.id} camera-file ${file.id} sweep`}
      close={close}
      before={<p className="fine">{t("sweep.hint")}</p>}
      send={async (wish) => {
        await changeFile(file.id, { version: base.version, view: { ...base.view, sweep: sweepFrom(wish) } } as FilePatch);
        await Promise.all([client.invalidateQueries({ queryKey: ["file", file.id] }), client.invalidateQueries({ queryKey: ["files"] })]);
        close();
      }}
      whenStale={(goOn) => (
        <Stale
          file={file.id}
          since={base.version}
          goOn={({ version, view }) => {
            setBase({ version, view });
            goOn();
          }}
        />
      )}
    />
  );
}

/** In the reader's language in both: a form shows one. */
function schemaOf(t: (key: string) => string): Schema {
  const said = (name: string): Group => ({ zh: t(`sweep.${name}`), en: t(`sweep.${name}`) });
  const degrees = (name: string, minimum: number, maximum: number): Schema => ({ type: "number", minimum, maximum, ...said(name) });
  const open = (name: string, minimum: number, maximum: number): Schema => ({ anyOf: [{ type: "number", minimum, maximum }, { type: "null" }], ...said(name) });
  return {
    type: "object",
    required: ["turns", "pan_from", "pan_to"],
    properties: {
      turns: { type: "boolean", ...said("turns") },
      pan_from: degrees("pan_from", 0, 360),
      pan_to: degrees("pan_to", 0, 360),
      tilt_least: open("tilt_least", -90, 90),
      tilt_most: open("tilt_most", -90, 90),
      zoom_most: open("zoom_most", 1, 1000),
      pan_zero: open("pan_zero", 0, 360),
    },
  };
}
