"""Terms one step before, at and after their end; who may release, pause, admit."""

import inspect
from dataclasses import FrozenInstanceError, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.decisions import retention
from bingjian.rules.decisions.retention import (
    Keeping,
    OtherLaw,
    TermKind,
    days_to_keep,
    default_term,
    expirable_before,
    longest,
    may_admit,
    may_end_recording,
    may_pause,
    may_release,
    may_remove,
    may_set_term,
    terms_of,
    united,
)
from bingjian.rules.edition import Article, Kind, Words
from bingjian.rules.law import Standing, standing
from bingjian.rules.library import HARBIN, law, packaged, published
from tests.unit.rules.times import SECOND, TICK, beijing, instants, keepings

ORDINARY = Keeping()
KEY_TARGET = Keeping(counter_terror=True)
DAY = timedelta(days=1)
CITY = packaged(HARBIN).title
HOLDING = Article(CITY, 27, 2)
RETENTION = Article(CITY, 28, 2)
DECREE = Article(packaged("decree_799").title, 17)
COUNTER_TERRORISM = Article(packaged("counter_terrorism_law_2018").title, 32)


def refused(answer: Grant | Refusal) -> Refusal:
    assert isinstance(answer, Refusal)
    for words in (answer.reason, answer.remedy):
        assert words.zh
        assert words.en
    return answer


def codes(answer: Grant | Refusal) -> list[str]:
    """Of everything that refuses; none if granted."""
    return [each.code for each in all_of(answer)]


ENDS = [  # keeping, marked, code, end of the footage, first free instant
    (ORDINARY, False, "R28.1", "2026-03-01 00:00:00", "2026-04-01"),
    (ORDINARY, False, "R28.1", "2026-03-01 12:00:00", "2026-04-01"),
    (ORDINARY, False, "R28.1", "2026-03-01 23:59:59.999999", "2026-04-01"),
    (ORDINARY, False, "R28.1", "2026-03-02 00:00:00", "2026-04-02"),
    (ORDINARY, False, "R28.1", "2026-03-02 07:59:59", "2026-04-02"),  # still 1 March in UTC
    (ORDINARY, False, "R28.1", "2028-01-31 12:00:00", "2028-03-02"),
    (ORDINARY, False, "R28.1", "2026-12-31 12:00:00", "2027-01-31"),
    (KEY_TARGET, False, "R28.2", "2026-03-01 12:00:00", "2026-05-31"),
    (KEY_TARGET, False, "R28.2", "2027-12-01 12:00:00", "2028-03-01"),
    (KEY_TARGET, False, "R28.2", "2026-12-01 12:00:00", "2027-03-02"),
    (ORDINARY, True, "R28.3", "2026-03-01 12:00:00", "2028-03-02"),
    (ORDINARY, True, "R28.3", "2028-02-29 12:00:00", "2030-03-01"),
    (KEY_TARGET, True, "R28.3", "2026-12-31 23:00:00", "2029-01-01"),
    (Keeping(other_laws=(OtherLaw(180, "某法第五条"),)), False, "R28.5", "2026-03-01 12:00:00", "2026-08-29"),
    (Keeping(True, (OtherLaw(31, "某法"),)), False, "R28.2", "2026-03-01 12:00:00", "2026-05-31"),
    (Keeping(other_laws=(OtherLaw(800, "某法"),)), True, "R28.5", "2026-03-01 12:00:00", "2028-05-10"),
]


@pytest.mark.parametrize(("keeping", "marked", "code", "end", "free"), ENDS)
def test_R28_4_footage_goes_at_the_end_of_its_longest_term(
    keeping: Keeping, marked: bool, code: str, end: str, free: str
) -> None:
    last = beijing(free) - SECOND
    for now in (beijing(end), beijing(free) - DAY, last, beijing(free) - TICK):
        assert codes(may_remove(law(), beijing(end), keeping, marked, 0, now)) == [code]
    for now in (beijing(free), beijing(free) + SECOND):
        assert isinstance(may_remove(law(), beijing(end), keeping, marked, 0, now), Grant)


