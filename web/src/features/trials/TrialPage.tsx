import { ExperimentOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { Button, Card } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useTrials, type Trial } from "../../api/trials";
import { looksEn } from "../../shared/dictionaries/looks.en";
import { looksZhCN } from "../../shared/dictionaries/looks.zh-CN";
import { addWords } from "../../shared/i18n";
import { Moment } from "../../shared/Interval";
import { Empty, Failed, Loading } from "../../shared/States";
import { TrialTile } from "./TrialTile";
import "./trials.css";

addWords({ "zh-CN": looksZhCN, en: looksEn });

/** The builder's test view: each system on trial, its state, and its cameras one at a time (R16.5). */
export default function TrialPage(): JSX.Element {
  const { t } = useTranslation();
  const trials = useTrials();
  return (
    <div className="page" data-testid="trials">
      <header className="page-head">
        <h1>{t("trials.title")}</h1>
      </header>
      <p className="fine">{t("trials.hint")}</p>
      {trials.isPending && <Loading />}
      {trials.isError && trials.data === undefined && <Failed error={trials.error} retry={() => void trials.refetch()} />}
      {trials.data?.length === 0 && <Empty icon={<ExperimentOutlined />} title={t("trials.none")} hint={t("trials.noneHint")} action={{ label: t("trials.toSystems"), to: "/procedures/systems" }} />}
      {trials.data?.map((trial) => <TrialCard key={trial.system} trial={trial} />)}
    </div>
  );
}

function TrialCard({ trial }: { trial: Trial }): JSX.Element {
  const { t } = useTranslation();
  const [camera, setCamera] = useState<string | null>(null);
  const seen = trial.cameras.find(({ id }) => id === camera);
  return (
    <Card size="small" title={<Link to={`/procedures/systems/${trial.system}`}>{`${trial.number} ${trial.title}`}</Link>}>
      <dl className="trial-facts">
        <dt>{t("trials.state")}</dt>
        <dd>{t("trials.onTrial")}</dd>
        <dt>{t("trials.since")}</dt>
        <dd>{trial.since === null ? "–" : <Moment at={trial.since} />}</dd>
        <dt>{t("trials.until")}</dt>
        <dd>{t("trials.untilAccepted")}</dd>
      </dl>
      {trial.cameras.length === 0 && <p>{t("trials.noCameras")}</p>}
      <div className="trial-cameras">
        {trial.cameras.map(({ id, name, has_stream: hasStream }) => (
          <Button key={id} icon={<PlayCircleOutlined />} aria-pressed={id === camera} type={id === camera ? "primary" : "default"} disabled={!hasStream} onClick={() => setCamera(id === camera ? null : id)}>
            {t(hasStream ? "trials.test" : "trials.noStream", { name })}
          </Button>
        ))}
      </div>
      {seen !== undefined && <TrialTile key={seen.id} camera={seen.id} name={seen.name} />}
    </Card>
  );
}
