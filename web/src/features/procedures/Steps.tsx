import { ArrowRightOutlined, CheckCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import type { Kind, Move, Step, WholeRecord } from "../../api/procedures";
import { Refusals } from "../../shared/office/Refusals";
import { useTitled } from "../../shared/tongue";

interface Offer {
  step: Step;
  move: Move;
}

/** What can happen now: first what leads on, with what is missing for it; then what else may be done here. */
export function Steps({ kind, whole, take }: { kind: Kind; whole: WholeRecord; take: (step: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const offers = whole.steps.flatMap((step) => {
    const move = kind.moves.find(({ name }) => name === step.name);
    return move === undefined ? [] : [{ step, move }];
  });
  const onward = offers.filter(({ move }) => move.target !== "" && move.target !== whole.state);
  const besides = offers.filter((offer) => !onward.includes(offer));
  return (
    <section className="card-plain next" aria-labelledby="record-next" data-testid="next">
      <h2 id="record-next">{t("procedures.next")}</h2>
      {besides.some(({ step }) => step.is_mine) && (
        <div className="besides">
          {besides
            .filter(({ step }) => step.is_mine)
            .map((offer) => (
              <TakeButton key={offer.step.name} offer={offer} take={take} />
            ))}
        </div>
      )}
      {onward.length === 0 && <p className="fine">{t(besides.length === 0 ? "procedures.ended" : "procedures.nothingOnward")}</p>}
      {onward.map((offer) => (
        <Onward key={offer.step.name} kind={kind} offer={offer} take={take} />
      ))}
    </section>
  );
}

function Onward({ kind, offer, take }: { kind: Kind; offer: Offer; take: (step: string) => void }): JSX.Element {
  const { t } = useTranslation();
  const said = useTitled();
  const { step, move } = offer;
  const target = kind.states[move.target];
  const isReady = step.missing.length === 0;
  return (
    <div className="onward" data-step={step.name} data-ready={isReady}>
      <div className="onward-head">
        {step.is_mine ? <TakeButton offer={offer} take={take} primary={isReady} /> : <b>{said(move.words)}</b>}
        <span className="fine nowrap">
          <ArrowRightOutlined /> {target === undefined ? move.target : said(target)}
        </span>
        <span className={`onward-state ${isReady ? "tone-good" : "tone-warn"}`}>
          {isReady ? (
            <>
              <CheckCircleOutlined /> {t("procedures.ready")}
            </>
          ) : (
            t("procedures.missing", { n: step.missing.length })
          )}
        </span>
      </div>
      {!step.is_mine && <p className="fine">{t("procedures.takenBy", { who: useRoleNames()(move.roles) })}</p>}
      {!isReady && <Refusals refusals={step.missing} />}
    </div>
  );
}

function TakeButton({ offer, take, primary = false }: { offer: Offer; take: (step: string) => void; primary?: boolean }): JSX.Element {
  const said = useTitled();
  return (
    <Button type={primary ? "primary" : "default"} onClick={() => take(offer.step.name)}>
      {said(offer.move.words)}
    </Button>
  );
}

function useRoleNames(): (roles: readonly string[]) => string {
  const { t } = useTranslation();
  return (roles) => roles.map((role) => t(`app.roles.${role}`, { defaultValue: role })).join(t("office.or"));
}
