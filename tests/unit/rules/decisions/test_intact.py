"""The rate of intact cameras in whole numbers: one camera or one second before, at and after."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.intact import (
    RESTORED,
    Count,
    Exclusion,
    NotApplicable,
    is_due,
    is_good_day,
    is_month_met,
    is_rate_met,
    may_exclude,
    total,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.fictitious import edition, parameter
from tests.unit.rules.times import TICK, beijing, span


@pytest.mark.parametrize(
    ("good", "due", "met"),
    [
        *(
            (95, 100, True),
            (94, 100, False),
            (96, 100, True),
            (19, 20, True),
            (18, 19, False),
            (18, 20, False),
        ),
        *((1, 1, True), (0, 1, False), (94_999, 100_000, False), (95_000, 100_000, True)),
    ],
)
def test_R25_7_ninety_five_percent_and_nothing_rounded(good: int, due: int, met: bool) -> None:
    assert codes(is_rate_met(law(), Count(good, due))) == ([] if met else ["R25.7"])


def test_R25_7_without_a_camera_it_is_not_applicable() -> None:
    for count in (Count(0, 0), Count(0, 6, 6)):
        assert isinstance(is_rate_met(law(), count), NotApplicable)
        assert isinstance(is_month_met(law(), count, count), NotApplicable)


def test_R25_7_what_is_just_below_is_not_shown_as_if_it_were_met() -> None:
    assert "94.99 % (94999/100000), below 95 %" in reasons(is_rate_met(law(), Count(94_999, 100_000)))


def test_R25_7_districts_and_the_city_are_sums() -> None:
    assert total([Count(95, 100), Count(18, 19), Count(0, 3, 3)]) == Count(113, 122, 3)
    assert total([]) == Count(0, 0)


def test_R25_7_a_month_needs_camera_days_and_camera_seconds() -> None:
    days, seconds = Count(95, 100), Count(95 * 86_400, 100 * 86_400)
    assert codes(is_month_met(law(), days, seconds)) == []
    assert codes(is_month_met(law(), days, Count(95 * 86_400 - 1, 100 * 86_400))) == ["R25.7"]
    assert codes(is_month_met(law(), Count(94, 100), seconds)) == ["R25.7"]


@pytest.mark.parametrize(
    ("good_s", "due_s", "good"),
    [
        (82_079, 86_400, False),
        (82_080, 86_400, True),
        (82_081, 86_400, True),
        (95, 100, True),
        (94, 100, False),
    ],
)
def test_R25_7_a_day_is_good_from_its_threshold_on(good_s: int, due_s: int, good: bool) -> None:
    assert is_good_day(law(), good_s, due_s) is good


def test_R25_7_a_camera_moved_with_authority_is_due_again_after_its_hours() -> None:
    told = edition(parameter(RESTORED, 24, "hours", "most"))
    both, moved = law().adding(told), beijing("2026-03-10")
    service, day = span("2026-03-01", "2026-04-01"), timedelta(hours=24)
    for at, due in ((moved - TICK, True), (moved, False), (moved + day, False), (moved + day + TICK, True)):
        assert is_due(both, service, moved, at) is due
    assert not is_due(both, service, None, beijing("2026-04-01"))
    assert is_due(both, service, None, beijing("2026-03-01"))


def test_R25_8_force_majeure_is_left_out_and_both_rates_are_shown() -> None:
    count = Count(90, 100, 6)
    assert isinstance(is_rate_met(law(), count), Grant)
    assert (count.net_percent, count.raw_percent) == ("95.74 %", "90.00 %")
    answer = is_rate_met(law(), Count(88, 100, 6))
    assert codes(answer) == ["R25.7"]
    assert "93.61 % (88/94), below 95 %; with force majeure counted 88.00 % (88/100)" in reasons(answer)


PERIOD = span("2026-03-01", "2026-03-03")


@pytest.mark.parametrize(
    ("kind", "proof", "approver", "refusals"),
    [
        ("natural_disaster", "气象局证明", "市数据局", 0),
        ("construction", "施工许可", "市数据局", 1),
        ("", "气象局证明", "市数据局", 1),
        ("natural_disaster", "", "市数据局", 1),
        ("natural_disaster", " ", "市数据局", 1),
        ("natural_disaster", "气象局证明", "甲公司", 1),
        ("natural_disaster", "气象局证明", " 甲公司 ", 1),
        ("natural_disaster", "气象局证明", "", 1),
        ("works", "", "", 3),
    ],
)
def test_R25_8_an_exclusion_needs_kind_proof_and_another_approver(
    kind: str, proof: str, approver: str, refusals: int
) -> None:
    answer = may_exclude(law(), Exclusion(kind, proof, PERIOD, approver, "甲公司"))
    assert codes(answer) == ["R25.8"] * refusals


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_R25_8_an_exclusion_never_worsens_the_rate(good: int, bad: int, excluded: int) -> None:
    left_out = min(bad, excluded)
    before = is_rate_met(law(), Count(good, good + bad))
    after = is_rate_met(law(), Count(good, good + bad, left_out))
    if isinstance(before, Grant) and not isinstance(after, NotApplicable):
        assert isinstance(after, Grant)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for good, due, excluded in ((2, 1, 0), (-1, 1, 0), (0, -1, 0), (1, 2, 2), (0, 1, -1)):
        with pytest.raises(UsageError):
            Count(good, due, excluded)
    for good_s, due_s in ((2, 1), (0, 0), (-1, 1)):
        with pytest.raises(UsageError):
            is_good_day(law(), good_s, due_s)
    with pytest.raises(UsageError):
        span("2026-03-01", "2026-03-01")
