import { Button, Input, Popconfirm, Radio } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { useMaskActions, useMasks, type MaskWish, type PictureMask } from "../../../api/masks";
import { masksEn } from "../../../shared/dictionaries/masks.en";
import { masksZhCN } from "../../../shared/dictionaries/masks.zh-CN";
import { addWords } from "../../../shared/i18n";
import { Moment } from "../../../shared/Interval";
import { MaskEditor } from "../../../shared/masks/MaskEditor";
import { CORNERS_MIN, type Corner } from "../../../shared/masks/polygon";
import { useStill } from "../../../shared/masks/still";
import { may } from "../../../shared/rights";
import { Failed, Loading } from "../../../shared/States";
import type { TabProps } from "../FilePage";

addWords({ "zh-CN": masksZhCN, en: masksEn });

interface Draft {
  instead: string | null;
  hides: string;
  where: MaskWish["where"];
  corners: Corner[];
}

const EMPTY: Draft = { instead: null, hides: "", where: "platform", corners: [] };

/** The camera's privacy masks, drawn on a still of it. */
export default function Masks({ file, person }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const masks = useMasks(file.id);
  const actions = useMaskActions(file.id);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [saved, setSaved] = useState(false);
  const [still, again] = useStill(draft === null ? null : { camera: file.id, at: null });
  if (masks.isError) return <Failed error={masks.error} retry={() => void masks.refetch()} />;
  if (masks.data === undefined) return <Loading />;
  const mayDraw = may(person, "baseChange");
  const done = (work: Promise<void>): void => {
    setSaved(false);
    work.then(() => {
      setFault(null);
      setDraft(null);
      setSaved(true);
    }, setFault);
  };
  return (
    <section className="card-plain file-masks" aria-label={t("masks.title")} data-testid="file-masks">
      <p className="fine">{t("masks.hint")}</p>
      <MaskList masks={masks.data} mayDraw={mayDraw && draft === null} onRedraw={(one) => setDraft(draftOf(one))} onEnd={(one) => done(actions.end(one.id))} />
      {saved && <p role="status">{t("masks.saved")}</p>}
      {fault !== null && <Failed error={fault} />}
      {mayDraw && draft === null && (
        <Button type="primary" onClick={() => setDraft(EMPTY)}>
          {t("masks.draw")}
        </Button>
      )}
      {draft !== null && (
        <Drawing draft={draft} still={still} others={masks.data.filter(({ id }) => id !== draft.instead)} onChange={setDraft} onAgain={again} onCancel={() => setDraft(null)} onSave={() => done(actions.save(wishOf(draft), draft.instead))} />
      )}
    </section>
  );
}

const draftOf = ({ id, hides, where, polygon }: PictureMask): Draft => ({ instead: id, hides, where, corners: polygon });
const wishOf = ({ hides, where, corners }: Draft): MaskWish => ({ hides: hides.trim(), where, polygon: corners.map(([x, y]) => [x, y]) });

interface ListProps {
  masks: readonly PictureMask[];
  mayDraw: boolean;
  onRedraw: (mask: PictureMask) => void;
  onEnd: (mask: PictureMask) => void;
}

function MaskList({ masks, mayDraw, onRedraw, onEnd }: ListProps): JSX.Element {
  const { t } = useTranslation();
  if (masks.length === 0) return <p>{t("masks.none")}</p>;
  return (
    <ul aria-label={t("masks.list")}>
      {masks.map((mask) => (
        <li key={mask.id} data-testid="mask">
          <b>{mask.hides}</b> · {t(`masks.where.${mask.where}`)} · <Moment at={mask.since} />
          {mayDraw && (
            <>
              {" "}
              <Button size="small" onClick={() => onRedraw(mask)} aria-label={`${t("masks.redraw")}: ${mask.hides}`}>
                {t("masks.redraw")}
              </Button>{" "}
              <Popconfirm title={t("masks.endAsk")} onConfirm={() => onEnd(mask)} okText={t("masks.end")} cancelText={t("masks.cancel")}>
                <Button size="small" aria-label={`${t("masks.end")}: ${mask.hides}`}>
                  {t("masks.end")}
                </Button>
              </Popconfirm>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

interface DrawingProps {
  draft: Draft;
  still: string | null;
  others: readonly PictureMask[];
  onChange: (draft: Draft) => void;
  onAgain: () => void;
  onCancel: () => void;
  onSave: () => void;
}

function Drawing({ draft, still, others, onChange, onAgain, onCancel, onSave }: DrawingProps): JSX.Element {
  const { t } = useTranslation();
  const isWhole = draft.corners.length >= CORNERS_MIN && draft.hides.trim() !== "";
  return (
    <form
      aria-label={t("masks.draw")}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onSave();
      }}
    >
      <label>
        {t("masks.hides")}
        <Input value={draft.hides} maxLength={200} placeholder={t("masks.hidesHint")} onChange={({ target }) => onChange({ ...draft, hides: target.value })} />
      </label>
      <Radio.Group
        value={draft.where}
        aria-label={t("masks.whereLabel")}
        options={(["platform", "camera"] as const).map((value) => ({ value, label: t(`masks.where.${value}`) }))}
        onChange={({ target }) => onChange({ ...draft, where: target.value as Draft["where"] })}
      />
      <p className="fine">{t("masks.whereHint")}</p>
      <MaskEditor still={still} others={others.map(({ polygon }) => polygon)} value={draft.corners} onChange={(corners) => onChange({ ...draft, corners })} />
      <p className="form-buttons">
        <Button type="primary" htmlType="submit" disabled={!isWhole}>
          {t("masks.save")}
        </Button>
        <Button onClick={onCancel}>{t("masks.cancel")}</Button>
        <Button onClick={onAgain}>{t("masks.again")}</Button>
      </p>
    </form>
  );
}
