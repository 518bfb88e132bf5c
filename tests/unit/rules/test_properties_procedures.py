"""The same properties for looking, installing, entering service, filing and restoring."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bingjian.rules.civil import DAY, TICK, start_of_day
from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.decisions.access import Application, AuthorityDocument, Officer
from bingjian.rules.decisions.filing import is_on_time
from bingjian.rules.decisions.privacy import Change, Part, Review, Seen, is_open, may_record, may_view
from bingjian.rules.decisions.restoring import is_restored_in_time
from bingjian.rules.decisions.service import may_enter_service
from bingjian.rules.decisions.serving import Entry, may_serve
from bingjian.rules.library import law
from tests.unit.rules.decisions import test_access as access
from tests.unit.rules.decisions import test_restoring as restoring
from tests.unit.rules.decisions import test_service as service
from tests.unit.rules.decisions import test_serving as serving
from tests.unit.rules.decisions.test_filing import due_of, private
from tests.unit.rules.test_properties import by_order, moves
from tests.unit.rules.times import beijing

Answer = Grant | Refusal

# Officers and papers, some of them good.
cards = st.builds(
    lambda kind, number, valid_to, seen: access.Certificate(kind, number, "Harbin police", valid_to, seen),
    st.sampled_from(["work_card", "enforcement_card", "bus_pass"]),
    st.sampled_from(["1", "2", "3", ""]),
    st.sampled_from([None, date(2026, 11, 25), date(2026, 11, 26), date(2027, 1, 1)]),
    st.booleans(),
)
officers = st.builds(
    Officer,
    st.sampled_from(["a", "b", "c", ""]),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["court", "police"]),
    st.none() | cards,
    st.sampled_from(["v1", "v2", ""]),
)
documents = st.builds(
    AuthorityDocument,
    st.sampled_from(["approval", "introduction_letter", "note"]),
    st.sampled_from(["7", ""]),
    st.sampled_from(["court", "police", "garage"]),
    st.sampled_from([None, date(2026, 11, 25), date(2026, 11, 27)]),
    st.sampled_from(["hash", ""]),
)
applications = st.builds(
    lambda group, papers, cameras: access.application(
        officers=tuple(group), documents=tuple(papers), cameras=tuple(cameras)
    ),
    st.lists(officers, max_size=4) | st.just([access.officer("a"), access.officer("b")]),
    st.lists(documents, max_size=3) | st.just([*access.application().documents]),
    st.lists(st.sampled_from(["c1", "c2", "c*"]), max_size=3),
)


def same_whatever_the_order(asked: Application, data: st.DataObject) -> None:
    for name in ("officers", "documents", "cameras"):

        def question(some: Iterable[object], name: str = name) -> Answer:
            return access.answer(replace(asked, **{name: tuple(some)}))  # type: ignore[arg-type]

        by_order(question, [*getattr(asked, name)], data)


@given(applications, st.data())
def test_R22_1_the_order_of_officers_papers_and_cameras_does_not_matter(
    asked: Application, data: st.DataObject
) -> None:
    same_whatever_the_order(asked, data)


@given(applications, officers, documents, st.sampled_from(["c3", "*"]))
def test_R22_1_no_fact_that_no_remedy_asks_for_opens_the_way(
    asked: Application, officer: Officer, document: AuthorityDocument, camera: str
) -> None:
    """Urgency, more cameras, an officer without a good certificate, a paper of a unit that sent nobody."""
    before = access.answer(asked)
    if isinstance(before, Grant):
        return
    bare = replace(officer, certificate=None)
    stranger = replace(document, unit="garage")
    for more in (
        replace(asked, is_urgent=True),
        replace(asked, cameras=(*asked.cameras, camera)) if asked.cameras else asked,
        replace(asked, officers=(*asked.officers, bare)),
        replace(asked, documents=(*asked.documents, stranger)),
    ):
        assert isinstance(access.answer(more), Refusal)


@given(applications)
def test_R22_2_an_application_moves_with_the_days_of_its_papers_alone(asked: Application) -> None:
    ends = [each.certificate.valid_to for each in asked.officers if each.certificate]
    named = [start_of_day(day) + DAY for day in ends if day] + [
        start_of_day(paper.issued) for paper in asked.documents if paper.issued
    ]
    moves(lambda at: access.answer(asked, at), access.NOW - 10 * DAY, access.NOW + 100 * DAY, named)


@given(st.integers(0, 10_000), st.integers(-10_000, 10_000))
def test_R22_8_serving_moves_where_it_is_registered_and_where_the_grant_ends(ago: int, later: int) -> None:
    written = serving.NOW - timedelta(seconds=ago)
    grant = replace(serving.grant(), expires=serving.NOW + timedelta(seconds=later))
    use = serving.use()
    entry = Entry(written, use.persons, use.cameras, use.purpose, "archive")
    named = [written, grant.expires + TICK]
    moves(lambda at: may_serve(law(), grant, use, entry, at), written - DAY, written + 3 * DAY, named)


# --- where a camera looks

kinds = st.sampled_from([*law().codes("prohibited_place"), *law().codes("open_part"), "prayer room"])
reviews = st.none() | st.builds(Review, st.sampled_from(["王", ""]), st.booleans(), st.just("看过"))
parts = st.builds(Part, kinds, reviews, st.sampled_from([(), ("hospitality_commerce",)]))
views = st.lists(
    st.builds(
        lambda part, cells, covered: Seen(part, cells, None if covered is None else max(cells - covered, 0)),
        parts,
        st.integers(0, 3),
        st.none() | st.integers(0, 3),
    ),
    max_size=4,
)


@given(views, st.data())
def test_R9_4_the_order_of_what_is_seen_does_not_matter(seen: list[Seen], data: st.DataObject) -> None:
    by_order(lambda some: may_view(law(), some), [*seen], data)  # type: ignore[arg-type]


@given(views, views)
def test_R9_4_seeing_more_opens_no_view(seen: list[Seen], more: list[Seen]) -> None:
    if isinstance(may_view(law(), seen), Refusal):
        assert isinstance(may_view(law(), [*seen, *more]), Refusal)


@given(parts, st.integers(-100, 100))
def test_R9_5_recording_moves_where_the_part_changed(part: Part, hours: int) -> None:
    change = Change(part, service.NOW + timedelta(hours=hours))
    moves(lambda at: may_record(law(), change, at), change.at - 9 * DAY, change.at + 9 * DAY, [change.at])
    assert isinstance(may_record(law(), change, change.at), Grant) is is_open(law(), part)


# --- entering service, filing, restoring


@given(st.sets(st.sampled_from(sorted(service.LACKS)), max_size=5), st.sampled_from(sorted(service.LACKS)))
def test_R16_3_one_lack_more_never_opens_the_way(lacks: set[str], more: str) -> None:
    def refusals(names: set[str]) -> int:
        return len(all_of(may_enter_service(law(), service.lacking(*sorted(names)), service.NOW)))

    assert (refusals(lacks) == 0) is (not lacks)
    if lacks:
        assert refusals(lacks | {more}) > 0


@given(st.sets(st.sampled_from(sorted(service.LACKS)), max_size=3), st.data())
def test_R16_3_the_order_of_papers_units_and_checks_does_not_matter(
    lacks: set[str], data: st.DataObject
) -> None:
    ready = service.lacking(*sorted(lacks))
    for name in ("places", "products", "units", "checks", "papers", "archived"):

        def question(some: Iterable[object], name: str = name) -> Answer:
            changed = replace(ready, **{name: tuple(some)})  # type: ignore[arg-type]
            return may_enter_service(law(), changed, service.NOW)

        by_order(question, [*getattr(ready, name)], data)


@given(st.dates(date(2025, 1, 1), date(2040, 1, 1)))
def test_R18_1_a_filing_moves_at_the_end_of_its_term_alone(accepted: date) -> None:
    due = due_of(private(accepted.isoformat()))

    def question(at: datetime) -> Answer:
        return is_on_time(law(), due, at, at)

    moves(question, beijing(accepted.isoformat()), due.until + 400 * DAY, [due.until])


def test_R19_8_restoring_moves_once_after_its_hours() -> None:
    last = restoring.LOST + restoring.DAY

    def question(at: datetime) -> Answer:
        return is_restored_in_time(law(), restoring.LOSS, restoring.MOVE, "某公司", None, at)

    moves(question, restoring.LOST + 2 * restoring.SECOND, last + 9 * DAY, [last + TICK])
