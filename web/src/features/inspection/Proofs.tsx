import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, InputNumber } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";

import { growthPath, useCheckpoint, type Checkpoint } from "../../api/journal";
import { Moment } from "../../shared/Interval";
import { Failed, Loading } from "../../shared/States";

/** The log's signed head, and that it is how the log of an earlier day went on: for a verifier that stands alone. */
export function Proofs(): JSX.Element {
  const { t } = useTranslation();
  const checkpoint = useCheckpoint();
  return (
    <section className="card-plain" aria-labelledby="proofs" data-testid="proofs">
      <h2 id="proofs">{t("inspection.proofs")}</h2>
      {checkpoint.data === undefined ? checkpoint.isError ? <Failed error={checkpoint.error} retry={() => void checkpoint.refetch()} /> : <Loading /> : <Head checkpoint={checkpoint.data} />}
    </section>
  );
}

function Head({ checkpoint: { origin, size, root, signed_at, key, text } }: { checkpoint: Checkpoint }): JSX.Element {
  const { t } = useTranslation();
  return (
    <>
      <dl className="breach-facts">
        <dt>{t("journal.origin")}</dt>
        <dd>{origin}</dd>
        <dt>{t("journal.size")}</dt>
        <dd className="digits" data-testid="log-size">
          {size}
        </dd>
        <dt>{t("journal.signedAt")}</dt>
        <dd>
          <Moment at={signed_at} />
        </dd>
        <dt>{t("journal.root")}</dt>
        <dd>
          <code>{root}</code>
        </dd>
        <dt>{t("journal.key")}</dt>
        <dd>
          <code title={t("journal.keyHint")}>{key}</code>
        </dd>
      </dl>
      <div className="inspection-files">
        <Button icon={<SafetyCertificateOutlined />} href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`} download={`checkpoint-${size}.txt`}>
          {t("inspection.checkpoint")}
        </Button>
        <Growth size={size} />
      </div>
    </>
  );
}

function Growth({ size }: { size: number }): JSX.Element {
  const { t } = useTranslation();
  const [old, setOld] = useState<number | null>(null);
  const isThere = old !== null && old > 0 && old <= size;
  return (
    <>
      <label className="nowrap">
        {t("inspection.earlier")} <InputNumber aria-label={t("inspection.earlier")} min={1} max={size} precision={0} value={old} onChange={setOld} />
      </label>
      <Button icon={<SafetyCertificateOutlined />} disabled={!isThere} {...(isThere ? { href: growthPath(old), download: `consistency-${old}-${size}.json` } : {})}>
        {t("inspection.consistency")}
      </Button>
    </>
  );
}
