import { Modal } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { copiesEn } from "../../shared/dictionaries/copies.en";
import { copiesZhCN } from "../../shared/dictionaries/copies.zh-CN";
import { addWords } from "../../shared/i18n";
import { Ground } from "../../shared/LawLink";
import { CopyForm } from "./CopyForm";
import type { CopyAsked } from "./copying";

addWords({ "zh-CN": copiesZhCN, en: copiesEn });

interface Props {
  asked: CopyAsked;
  /** The camera's. */
  name: string | null;
  allowed: boolean;
  close: () => void;
}

/** A copy of an interval: what it will be, why it is taken, and then its files. */
export default function CopyPanel({ asked, name, allowed, close }: Props): JSX.Element {
  const { t } = useTranslation();
  const title = name === null ? t("copies.title") : `${t("copies.title")} · ${name}`;
  // In full screen only what lies inside the page can be seen.
  const container = (): HTMLElement => (document.fullscreenElement as HTMLElement | null) ?? document.body;
  return (
    <Modal open title={title} footer={null} width={680} mousePosition={null} onCancel={close} getContainer={container}>
      {!allowed && <NotAllowed />}
      {allowed && asked.camera === null && <p>{t("video.mark.noCamera")}</p>}
      {allowed && asked.camera !== null && <CopyForm asked={asked} camera={asked.camera} />}
    </Modal>
  );
}

/** As access/decisions.py would refuse it. */
function NotAllowed(): JSX.Element {
  const { t } = useTranslation();
  return (
    <p data-testid="copy-not-allowed">
      {t("copies.notAllowed")} <Ground article="27¶1" code="R27.1" aside />
    </p>
  );
}
