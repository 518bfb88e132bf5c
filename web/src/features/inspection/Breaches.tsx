import { FilePdfOutlined, FileTextOutlined, ReloadOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { JSX } from "react";
import { useTranslation } from "react-i18next";

import { reportPath, useReport, type Breach, type Inspection, type Report } from "../../api/inspection";
import { proofPath } from "../../api/journal";
import { Moment } from "../../shared/Interval";
import { LawLink } from "../../shared/LawLink";
import { Failed, Loading } from "../../shared/States";
import { useSaid } from "../../shared/tongue";
import { byArticle } from "./breaches";

/** All breaches by article, each with its evidence; the same as a file, byte for byte, for whoever was inspected. */
export function Breaches({ inspection }: { inspection: Inspection }): JSX.Element {
  const { t } = useTranslation();
  const report = useReport(inspection.number);
  return (
    <section className="card-plain" aria-labelledby="breaches" data-testid="breaches">
      <div className="inspection-head">
        <h2 id="breaches">{t("inspection.breaches")}</h2>
        {report.data !== undefined && (
          <span className="fine">
            {t("inspection.asOf")} <Moment at={report.data.at} />
          </span>
        )}
        <Button size="small" icon={<ReloadOutlined />} loading={report.isFetching} onClick={() => void report.refetch()}>
          {t("inspection.anew")}
        </Button>
      </div>
      {report.data === undefined ? report.isError ? <Failed error={report.error} retry={() => void report.refetch()} /> : <Loading /> : <Found number={inspection.number} report={report.data} />}
    </section>
  );
}

function Found({ number, report }: { number: string; report: Report }): JSX.Element {
  const { t } = useTranslation();
  const files = [
    { name: t("inspection.pdfZh"), icon: <FilePdfOutlined />, to: reportPath(number, report.at, { format: "pdf", language: "zh" }) },
    { name: t("inspection.pdfEn"), icon: <FilePdfOutlined />, to: reportPath(number, report.at, { format: "pdf", language: "en" }) },
    { name: "JSON", icon: <FileTextOutlined />, to: reportPath(number, report.at, { format: "json" }) },
  ];
  return (
    <>
      <div className="inspection-files" role="group" aria-label={t("inspection.report")}>
        {files.map(({ name, icon, to }) => (
          <Button key={name} icon={icon} href={to} download>
            {t("inspection.reportAs", { format: name })}
          </Button>
        ))}
      </div>
      {report.breaches.length === 0 && <p className="fine">{t("inspection.noBreach")}</p>}
      <ul className="breaches">
        {byArticle(report.breaches).map(([article, breaches]) => (
          <li key={article} data-article={article}>
            <details>
              <summary>
                <b>
                  <LawLink article={article} code={breaches[0]?.code ?? null} />
                </b>{" "}
                {t("inspection.count", { n: breaches.length })}
              </summary>
              <ul>
                {breaches.map((breach) => (
                  <One key={`${breach.code} ${breach.facts}`} breach={breach} />
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}

function One({ breach }: { breach: Breach }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  return (
    <li className="breach" data-code={breach.code}>
      <p>
        <code>{breach.code}</code> {said(breach.consequence)} {breach.citation}
      </p>
      <dl className="breach-facts">
        <dt>{t("inspection.evidence")}</dt>
        <dd>
          {breach.evidence.map((id) => (
            <code key={id}>{id}</code>
          ))}
        </dd>
        <dt>{t("inspection.entries")}</dt>
        <dd>
          {breach.entries.length === 0 && "–"}
          {breach.entries.map((entry) => (
            <a key={entry} className="digits" href={proofPath(entry)} download={`journal-${entry}.tlog-proof`} title={t("journal.proofHint")} aria-label={t("journal.proofOf", { sequence: entry })}>
              <SafetyCertificateOutlined /> {entry}
            </a>
          ))}
        </dd>
      </dl>
    </li>
  );
}