@pytest.mark.parametrize("clock", ["00:00:00", "07:59:59", "08:00:00", "23:59:59.999999"])
def test_R28_1_default_thirty_days(clock: str) -> None:
    end = beijing(f"2026-03-01 {clock}")
    for now in ("2026-03-30 12:00:00", "2026-03-31 23:59:59"):  # day 29, day 30
        assert codes(may_remove(law(), end, ORDINARY, False, 0, beijing(now))) == ["R28.1"]
    answer = may_remove(law(), end, ORDINARY, False, 0, beijing("2026-04-01"))
    assert answer == Grant((HOLDING, RETENTION, DECREE))


def test_R28_1_the_refusal_names_both_laws_the_end_and_the_length() -> None:
    answer = refused(may_remove(law(), beijing("2026-03-01"), ORDINARY, False, 0, beijing("2026-03-02")))
    assert (answer.article, answer.beside) == (RETENTION, (DECREE,))
    assert answer.reason.en == (
        "kept until 2026-04-01 00:00 (+08:00): 30 days, general term (art. 28¶2, Decree 799 art. 17)"
    )
    assert answer.reason.zh == (
        "保存至北京时间 2026-04-01 00:00：一般期限 30 日"
        "（第二十八条第二款、《公共安全视频图像信息系统管理条例》第十七条）"
    )


def test_R28_2_counter_terror_key_targets_ninety_days() -> None:
    end = beijing("2026-03-01 12:00:00")
    for now in ("2026-05-29 12:00:00", "2026-05-30 23:59:59"):  # day 89, day 90
        answer = refused(may_remove(law(), end, KEY_TARGET, False, 0, beijing(now)))
        assert (answer.code, answer.beside) == ("R28.2", (COUNTER_TERRORISM,))
    answer = may_remove(law(), end, KEY_TARGET, False, 0, beijing("2026-05-31"))
    assert answer == Grant((HOLDING, RETENTION, COUNTER_TERRORISM))


def test_CTL32_keeps_ninety_days_where_the_measures_do_not_bind() -> None:
    end = beijing("2026-03-01 12:00:00")
    without = MEASURES.at(BEFORE)
    for now in ("2026-05-29 12:00:00", "2026-05-30 23:59:59"):
        assert codes(may_remove(without, end, KEY_TARGET, False, 0, beijing(now))) == ["CTL32"]
    assert isinstance(may_remove(without, end, KEY_TARGET, False, 0, beijing("2026-05-31")), Grant)


def test_R28_3_marked_important_two_calendar_years() -> None:
    end = beijing("2026-03-01 12:00:00")
    assert codes(may_remove(law(), end, ORDINARY, True, 0, beijing("2028-03-01 23:59:59"))) == ["R28.3"]
    assert isinstance(may_remove(law(), end, ORDINARY, True, 0, beijing("2028-03-02")), Grant)
    assert "2 years" in refused(may_remove(law(), end, ORDINARY, True, 0, end)).reason.en


def test_R28_4_every_term_that_binds_is_named_the_general_one_first() -> None:
    keeping = Keeping(True, (OtherLaw(180, "某法第五条"), OtherLaw(31, "某标准")))
    terms = terms_of(law(), keeping, marked=True)
    assert [term.kind for term in terms] == [
        TermKind.DEFAULT,
        TermKind.COUNTER_TERROR,
        TermKind.OTHER_LAW,
        TermKind.OTHER_LAW,
        TermKind.IMPORTANT,
    ]
    assert [(term.days, term.years) for term in terms] == [(30, 0), (90, 0), (180, 0), (31, 0), (0, 2)]
    assert [term.citation for term in terms] == ["", "", "某法第五条", "某标准", ""]
    assert all(term.article == RETENTION for term in terms)


