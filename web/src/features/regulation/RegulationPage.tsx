import { SearchOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { useDeferredValue, useEffect, useMemo, useState, type JSX } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate, useParams } from "react-router";

import { useRegulation, type Regulation } from "../../api/regulation";
import { regulationEn } from "../../shared/dictionaries/regulation.en";
import { regulationZhCN } from "../../shared/dictionaries/regulation.zh-CN";
import { addWords } from "../../shared/i18n";
import { Empty, Failed, Loading } from "../../shared/States";
import { ConflictList } from "./Conflicts";
import { Contents } from "./Contents";
import { EditionHead } from "./EditionHead";
import { besideOf, matched } from "./match";
import { articleAnchor, conflictAnchor, dutyAnchor, ReaderProvider, useTongue } from "./reader";
import "./regulation.css";
import { Rows } from "./Rows";
import { find, parseQuery, type Found, type Query, type Tongue } from "./search";

addWords({ "zh-CN": regulationZhCN, en: regulationEn });

/** The law as a document: what it wants, of whom, what the platform does about it, and what it refuses. */
export default function RegulationPage(): JSX.Element {
  const regulation = useRegulation();
  if (regulation.data !== undefined) return <Document regulation={regulation.data} />;
  return regulation.isError ? <Failed error={regulation.error} retry={() => void regulation.refetch()} /> : <Loading />;
}

function Document({ regulation }: { regulation: Regulation }): JSX.Element {
  const { t } = useTranslation();
  const tongue = useTongue();
  const { article = null } = useParams();
  const marked = decodeURIComponent(useLocation().hash.slice(1)) || null;
  const [typed, setTyped] = useTyped();
  const query = useMemo(() => parseQuery(typed), [typed]);
  const shownQuery = useDeferredValue(query);
  const found = useFound(regulation, shownQuery, tongue);
  const whole = useMemo(() => matched(regulation), [regulation]);
  const reader = useMemo(
    () => ({ terms: shownQuery?.terms ?? [], marked, beside: besideOf(regulation.editions) }),
    [shownQuery, marked, regulation],
  );
  useArrival(article, marked);
  const hits = useMemo(() => (found === null ? null : new Set(found.articles.keys())), [found]);
  const isEmpty = found !== null && found.articles.size === 0 && found.conflicts.size === 0;
  const conflicts = regulation.conflicts.filter(({ code }) => found === null || found.conflicts.has(code));
  const [first] = regulation.editions;
  return (
    <ReaderProvider value={reader}>
      <div className="regulation" data-testid="regulation-page">
        <aside className="law-side">
          <SearchBox typed={typed} onType={setTyped} found={found} first={firstOf(regulation, found)} />
          <Sidebar narrow={useNarrow()}>
            <Contents editions={regulation.editions} only={hits} search={searchOf(typed)} here={article} hasConflicts={conflicts.length > 0} />
          </Sidebar>
        </aside>
        <div className="law-document">
          <header className="law-head">
            <h1>{t("regulation.title")}</h1>
            <p className="fine">{t("regulation.lead", { city: first?.title[tongue] ?? "" })}</p>
            {found === null && (
              <div className="law-editions">
                {regulation.editions.map((edition) => (
                  <EditionHead key={edition.code} edition={edition} />
                ))}
              </div>
            )}
          </header>
          <Lost regulation={regulation} article={article} marked={marked} />
          {isEmpty && (
            <Empty
              icon={<SearchOutlined />}
              title={t("regulation.foundNone", { q: typed.trim() })}
              hint={t("regulation.foundNoneHint")}
              action={{ label: t("regulation.clear"), run: () => setTyped("") }}
            />
          )}
          <Rows regulation={regulation} matched={whole} found={found} />
          <div id="conflicts" tabIndex={-1}>
            <ConflictList conflicts={conflicts} />
          </div>
        </div>
      </div>
    </ReaderProvider>
  );
}

const searchOf = (typed: string): string => (typed.trim() === "" ? "" : `?q=${encodeURIComponent(typed.trim())}`);

function useFound(regulation: Regulation, query: Query | null, tongue: Tongue): Found | null {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const words = { zh: i18n.getFixedT("zh-CN"), en: i18n.getFixedT("en") };
    const unit = (name: string, of: Tongue): string => words[of](`regulation.units.${name}`);
    return query === null ? null : find(regulation, query, tongue, unit);
  }, [regulation, query, tongue, i18n]);
}

