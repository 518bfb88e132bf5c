import { CheckCircleOutlined, EditOutlined, ExclamationCircleOutlined, PlusOutlined, QuestionCircleOutlined, StopOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState, type JSX, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import type { Person } from "../../api/client";
import { useDutiesOf } from "../../api/duties";
import { useParts, usePlace, type Part, type Place } from "../../api/places";
import { RefLink } from "../../shared/form/RefLink";
import { useLawCodeName } from "../../shared/inventory/codes";
import { LawLink } from "../../shared/LawLink";
import { Moment } from "../../shared/Interval";
import { OwedCard, RecordsAbout } from "../../shared/office/About";
import { RecordHeader } from "../../shared/office/RecordHeader";
import { may } from "../../shared/rights";
import { Failed, Loading } from "../../shared/States";
import { KIND_LISTS, PART_LISTS } from "./lists";
import type { Classifying } from "./ClassifyForms";
import { Marks } from "./PlaceList";

const PlaceForm = lazy(() => import("./PlaceForm"));
const PartForm = lazy(() => import("./PartForm"));
const ReviewForm = lazy(() => import("./ReviewForm"));

const ClassifyForm = lazy(() => import("./ClassifyForms"));
const PlaceMap = lazy(() => import("./PlaceMap"));

const REVIEWERS = ["city_data_authority", "public_security", "workgroup_office"];
type Open = { kind: "place" } | { kind: "part"; part: Part | null } | { kind: "review"; part: Part } | { kind: Classifying } | null;

/** One place: what it is, and its parts with what may be in each. */
export default function PlacePage({ person }: { person: Person }): JSX.Element {
  const { place: id = "" } = useParams();
  const place = usePlace(id);
  const duties = useDutiesOf([id]);
  const [open, setOpen] = useState<Open>(null);
  if (place.data === undefined) return place.isError ? <Failed error={place.error} /> : <Loading />;
  const close = (): void => setOpen(null);
  return (
    <div className="page places" data-testid="place-page">
      <Head place={place.data} person={person} open={setOpen} />
      <Parts place={place.data} person={person} open={setOpen} />
      <OwedCard duties={duties} />
      <RecordsAbout person={person} subjects={{ place: id }} />
      <Suspense>
        {open?.kind === "place" && <PlaceForm person={person} place={place.data} close={close} done={close} />}
        {(open?.kind === "reclassify" || open?.kind === "likeness") && <ClassifyForm person={person} place={place.data} how={open.kind} close={close} />}
        {open?.kind === "part" && <PartForm person={person} place={place.data} part={open.part} close={close} />}
        {open?.kind === "review" && <ReviewForm person={person} part={open.part} close={close} />}
      </Suspense>
    </div>
  );
}

function Head({ place, person, open }: { place: Place; person: Person; open: (what: Open) => void }): JSX.Element {
  const { t } = useTranslation();
  const kind = useLawCodeName(...KIND_LISTS);
  const category = useLawCodeName("key_place_category");
  const division = useLawCodeName("division");
  const facts: [string, ReactNode][] = [
    [t("places.division"), division(place.division)],
    [t("places.category"), place.categories.map(category).join(" · ") || "–"],
    ...(place.likeness_confirmed_by === "" ? [] : [[t("places.likeConfirmed"), t("places.likeBy", { who: place.likeness_confirmed_by, note: place.likeness_note })] as [string, ReactNode]]),
    [t("places.columns.address"), place.address || "–"],
    [t("places.fields.operator"), place.operator === null ? "–" : <RefLink to="organisation" id={place.operator} />],
    [t("places.columns.changed"), <Moment key="at" at={place.changed_at} />],
  ];
  return (
    <RecordHeader
      back={{ to: "/places", label: t("places.back") }}
      number={kind(place.kind)}
      title={place.name}
      state={<Marks place={place} none="" />}
      facts={facts}
      actions={
        <>
          <Link to={`/cameras?place=${place.id}`}>{t("places.camerasOf")}</Link>{" "}
          {classifyingOf(place, person).map((how) => (
            <Button key={how} onClick={() => open({ kind: how })}>
              {t(`places.${how}`)}
            </Button>
          ))}
          {may(person, "baseChange") && (
            <Button icon={<EditOutlined />} onClick={() => open({ kind: "place" })}>
              {t("places.edit")}
            </Button>
          )}
        </>
      }
    />
  );
}

/** As `api/routes/places.py`: what this person may decide about the categories of a place. */
function classifyingOf(place: Place, person: Person): Classifying[] {
  const has = (...roles: string[]): boolean => person.roles.some((role) => roles.includes(role));
  const isToConfirm = place.likeness_confirmed_by === "" && (place.categories.length === 0 || place.is_like_those_named);
  return [...(has("city_data_authority") ? ["reclassify" as const] : []), ...(isToConfirm && has("city_data_authority", "public_security") ? ["likeness" as const] : [])];
}

function Parts({ place, person, open }: { place: Place; person: Person; open: (what: Open) => void }): JSX.Element {
  const { t } = useTranslation();
  const parts = useParts(place.id);
  if (parts.data === undefined) return parts.isError ? <Failed error={parts.error} retry={() => void parts.refetch()} /> : <Loading />;
  const { items, owed, needs_review: needsKey } = parts.data;
  return (
    <>
      <Suspense fallback={<Loading />}>
        <PlaceMap place={place} parts={items} />
      </Suspense>
      <section className="card-plain" aria-labelledby="parts">
        <header className="parts-head">
          <h2 id="parts">{t("places.parts")}</h2>
          <span className="fine">
            {t("places.owed", { n: owed })} <LawLink article="8" />
          </span>
          {may(person, "baseChange") && (
            <Button icon={<PlusOutlined />} onClick={() => open({ kind: "part", part: null })}>
              {t("places.addPart")}
            </Button>
          )}
        </header>
        {needsKey && (
          <p className="tone-warn">
            <ExclamationCircleOutlined /> {t("places.needsKey")}
          </p>
        )}
        {items.length === 0 && <p className="fine">{t("places.noParts")}</p>}
        <ul className="part-list">
          {items.map((part) => (
            <PartRow key={part.id} part={part} person={person} open={open} />
          ))}
        </ul>
      </section>
    </>
  );
}

const LOOKS: Record<Part["privacy"], { tone: string; icon: ReactNode }> = {
  open: { tone: "good", icon: <CheckCircleOutlined /> },
  banned: { tone: "bad", icon: <StopOutlined /> },
  needs_review: { tone: "warn", icon: <QuestionCircleOutlined /> },
};

function PartRow({ part, person, open }: { part: Part; person: Person; open: (what: Open) => void }): JSX.Element {
  const { t } = useTranslation();
  const kind = useLawCodeName(...PART_LISTS);
  const { tone, icon } = LOOKS[part.privacy];
  const isReviewer = person.roles.some((role) => REVIEWERS.includes(role));
  return (
    <li data-part={part.id} data-privacy={part.privacy}>
      <span className={`state-tag tone-${tone}`}>
        {icon} {t(`places.privacy.${part.privacy}`)}
      </span>
      <div>
        <b>{part.name}</b> <span className="fine">{[kind(part.kind), part.floor === "" ? "" : t("places.floor", { floor: part.floor }), part.is_key ? t("places.key") : ""].filter((text) => text !== "").join(" · ")}</span>
        {part.privacy === "banned" && (
          <p className="fine">
            {t("places.bannedHint")} <LawLink article="9" />
          </p>
        )}
        {part.privacy === "needs_review" && <p className="fine">{t("places.reviewHint")}</p>}
        {part.reviewer !== "" && <p className="fine">{t("places.reviewed", { who: part.reviewer, reason: part.review_reason })}</p>}
      </div>
      <span className="part-actions">
        {isReviewer && part.privacy === "needs_review" && (
          <Button size="small" type="primary" onClick={() => open({ kind: "review", part })}>
            {t("places.review")}
          </Button>
        )}
        {may(person, "baseChange") && (
          <Button size="small" icon={<EditOutlined />} aria-label={t("places.editPart", { name: part.name })} onClick={() => open({ kind: "part", part })} />
        )}
      </span>
    </li>
  );
}