@given(instants, keepings, st.booleans())
def test_R28_4_the_longest_is_never_before_any_term(end: datetime, keeping: Keeping, marked: bool) -> None:
    terms = terms_of(law(), keeping, marked=marked)
    term, until = longest(terms, end)
    assert term in terms
    assert until == term.until(end) == max(each.until(end) for each in terms)
    assert until > end


@given(instants, keepings, keepings, st.booleans())
def test_R28_4_adding_a_rule_or_a_mark_never_shortens(
    end: datetime, keeping: Keeping, more: Keeping, marked: bool
) -> None:
    _, before = longest(terms_of(law(), keeping, marked=marked), end)
    _, with_mark = longest(terms_of(law(), keeping, marked=True), end)
    _, with_more = longest(terms_of(law(), united([keeping, more]), marked=marked), end)
    assert with_mark >= before
    assert with_more >= before


@given(instants, keepings, st.booleans(), st.integers(0, 3), st.integers(-2, 2))
def test_R28_4_removed_exactly_when_every_term_has_ended_and_nothing_holds(
    end: datetime, keeping: Keeping, marked: bool, holds: int, ticks: int
) -> None:
    terms = terms_of(law(), keeping, marked=marked)
    now = longest(terms, end)[1] + ticks * TICK
    answer = may_remove(law(), end, keeping, marked, holds, now)
    free = not holds and all(now >= term.until(end) for term in terms)
    assert isinstance(answer, Grant) == free == (not holds and ticks >= 0)


@pytest.mark.parametrize(
    ("days", "citation", "granted"),
    [
        (180, "某法第五条", True),
        (30, "娱乐场所管理条例第十五条", True),
        (29, "某法第五条", False),
        (15, "", False),
        (15, "行业标准 GA 1", False),
        (180, "", False),
        (180, " \t", False),
        (36_500, "某法", True),
        (36_501, "某法", False),
        (0, "某法", False),
        (-1, "某法", False),
        (10**30, "某法", False),
    ],
)
def test_R28_5_another_law_may_lengthen_with_its_citation(days: int, citation: str, granted: bool) -> None:
    answer = may_set_term(law(), OtherLaw(days, citation))
    assert isinstance(answer, Grant) == granted
    assert set(codes(answer)) == (set() if granted else {"R28.5"})


STATUTE = OtherLaw(15, "某法第五条", Kind.STATUTE, date(2024, 1, 1), approvals=("a", "b"))


@pytest.mark.parametrize(
    ("other", "granted"),
    [
        (STATUTE, True),
        (replace(STATUTE, kind=Kind.ADMINISTRATIVE_REGULATION), True),
        (replace(STATUTE, days=1), True),
        (replace(STATUTE, days=29), True),
        (replace(STATUTE, days=0), False),
        (replace(STATUTE, kind=None), False),
        (replace(STATUTE, kind=Kind.LOCAL_MEASURE), False),
        (replace(STATUTE, kind=Kind.STANDARD, need="x"), False),
        (replace(STATUTE, citation=""), False),
        (replace(STATUTE, effective=None), False),
        (replace(STATUTE, approvals=("a",)), False),
        (replace(STATUTE, approvals=("a", " A ")), False),
        (replace(STATUTE, approvals=("a", "")), False),
        (replace(STATUTE, days=30, approvals=(), effective=None), True),
    ],
)
def test_R28_5_shorter_only_by_higher_law_with_two_approvals(other: OtherLaw, granted: bool) -> None:
    assert codes(may_set_term(law(), other)) == ([] if granted else ["R28.5"])


def test_R28_5_a_shorter_term_that_is_entered_lawfully_shortens_nothing() -> None:
    end = beijing("2026-03-01 12:00:00")
    answer = may_remove(law(), end, Keeping(other_laws=(STATUTE,)), False, 0, beijing("2026-03-31"))
    assert codes(answer) == ["R28.1"]