const TYPING = "typing"; // the address changes because somebody types: they stay where they are

/** What is searched for; the address follows, so that it can be passed on, and leads when one comes by a link. */
function useTyped(): [string, (typed: string) => void] {
  const { pathname, search, hash, state } = useLocation();
  const navigate = useNavigate();
  const inAddress = new URLSearchParams(search).get("q") ?? "";
  const [typed, setTyped] = useState(inAddress);
  useEffect(() => {
    if (state !== TYPING) setTyped(inAddress);
  }, [inAddress, state]);
  useEffect(() => {
    if (typed.trim() === inAddress) return;
    const follow = (): void => void navigate({ pathname, search: searchOf(typed), hash }, { replace: true, state: TYPING });
    const timer = window.setTimeout(follow, 300);
    return () => window.clearTimeout(timer);
    // Only what is typed moves the address; a link that clears it has its own.
  }, [typed]);
  return [typed, setTyped];
}

/** Brings what the address names into view, and the keyboard with it. */
function useArrival(article: string | null, marked: string | null): void {
  const { key, state } = useLocation();
  useEffect(() => {
    if (state === TYPING) return;
    const anchors = [marked === null ? [] : [dutyAnchor(marked), conflictAnchor(marked), marked], article === null ? [] : [articleAnchor(article)]].flat();
    const place = anchors.map((id) => document.getElementById(id)).find((element) => element !== null);
    if (place === undefined || place === null) return;
    document.querySelector(".law-contents [aria-current]")?.scrollIntoView({ block: "nearest" });
    // The article's heading on top, unless its duty then lies below the fold.
    (place.closest(".law-article") ?? place).scrollIntoView({ block: "start" });
    place.scrollIntoView({ block: "nearest" });
    place.focus({ preventScroll: true });
  }, [key, state, article, marked]);
}

const NARROW = "(max-width: 900px)";

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => window.matchMedia(NARROW).matches);
  useEffect(() => {
    const media = window.matchMedia(NARROW);
    const follow = (): void => setNarrow(media.matches);
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  return narrow;
}

/** On a narrow screen the contents fold away. */
function Sidebar({ narrow, children }: { narrow: boolean; children: JSX.Element }): JSX.Element {
  const { t } = useTranslation();
  const { key } = useLocation();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [key]);
  if (!narrow) return children;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("regulation.contents")}</summary>
      {children}
    </details>
  );
}

/** The first article to go to: the one asked for by number, else the first that holds the words. */
function firstOf({ editions }: Regulation, found: Found | null): string | null {
  const hits = editions.flatMap(({ articles }) => articles).flatMap(({ id }) => (found?.articles.has(id) ? [id] : []));
  return hits.find((id) => found?.articles.get(id)?.exact) ?? hits[0] ?? null;
}

interface SearchProps {
  typed: string;
  onType: (typed: string) => void;
  found: Found | null;
  first: string | null;
}

function SearchBox({ typed, onType, found, first }: SearchProps): JSX.Element {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const goTo = (): void => {
    if (first !== null) void navigate({ pathname: `/regulation/${first}`, search: searchOf(typed) });
  };
  return (
    <div className="law-search" role="search">
      <Input
        allowClear
        prefix={<SearchOutlined />}
        aria-label={t("regulation.search")}
        placeholder={t("regulation.search")}
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onPressEnter={(event) => !event.nativeEvent.isComposing && goTo()}
        onKeyDown={(event) => event.key === "Escape" && onType("")}
      />
      <p className="fine" role="status" data-testid="law-found">
        {found === null ? t("regulation.searchHint") : t("regulation.found", { q: typed.trim(), n: found.articles.size })}
      </p>
    </div>
  );
}

/** The address names what is not here. */
function Lost({ regulation, article, marked }: { regulation: Regulation; article: string | null; marked: string | null }): JSX.Element | null {
  const { t } = useTranslation();
  const there = regulation.editions.flatMap(({ articles }) => articles).find(({ id }) => id === article);
  const hasDuty = marked === null || article === null || there?.duties.some(({ code }) => code === marked) === true;
  if (article === null || (there !== undefined && hasDuty)) return null;
  return (
    <p className="law-lost" role="alert">
      {there === undefined ? t("regulation.noArticle", { id: article }) : t("regulation.noDuty", { code: marked })}{" "}
      <Link className="law-link" to="/regulation">
        {t("regulation.toStart")}
      </Link>
    </p>
  );
}
