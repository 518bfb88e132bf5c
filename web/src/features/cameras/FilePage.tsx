import { lazy, Suspense, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useParams } from "react-router";

import { useFile, useFileFields, useStates, type CameraFile } from "../../api/camera-files";
import type { Person } from "../../api/client";
import { RefLink } from "../../shared/form/RefLink";
import { useCodeName } from "../../shared/inventory/fields";
import { LifeState } from "../../shared/inventory/LifeState";
import { Moment } from "../../shared/Interval";
import { RecordHeader } from "../../shared/office/RecordHeader";
import { may } from "../../shared/rights";
import { Empty, Failed, Loading } from "../../shared/States";
import { StreamState } from "./StreamState";

const Overview = lazy(() => import("./file/Overview"));
const Picture = lazy(() => import("./file/Picture"));
const Recordings = lazy(() => import("./file/Recordings"));
const Masks = lazy(() => import("./file/Masks"));
const Fields = lazy(() => import("./file/Fields"));
const Changes = lazy(() => import("./file/Changes"));

export interface TabProps {
  file: CameraFile;
  person: Person;
}

interface Tab {
  name: string;
  Page: (props: TabProps) => JSX.Element;
}

/** Only tabs that have something to show this person. */
function tabsOf(file: CameraFile, person: Person): Tab[] {
  return [
    { name: "overview", Page: Overview as Tab["Page"] },
    ...(file.has_stream && may(person, "watch") ? [{ name: "picture", Page: Picture as Tab["Page"] }] : []),
    ...(file.has_stream && may(person, "watch") ? [{ name: "recordings", Page: Recordings as Tab["Page"] }] : []),
    ...(file.has_stream && may(person, "base") ? [{ name: "masks", Page: Masks as Tab["Page"] }] : []),
    { name: "fields", Page: Fields as Tab["Page"] },
    { name: "changes", Page: Changes as Tab["Page"] },
  ];
}

/** One camera's file, by tabs. */
export default function FilePage({ person }: { person: Person }): JSX.Element {
  const { t } = useTranslation();
  const { file: id = "", tab = "overview" } = useParams();
  const file = useFile(id);
  const fields = useFileFields();
  if (file.isError && file.data === undefined) {
    return <Failed error={file.error} {...(isGone(file.error) ? {} : { retry: () => void file.refetch() })} />;
  }
  if (file.data === undefined || fields.data === undefined) return <Loading />;
  const tabs = tabsOf(file.data, person);
  const shown = tabs.find(({ name }) => name === tab);
  return (
    <div className="page record" data-testid="file-page">
      <Head file={file.data} person={person} />
      <nav className="tabs" aria-label={t("file.tabs.label")}>
        {tabs.map(({ name }) => (
          <NavLink key={name} to={name === "overview" ? `/cameras/${id}` : `/cameras/${id}/${name}`} end>
            {t(`file.tabs.${name}`)}
          </NavLink>
        ))}
      </nav>
      {shown === undefined ? (
        <Empty title={t("app.notFound")} action={{ label: t("file.tabs.overview"), to: `/cameras/${id}` }} />
      ) : (
        <Suspense fallback={<Loading />}>
          <shown.Page file={file.data} person={person} />
        </Suspense>
      )}
    </div>
  );
}

const isGone = (error: unknown): boolean => (error as { status?: number }).status === 404;

function Head({ file, person }: TabProps): JSX.Element {
  const { t } = useTranslation();
  const codeName = useCodeName();
  const camera = useStates(file.has_stream ? [file.id] : [], may(person, "streams")).get(file.id);
  const facts: [string, React.ReactNode][] = [
    [t("files.division"), codeName("division", file.division)],
    [t("files.status"), file.status === "" ? "–" : codeName("status", file.status)],
    [t("file.responsible"), file.responsible_body === null ? t("file.nobody") : <RefLink to="organisation" id={file.responsible_body} />],
    [t("file.lastChange"), <Moment key="changed" at={file.changed_at} />],
  ];
  return (
    <RecordHeader
      back={{ to: "/cameras", label: t("files.title") }}
      number={file.device_id ?? t("file.noCode")}
      title={file.name}
      state={
        <>
          <LifeState state={file.state} />
          {file.has_stream && camera !== undefined && <StreamState state={camera.state} />}
        </>
      }
      facts={facts}
      actions={may(person, "register") ? <Link to={`/register?camera=${file.id}`}>{t("file.whoSaw")}</Link> : undefined}
    />
  );
}