@pytest.mark.parametrize(("need", "granted"), [("要害部位夜间取证", True), ("", False), (" ", False)])
def test_R28_5_C9_a_standard_lengthens_only_where_the_purpose_needs_it(need: str, granted: bool) -> None:
    other = OtherLaw(60, "GA 1800.1-2021 第 8 条", Kind.STANDARD, need=need)
    assert codes(may_set_term(law(), other)) == ([] if granted else ["R28.5"])


def test_R28_5_both_faults_are_told() -> None:
    assert codes(may_set_term(law(), OtherLaw(15, ""))) == ["R28.5", "R28.5"]


def test_R28_5_the_citation_is_shown_to_whoever_is_refused() -> None:
    keeping = Keeping(other_laws=(OtherLaw(180, "某法第五条"),))
    answer = refused(may_remove(law(), beijing("2026-03-01"), keeping, False, 0, beijing("2026-03-02")))
    assert "某法第五条" in answer.reason.zh
    assert "某法第五条" in answer.reason.en


def test_R28_5_a_shorter_term_that_got_in_all_the_same_shortens_nothing() -> None:
    keeping = Keeping(other_laws=(OtherLaw(1, "某法"),))
    assert codes(may_remove(law(), beijing("2026-03-01"), keeping, False, 0, beijing("2026-03-31"))) == [
        "R28.1"
    ]


def test_R28_6_a_mark_made_in_the_last_moment_keeps() -> None:
    end, now = beijing("2026-03-01 12:00:00"), beijing("2026-04-01")
    assert isinstance(may_remove(law(), end, ORDINARY, False, 0, now), Grant)
    assert codes(may_remove(law(), end, ORDINARY, True, 0, now)) == ["R28.3"]


def test_R28_7_a_stricter_keeping_reaches_back() -> None:
    end, now = beijing("2026-03-01 12:00:00"), beijing("2026-03-26 12:00:00")  # day 25
    assert longest(terms_of(law(), ORDINARY, marked=False), end)[1] == beijing("2026-04-01")
    until = longest(terms_of(law(), KEY_TARGET, marked=False), end)[1]
    assert until == beijing("2026-05-31")
    assert (until - TICK - now).days == 65  # 65 days left


def test_R28_7_a_milder_keeping_frees_nothing_already_stored() -> None:
    end = beijing("2026-03-01 12:00:00")
    held = united([KEY_TARGET, ORDINARY, Keeping(other_laws=(OtherLaw(31, "a"),))])
    assert held == Keeping(True, (OtherLaw(31, "a"),))
    assert codes(may_remove(law(), end, held, False, 0, beijing("2026-05-30 23:59:59"))) == ["R28.2"]
    assert united([]) == ORDINARY


@given(keepings, instants, st.integers(-2, 2), st.integers(-2, 2))
@example(ORDINARY, beijing("2026-04-01"), 0, -1)
@example(ORDINARY, beijing("2026-03-31 23:59:59.999999"), 0, -1)
def test_R28_8_expirable_before_agrees_with_may_remove(
    keeping: Keeping, now: datetime, days: int, ticks: int
) -> None:
    before = expirable_before(law(), keeping, now)
    end = before + days * DAY + ticks * TICK
    answer = may_remove(law(), end, keeping, False, 0, now)
    assert isinstance(answer, Grant) == (end < before)


@given(keepings, st.sampled_from([beijing("2028-03-01"), beijing("2027-01-01"), beijing("2026-04-01")]))
def test_R28_8_it_moves_at_midnight_in_china_only(keeping: Keeping, midnight: datetime) -> None:
    yesterday, today = (expirable_before(law(), keeping, midnight + ticks * TICK) for ticks in (-1, 0))
    assert today - yesterday == DAY
    assert expirable_before(law(), keeping, midnight + DAY - TICK) == today


