import { KeyOutlined, PlayCircleOutlined, VideoCameraOutlined } from "@ant-design/icons";
import { Button, Card } from "antd";
import { useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, useParams } from "react-router";
import { Section } from "../../shared/Section";

import { useGrants, type Grant } from "../../api/access";
import { copiesEn } from "../../shared/dictionaries/copies.en";
import { copiesZhCN } from "../../shared/dictionaries/copies.zh-CN";
import { looksEn } from "../../shared/dictionaries/looks.en";
import { looksZhCN } from "../../shared/dictionaries/looks.zh-CN";
import { addWords } from "../../shared/i18n";
import { Interval, Moment } from "../../shared/Interval";
import { Empty, Failed, Loading } from "../../shared/States";
import { useSaid } from "../../shared/tongue";
import { GrantCopies } from "./GrantCopies";
import { GrantLive } from "./GrantLive";
import { GrantPlayer } from "./GrantPlayer";
import "./grants.css";

addWords({ "zh-CN": { ...copiesZhCN, ...looksZhCN }, en: { ...copiesEn, ...looksEn } });

/** What the person was granted under art. 22 or their department under art. 20, and exactly that to watch. */
export default function GrantPages(): JSX.Element {
  return (
    <div className="page" data-testid="grants">
      <Section>
        <Route index element={<GrantList />} />
        <Route path=":grant/:camera" element={<Watching how="back" />} />
        <Route path=":grant/:camera/live" element={<Watching how="live" />} />
      </Section>
    </div>
  );
}

function GrantList(): JSX.Element {
  const { t } = useTranslation();
  const grants = useGrants();
  return (
    <>
      <header className="page-head">
        <h1>{t("grants.title")}</h1>
      </header>
      {grants.data === undefined ? (
        grants.isError ? <Failed error={grants.error} retry={() => void grants.refetch()} /> : <Loading />
      ) : grants.data.length === 0 ? (
        <Empty icon={<KeyOutlined />} title={t("grants.none")} hint={t("grants.noneHint")} action={{ label: t("grants.toRequests"), to: "/procedures" }} />
      ) : (
        <>
          <p className="fine">{t("grants.registered")}</p>
          {grants.data.map((grant) => <GrantCard key={grant.id} grant={grant} />)}
        </>
      )}
    </>
  );
}

function GrantCard({ grant }: { grant: Grant }): JSX.Element {
  const { t } = useTranslation();
  const said = useSaid();
  const shared = grant.kind === "share";
  const has = (kind: string): boolean => grant.kinds.some(({ code }) => code === kind);
  const views = shared ? has("footage") : grant.verbs.some(({ code }) => code === "view");
  return (
    <Card
      size="small"
      title={<Link to={`/procedures/${shared ? "share" : "access"}-requests/${grant.request}`}>{grant.number}</Link>}
      extra={<span className="fine">{t(shared ? "grants.ofShare" : "grants.ofAccess")}</span>}
    >
      <dl className="grant-facts">
        <dt>{t("grants.interval")}</dt>
        <dd><Interval start={grant.begin} end={grant.end} /></dd>
        <dt>{t("grants.from")}</dt>
        <dd><Moment at={grant.starts} /></dd>
        <dt>{t("grants.until")}</dt>
        <dd><Moment at={grant.expires} /></dd>
        <dt>{t(shared ? "grants.kinds" : "grants.verbs")}</dt>
        <dd>{(shared ? grant.kinds : grant.verbs).map(({ words }) => said(words)).join(" · ")}</dd>
        <dt>{t("grants.purpose")}</dt>
        <dd>{said(grant.purpose.words)}</dd>
        <dt>{t("grants.destination")}</dt>
        <dd>{grant.destination}</dd>
      </dl>
      {views && <Cameras grant={grant} how="back" />}
      {has("live") && <Cameras grant={grant} how="live" />}
      {!shared && <GrantCopies grant={grant} />}
    </Card>
  );
}

type How = "back" | "live";

function Cameras({ grant, how }: { grant: Grant; how: How }): JSX.Element {
  const { t } = useTranslation();
  const [end, label, icon] = how === "live" ? ["/live", "grants.live", <VideoCameraOutlined key="live" />] : ["", "grants.play", <PlayCircleOutlined key="back" />];
  return (
    <div className="grant-cameras">
      {grant.cameras.map(({ id, name }) => (
        <Link key={id} to={`/grants/${grant.id}/${id}${end}`}>
          <Button icon={icon} tabIndex={-1}>{t(label, { name })}</Button>
        </Link>
      ))}
    </div>
  );
}

function Watching({ how }: { how: How }): JSX.Element {
  const { t } = useTranslation();
  const { grant: id, camera: which } = useParams();
  const [unmask, setUnmask] = useState(false);
  const grants = useGrants();
  const grant = grants.data?.find((one) => one.id === id);
  const camera = grant?.cameras.find((one) => one.id === which);
  const Player = how === "live" ? GrantLive : GrantPlayer;
  if (grants.data === undefined) return grants.isError ? <Failed error={grants.error} retry={() => void grants.refetch()} /> : <Loading />;
  return (
    <>
      <header className="page-head">
        <h1>{camera?.name ?? t("grants.title")}</h1>
        <Link to="/grants">{t("grants.back")}</Link>
        {grant?.may_unmask === true && (
          <Button aria-pressed={unmask} type={unmask ? "primary" : "default"} onClick={() => setUnmask(!unmask)}>
            {t("grants.unmask")}
          </Button>
        )}
      </header>
      {grant === undefined || camera === undefined ? <Empty title={t("grants.gone")} /> : <Player key={`${grant.id} ${camera.id} ${unmask}`} grant={grant} camera={camera.id} unmask={unmask} />}
    </>
  );
}
