"""Filing: both clocks, the day before, of and after the last, rest days, systems from before the law."""

from datetime import date, datetime

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.filing import Clock, Due, Filed, dues, is_on_time, reminders
from bingjian.rules.library import holidays, law, published
from tests.unit.rules.times import SECOND, beijing


def private(accepted: str | None, used: str | None = None, *, class_a: bool = False) -> Filed:
    """A system outside 10¶1 that no government paid for."""
    return Filed(
        is_government_invested=False,
        is_government_built=False,
        is_decree_class_a=class_a,
        accepted=None if accepted is None else beijing(accepted),
        used=None if used is None else beijing(used),
    )


def due_of(system: Filed, effective: date | None = None) -> Due:
    [due] = dues(published(effective) if effective else law(), system, holidays())
    return due


def judged(due: Due, filed: str) -> Grant | Refusal:
    instant = beijing(filed)
    return is_on_time(law(), due, instant, instant)


@pytest.mark.parametrize(
    ("filed", "codes"),
    [
        ("2026-03-30 23:59:59", []),
        ("2026-03-31 23:59:59", []),
        ("2026-04-01 00:00:00", ["R18.1"]),
    ],
)
def test_R18_1_day_thirty_is_on_time_and_the_next_is_not(filed: str, codes: list[str]) -> None:
    answer = judged(due_of(private("2026-03-01 10:00:00")), filed)
    assert [refusal.code for refusal in all_of(answer)] == codes


def test_R18_1_the_refusal_says_how_late_and_cites_the_decree_too() -> None:
    answer = judged(due_of(private("2026-03-01 10:00:00")), "2026-04-01 00:00:00")
    assert isinstance(answer, Refusal)
    assert (str(answer.article), [str(each) for each in answer.beside]) == ("18", ["N14"])
    assert answer.reason.en == "was due by 24:00 on 2026-03-31, 1 days overdue"
    assert "2026-03-31" in answer.reason.zh


def test_R18_1_a_last_day_on_a_sunday_rolls_to_monday() -> None:
    due = due_of(private("2026-04-10"))  # day 30 is Sunday 10 May
    assert due.until == beijing("2026-05-12")
    assert isinstance(judged(due, "2026-05-11 23:59:59"), Grant)
    assert isinstance(judged(due, "2026-05-12 00:00:00"), Refusal)


@pytest.mark.parametrize(
    ("due", "days"),
    [
        (private("2026-03-01 10:00:00"), ["2026-03-16", "2026-03-26", "2026-03-30"]),  # days 15, 25 and 29
        (private(None, "2025-03-31", class_a=True), ["2025-06-15", "2025-06-25", "2025-06-29"]),  # of 90
    ],
)
def test_R18_1_reminded_on_three_days_before_the_last(due: Filed, days: list[str]) -> None:
    assert [str(day) for day in reminders(law(), due_of(due))] == days


def test_R18_1_beyond_the_announced_holidays_the_answer_is_provisional() -> None:
    assert not due_of(private("2026-03-01")).is_provisional
    assert due_of(private("2031-03-01")).is_provisional


def test_R18_1_what_was_filed_in_time_stays_so_and_what_was_not_becomes_late() -> None:
    due, later = due_of(private("2026-03-01")), beijing("2026-06-01")
    assert isinstance(is_on_time(law(), due, beijing("2026-03-31"), later), Grant)
    assert isinstance(is_on_time(law(), due, None, later), Refusal)


@pytest.mark.parametrize(
    ("filed", "on_time"),
    [("2026-03-31 12:00:00", True), ("2026-04-01 23:59:59", True), ("2026-04-02", False)],
)
def test_R18_4_what_stood_before_the_measures_is_filed_from_their_first_day(
    filed: str, on_time: bool
) -> None:
    due = due_of(private("2020-05-05"), date(2026, 3, 2))
    assert (due.clock, due.code) == (Clock.EXISTING, "R18.4")
    assert isinstance(judged(due, filed), Grant) is on_time


@pytest.mark.parametrize("accepted", ["2026-03-01 23:59:59", "2026-03-02 00:00:00"])
def test_R18_4_accepted_on_the_first_day_is_new(accepted: str) -> None:
    is_before = accepted < "2026-03-02"
    due = due_of(private(accepted), date(2026, 3, 2))
    assert due.clock is (Clock.EXISTING if is_before else Clock.NEW)


@pytest.mark.parametrize("invested", [True, False])
@pytest.mark.parametrize("built", [True, False])
def test_R18_5_only_what_is_neither_government_invested_nor_in_10_1_is_filed(
    invested: bool, built: bool
) -> None:
    system = Filed(invested, built, is_decree_class_a=False, accepted=beijing("2026-03-01"), used=None)
    assert bool(dues(law(), system, holidays())) is (not invested and not built)


def test_N14_government_systems_of_class_a_file_under_the_decree_C5() -> None:
    system = Filed(True, True, is_decree_class_a=True, accepted=None, used=beijing("2026-03-01"))
    [due] = dues(law(), system, holidays())
    assert (due.clock, due.code, due.until) == (Clock.USE, "N14", beijing("2026-04-01"))


def test_N14_what_lies_outside_class_a_is_not_filed_under_the_decree() -> None:
    system = Filed(True, True, is_decree_class_a=False, accepted=None, used=beijing("2026-03-01"))
    assert dues(law(), system, holidays()) == ()
    assert dues(law(), private(None, class_a=True), holidays()) == ()  # not used yet


def test_N14_in_use_before_the_decree_has_ninety_days() -> None:
    system = private(None, "2025-03-31 23:59:59", class_a=True)
    assert due_of(system).until == beijing("2025-07-01")  # 90 days from 2025-04-01, ends with 30 June
    assert due_of(private(None, "2025-04-01 00:00:00", class_a=True)).clock is Clock.USE


def test_C1_both_clocks_run_and_the_earlier_end_comes_first() -> None:
    system = private("2026-03-01", "2026-03-20", class_a=True)
    found = dues(law(), system, holidays())
    assert [due.clock for due in found] == [Clock.NEW, Clock.USE]
    assert found[0].until < found[1].until


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        private("2026-03-02", "2026-03-01")
    with pytest.raises(UsageError):
        Filed(False, False, False, datetime(2026, 3, 1), None)  # noqa: DTZ001
    assert private("2026-03-01", "2026-03-01").used == beijing("2026-03-01")  # at once is in order
    due = due_of(private("2026-03-01"))
    with pytest.raises(UsageError):
        is_on_time(law(), due, None, datetime(2026, 3, 10))  # noqa: DTZ001
    with pytest.raises(UsageError):
        is_on_time(law(), due, beijing("2026-03-10") + SECOND, beijing("2026-03-10"))