@pytest.mark.parametrize(
    ("keeping", "days"),
    [(ORDINARY, 31), (KEY_TARGET, 91), (Keeping(other_laws=(OtherLaw(180, "某法"),)), 181)],
)
def test_R28_9_room_is_needed_for_the_term_and_the_day_it_starts_in(keeping: Keeping, days: int) -> None:
    midnight = beijing("2026-03-01")
    assert days_to_keep(law(), keeping) == days
    assert longest(terms_of(law(), keeping, marked=False), midnight)[1] - midnight == days * DAY


ARITHMETIC = Words("1000 GB ÷ 33.4 GB/天", "1000 GB ÷ 33.4 GB a day")


@pytest.mark.parametrize(
    ("forecast", "granted"),
    [
        *((30.999, False), (31.0, True), (31.001, True), (0.0, False), (-1.0, False)),
        *((float("inf"), True), (float("-inf"), False), (float("nan"), False)),
    ],
)
def test_R28_9_a_camera_is_admitted_only_where_its_term_fits(forecast: float, granted: bool) -> None:
    answer = may_admit(law(), 31, forecast, ARITHMETIC)
    assert isinstance(answer, Grant) == granted
    assert codes(answer) == ([] if granted else ["R28.9"])


def test_R28_9_the_refusal_shows_the_arithmetic_and_rounds_down() -> None:
    answer = refused(may_admit(law(), 31, 30.99, ARITHMETIC))
    assert answer.reason.en == "needs room for 31 days, the forecast is 30.9: 1000 GB ÷ 33.4 GB a day"
    assert answer.reason.zh == "需能保存 31 天，预计只够 30.9 天：1000 GB ÷ 33.4 GB/天"


def test_R27_5_a_hold_outlasts_every_term() -> None:
    end = beijing("2026-03-01 12:00:00")
    assert codes(may_remove(law(), end, ORDINARY, False, 1, end + 10_000 * DAY)) == ["R27.5"]
    assert isinstance(may_remove(law(), end, ORDINARY, False, 0, end + 10_000 * DAY), Grant)


def test_R27_5_hold_and_term_are_both_told_lowest_article_first() -> None:
    answer = refused(may_remove(law(), beijing("2026-03-01"), ORDINARY, True, 2, beijing("2026-03-02")))
    assert codes(answer) == ["R27.5", "R28.3"]
    assert (str(answer.article), [str(each.article) for each in answer.also]) == ("27¶2", ["28¶2"])
    assert "2" in answer.reason.en


ANNA, BEN = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.mark.parametrize(
    ("asked_by", "confirmed_by", "reason", "refusals"),
    [
        (ANNA, BEN, "结案", 0),
        (ANNA, ANNA, "结案", 1),
        (ANNA, ANNA.upper(), "结案", 1),
        (ANNA, f" {ANNA} ", "结案", 1),
        (ANNA, "", "结案", 1),
        ("", BEN, "结案", 1),
        ("", "", "结案", 1),
        (ANNA, BEN, "", 1),
        (ANNA, BEN, " \n", 1),
        (ANNA, ANNA, "", 2),
    ],
)
def test_R27_5_two_persons_and_a_reason_release(
    asked_by: str, confirmed_by: str, reason: str, refusals: int
) -> None:
    answer = may_release(law(), asked_by, confirmed_by, reason)
    assert codes(answer) == ["R27.5"] * refusals


def test_R27_4_no_rule_of_removal_knows_a_person_a_role_or_a_wish() -> None:
    assert list(inspect.signature(may_remove).parameters) == [
        *("law", "end", "keeping", "marked", "holds", "now")
    ]
    assert list(inspect.signature(terms_of).parameters) == ["law", "keeping", "marked"]
    removing = [name for name in vars(retention) if "remov" in name or "delet" in name]
    assert removing == ["may_remove"]


def test_R27_4_a_term_cannot_be_changed_where_it_stands() -> None:
    with pytest.raises(FrozenInstanceError):
        default_term(law()).days = 1  # type: ignore[misc]


