"""What holds of every rule: law never frees, order never decides, time moves at named instants."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.decisions.intact import Count, is_rate_met
from bingjian.rules.decisions.keeping import Mark, MarkState, may_mark, state_of
from bingjian.rules.decisions.records import is_complete
from bingjian.rules.decisions.register import Entry, may_enter
from bingjian.rules.decisions.retention import Keeping, OtherLaw, longest, may_remove, terms_of
from bingjian.rules.decisions.staffing import Contract, Training, may_act_for, may_take_post, valid_until
from bingjian.rules.decisions.upkeep import Responsible, has_one_responsible_body, outages
from bingjian.rules.decisions.validity import basis
from bingjian.rules.decisions.watch import is_roster_complete, is_watched
from bingjian.rules.law import Law
from bingjian.rules.library import law, published
from bingjian.rules.spans import Span, gaps
from tests.unit.rules.fictitious import code, edition, parameter
from tests.unit.rules.times import TICK, beijing, instants, keepings

DAY = timedelta(days=1)
START = beijing("2026-03-01")
PLAN = Span(START, START + DAY)
Answer = Grant | Refusal

minutes = st.integers(0, 24 * 60)
spans = st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: between(*pair))
terms = st.sampled_from(["retention.default", "retention.term.counter_terror", "retention.term.x"])


def between(first: int, second: int) -> Span:
    """In minutes of one day."""
    low, high = sorted((first, second))
    return Span(START + timedelta(minutes=low), START + timedelta(minutes=high))


# --- adding a rule, or an edition, never shortens a term


@given(terms, st.integers(30, 400), instants, keepings, st.booleans())
def test_R28_4_an_edition_that_comes_to_it_never_shortens(
    key: str, days: int, end: datetime, keeping: Keeping, marked: bool
) -> None:
    more = law().adding(edition(parameter(key, days, "days", "least")))
    _, before = longest(terms_of(law(), keeping, marked=marked), end)
    _, after = longest(terms_of(more, keeping, marked=marked), end)
    assert after >= before
    assert isinstance(may_remove(law(), end, keeping, marked, 0, before - TICK), Refusal)
    assert isinstance(may_remove(more, end, keeping, marked, 0, before - TICK), Refusal)


@given(st.sampled_from(sorted(law().limits)), st.integers(30, 100_000))
def test_a_second_number_of_a_key_only_makes_it_stricter(key: str, value: int) -> None:
    limit = law().limit(key)
    more = law().adding(edition(parameter(key, value, limit.unit, limit.bound)))
    bound = max if limit.bound == "least" else min
    assert more.number(key) == bound(limit.value, value)
    assert set(limit.articles) <= set(more.limit(key).articles)


@given(st.permutations(law().editions))
def test_the_order_of_editions_does_not_matter(editions: list[object]) -> None:
    other = Law(editions)  # type: ignore[arg-type]
    assert dict(other.limits) == dict(law().limits)
    assert {one: other.cited(one) for one in other.duties} == {one: law().cited(one) for one in law().duties}


@given(
    instants, keepings, st.lists(st.builds(OtherLaw, st.integers(1, 400), st.text(min_size=1)), max_size=3)
)
def test_R28_4_a_rule_more_never_shortens(end: datetime, keeping: Keeping, more: list[OtherLaw]) -> None:
    longer = replace(keeping, other_laws=(*keeping.other_laws, *more))
    before = longest(terms_of(law(), keeping, marked=False), end)[1]
    assert longest(terms_of(law(), longer, marked=False), end)[1] >= before


# --- adding a fact turns no refusal into a grant, unless it is what the remedy asks for


@given(instants, keepings, st.integers(0, 800), st.booleans(), st.integers(0, 2))
def test_a_hold_a_mark_or_a_class_more_frees_nothing(
    end: datetime, keeping: Keeping, days: int, marked: bool, holds: int
) -> None:
    now = end + days * DAY
    if isinstance(may_remove(law(), end, keeping, marked, holds, now), Grant):
        return
    for more in (
        may_remove(law(), end, keeping, True, holds, now),
        may_remove(law(), end, keeping, marked, holds + 1, now),
        may_remove(law(), end, replace(keeping, counter_terror=True), marked, holds, now),
    ):
        assert isinstance(more, Refusal)


@given(st.integers(0, 500), st.integers(0, 500))
def test_R25_7_a_camera_that_fails_never_mends_the_rate(good: int, bad: int) -> None:
    if isinstance(is_rate_met(law(), Count(good, good + bad)), Refusal):
        assert isinstance(is_rate_met(law(), Count(good, good + bad + 1)), Refusal)


@given(
    st.lists(st.sampled_from(["job_skills", "secrecy"]), max_size=3), st.integers(0, 400), st.integers(0, 400)
)
def test_R25_3_only_the_training_that_the_remedy_asks_for_helps(
    kinds: list[str], ago: int, other: int
) -> None:
    now = START + 500 * DAY
    passed = [Training(kind, now - ago * DAY) for kind in kinds]
    before = may_take_post(law(), passed, now)
    assert len(all_of(may_take_post(law(), [*passed, Training("first_aid", now)], now))) == len(
        all_of(before)
    )
    assert len(all_of(may_take_post(law(), [*passed, Training("secrecy", now - other * DAY)], now))) <= len(
        all_of(before)
    )


# --- the same facts, the same bytes; and their order does not matter

trainings = st.lists(
    st.builds(
        Training,
        st.sampled_from(["job_skills", "secrecy"]),
        st.integers(0, 900).map(lambda d: START - d * DAY),
    ),
    max_size=5,
)
bodies = st.lists(
    st.builds(
        lambda unit, span, ends: Responsible(unit, "1", span.start, span.end if ends else None),
        st.sampled_from(["甲", "乙", "丙"]),
        spans,
        st.booleans(),
    ),
    max_size=4,
)


def by_order(
    question: Callable[[Iterable[object]], object], facts: list[object], data: st.DataObject
) -> None:
    """The same answer to the same facts, twice and in another order, to the byte."""
    first = question(facts)
    assert repr(question(list(facts))).encode() == repr(first).encode()
    assert repr(question(data.draw(st.permutations(facts)))).encode() == repr(first).encode()


@given(trainings, st.data())
def test_order_of_trainings(facts: list[Training], data: st.DataObject) -> None:
    by_order(lambda some: may_take_post(law(), some, START), [*facts], data)  # type: ignore[arg-type]


@given(bodies, st.data())
def test_order_of_responsible_bodies(facts: list[Responsible], data: st.DataObject) -> None:
    now = START + DAY
    by_order(lambda some: has_one_responsible_body(law(), some, START, now), [*facts], data)  # type: ignore[arg-type]


@given(st.lists(spans, max_size=5), st.data())
def test_order_of_recorded_spans(facts: list[Span], data: st.DataObject) -> None:
    for question in (outages, is_complete, is_roster_complete):
        by_order(lambda some, ask=question: ask(law(), PLAN, some), [*facts], data)  # type: ignore[misc]


@given(
    instants,
    st.booleans(),
    st.lists(st.builds(OtherLaw, st.integers(1, 400), st.text()), max_size=4),
    st.data(),
)
def test_order_of_other_laws(end: datetime, marked: bool, facts: list[OtherLaw], data: st.DataObject) -> None:
    def until(some: Iterable[object]) -> object:
        keeping = Keeping(other_laws=tuple(some))  # type: ignore[arg-type]
        return longest(terms_of(law(), keeping, marked=marked), end)[1]

    by_order(until, [*facts], data)


# --- spans


@given(st.lists(spans, max_size=6), minutes)
def test_an_instant_lies_in_a_gap_exactly_if_no_span_covers_it(covered: list[Span], minute: int) -> None:
    at = START + timedelta(minutes=minute, seconds=30)
    if at in PLAN:
        assert any(at in gap for gap in gaps(PLAN, covered)) is not any(at in span for span in covered)


# --- time moves a decision only at the instants that are named for it


def moves(
    question: Callable[[datetime], object], first: datetime, last: datetime, named: Iterable[datetime]
) -> None:
    """Between two named instants the answer is the same."""
    edges = sorted({first, last, *(at for at in named if first < at <= last)})
    for begin, end in pairwise(edges):
        inside = [begin, begin + TICK, begin + (end - begin) / 2, end - TICK]
        answers = {is_grant(question(at)) for at in inside if begin <= at < end}
        assert len(answers) <= 1


def is_grant(answer: object) -> object:
    return isinstance(answer, Grant) if isinstance(answer, Grant | Refusal) else answer


@given(instants, keepings, st.booleans())
def test_removal_moves_at_the_end_of_the_longest_term_alone(
    end: datetime, keeping: Keeping, marked: bool
) -> None:
    until = longest(terms_of(law(), keeping, marked=marked), end)[1]
    moves(lambda at: may_remove(law(), end, keeping, marked, 0, at), end, until + 900 * DAY, [until])


@given(trainings)
def test_a_post_moves_where_a_training_begins_or_ends(facts: list[Training]) -> None:
    named = [at for each in facts for at in (each.passed, valid_until(law(), each))]
    moves(lambda at: may_take_post(law(), facts, at), START - 1000 * DAY, START + 800 * DAY, named)


@given(st.integers(1, 400))
def test_a_contract_moves_at_its_ends(days: int) -> None:
    contract = Contract("甲", "乙", frozenset({"repair"}), START, START + days * DAY)
    named = [contract.start, contract.end + TICK]
    moves(lambda at: may_act_for(law(), contract, "repair", at), START - DAY, START + 500 * DAY, named)


@given(st.integers(0, 900))
def test_a_mark_moves_where_its_review_is_due(days: int) -> None:
    mark = Mark("案件", "王", START + timedelta(hours=days))
    assert isinstance(may_mark(law(), mark), Grant)
    due = [at for at in (START + hours * timedelta(hours=24) for hours in range(250)) if at > mark.marked]
    changes = [at for at in due if state_of(law(), mark, at) is not state_of(law(), mark, at - TICK)]
    assert len(changes) == 1
    assert state_of(law(), mark, changes[0]) is MarkState.REVIEW_DUE


@given(st.sampled_from(sorted(law().duties)))
def test_R36_3_a_basis_moves_on_the_first_and_after_the_last_day_alone(duty: str) -> None:
    city = published(START.date())
    end = beijing("2028-03-01")
    moves(
        lambda at: basis(city, duty, at),
        START - 900 * DAY,
        end + 900 * DAY,
        [START, end, beijing("2025-04-01")],
    )


def test_R25_9_an_unsigned_watch_moves_once() -> None:
    alarm = START + timedelta(minutes=10) + TICK
    moves(lambda at: is_watched(law(), START, at), START, START + DAY, [alarm])


@given(st.text(max_size=3))
def test_R25_12_what_another_edition_asks_is_refused_until_it_is_given(value: str) -> None:
    more = law().adding(edition(code("register_field", "case_number")))
    entry = Entry(
        ("张",), PLAN, "案件", "分局", "分局", "录像", ("c1",), PLAN, "ab", True, {"case_number": value}
    )
    assert isinstance(may_enter(law(), entry), Grant)
    assert isinstance(may_enter(more, entry), Grant) is bool(value.strip())
