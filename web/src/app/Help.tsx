import { Modal } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { canPlay } from "../player/capability";
import { usePageActions, type Action, type ActionGroup } from "../shared/actions";

const GROUPS: readonly ActionGroup[] = ["groupWall", "groupTime", "groupPage"];
const PAGE: Action = { id: "help", group: "groupPage", label: "keys.help", keys: ["?"], run: () => undefined };

/** Every key that works on the page now shown, and what this computer can play. */
export default function Help({ close }: { close: () => void }): JSX.Element {
  const { t } = useTranslation();
  const actions = [...usePageActions(), PAGE];
  return (
    <Modal open title={t("keys.title")} onCancel={close} footer={null} width={720} mousePosition={null}>
      <p className="fine">{t("keys.note")}</p>
      <div className="keys">
        {GROUPS.map((group) => (
          <Keys key={group} title={t(`keys.${group}`)} actions={actions.filter((action) => action.group === group)} />
        ))}
        <section>
          <h3>{t("keys.capability")}</h3>
          <dl>
            {(["h264", "h265"] as const).map((codec) => (
              <div key={codec}>
                <dt>{t(`keys.${codec}`)}</dt>
                <dd>{canPlay(codec) ? t("keys.yes") : t("keys.no")}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Modal>
  );
}

function Keys({ title, actions }: { title: string; actions: readonly Action[] }): JSX.Element | null {
  const { t } = useTranslation();
  if (actions.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {actions.map((action) => (
          <div key={action.id}>
            <dt>
              {(action.shown ?? action.keys).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(action.label)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