NOW = beijing("2026-03-01 12:00:00")


@pytest.mark.parametrize(
    ("reason", "order", "until", "refusals"),
    [
        ("换硬盘", "WO-1", NOW + TICK, 0),
        ("换硬盘", "WO-1", NOW, 1),
        ("换硬盘", "WO-1", NOW - TICK, 1),
        ("换硬盘", "WO-1", None, 1),
        ("换硬盘", "", NOW + DAY, 1),
        ("换硬盘", "  ", NOW + DAY, 1),
        ("", "WO-1", NOW + DAY, 1),
        (" ", "", None, 3),
    ],
)
def test_R31_7_recording_pauses_for_a_reason_by_an_order_until_an_end(
    reason: str, order: str, until: datetime | None, refusals: int
) -> None:
    answer = may_pause(law(), reason, order, until, NOW)
    assert codes(answer) == ["R31.7"] * refusals
    if isinstance(answer, Refusal):
        assert str(refused(answer).article) == "31(7)"
        assert len({each.reason for each in (answer, *answer.also)}) == refusals


@pytest.mark.parametrize(("reason", "is_refused"), [("报废", False), ("", True), (" \n", True)])
def test_R31_7_recording_ends_for_a_reason(reason: str, is_refused: bool) -> None:
    answer = may_end_recording(law(), reason)
    assert codes(answer) == ["R31.7"] * is_refused
    if is_refused:
        assert str(refused(answer).article) == "31(7)"


PUBLISHED = date(2026, 1, 1)
MEASURES_END = beijing("2028-01-01")  # the last day is 2027-12-31
MEASURES = published(PUBLISHED)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (beijing("2026-01-01") - TICK, Standing.COMING),
        (beijing("2026-01-01"), Standing.IN_FORCE),
        (MEASURES_END - TICK, Standing.IN_FORCE),
        (MEASURES_END, Standing.EXPIRED),
    ],
)
def test_R36_2_the_measures_end_by_themselves(now: datetime, wanted: Standing) -> None:
    assert standing(MEASURES.edition_of(RETENTION), now) is wanted


def test_R36_3_the_day_after_the_measures_nothing_is_freed() -> None:
    ended = MEASURES.at(MEASURES_END)
    for day in range(31):
        end = MEASURES_END - day * DAY
        assert codes(may_remove(ended, end, ORDINARY, False, 0, MEASURES_END)) == ["R28.1"]
    marked = MEASURES_END - 700 * DAY
    assert codes(may_remove(ended, marked, ORDINARY, True, 0, MEASURES_END)) == ["R28.3"]
    assert codes(may_remove(ended, marked, ORDINARY, False, 1, MEASURES_END)) == ["R27.5"]


@given(keepings, st.booleans(), instants)
@example(ORDINARY, False, MEASURES_END)
def test_R36_3_the_terms_are_the_same_from_their_first_day_on(
    keeping: Keeping, marked: bool, now: datetime
) -> None:
    binding = MEASURES.at(max(now, beijing(str(PUBLISHED))))
    assert terms_of(binding, keeping, marked=marked) == terms_of(law(), keeping, marked=marked)


BEFORE = beijing("2025-12-31 23:59:59")


@given(keepings, instants, st.booleans())
def test_R36_1_before_the_measures_the_decree_and_holds_keep_all_the_same(
    keeping: Keeping, end: datetime, marked: bool
) -> None:
    decree = MEASURES.at(BEFORE)
    assert not decree.binds("R28.1")
    term, until = longest(terms_of(decree, keeping, marked=marked), end)
    assert until >= longest(terms_of(decree, ORDINARY, marked=False), end)[1]
    assert codes(may_remove(decree, end, keeping, marked, 0, until - TICK)) == [term.code]
    assert isinstance(may_remove(decree, end, keeping, marked, 0, until), Grant)
    assert codes(may_remove(decree, end, keeping, marked, 1, until)) == ["N17"]
