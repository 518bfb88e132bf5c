"""Marks and their review, receipts of removal, the rules of a unit for its images."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bingjian.rules.decision import UsageError
from bingjian.rules.decisions.keeping import (
    Mark,
    MarkState,
    Receipt,
    has_keeping_rules,
    is_receipt_good,
    is_removed_in_time,
    may_mark,
    review_until,
    state_of,
)
from bingjian.rules.decisions.retention import Keeping, longest, may_remove, terms_of
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.times import SECOND, TICK, beijing

MARKED = beijing("2026-03-01 12:00:00")
MARK = Mark("2026-7 号案件", "王", MARKED)


@pytest.mark.parametrize(
    ("mark", "refusals"),
    [
        (MARK, 0),
        (replace(MARK, purpose=""), 1),
        (replace(MARK, purpose=" "), 1),
        (replace(MARK, owner=""), 1),
        (replace(MARK, is_served=True), 1),  # its purpose is served: nothing to keep it for (C2)
        (replace(MARK, purpose="", owner=" "), 2),
    ],
)
def test_R28_3_C2_a_mark_names_an_unserved_purpose_and_its_owner(mark: Mark, refusals: int) -> None:
    assert codes(may_mark(law(), mark)) == ["R28.3"] * refusals


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-08-27 12:00:00", MarkState.KEPT),  # day 179
        ("2026-08-28 23:59:59.999999", MarkState.KEPT),  # day 180
        ("2026-08-29", MarkState.REVIEW_DUE),
    ],
)
def test_R28_3_a_mark_is_reviewed_every_180_days(now: str, state: MarkState) -> None:
    assert state_of(law(), MARK, beijing(now)) is state
    assert review_until(law(), MARK) == beijing("2026-08-29")
    reviewed = replace(MARK, reviewed=beijing("2026-08-28"))
    assert state_of(law(), reviewed, beijing("2026-08-29")) is MarkState.KEPT


def test_R28_3_C2_a_served_purpose_is_for_a_lawyer_and_removes_nothing() -> None:
    now = beijing("2026-05-01")
    assert state_of(law(), replace(MARK, is_served=True), now) is MarkState.LAWYER_DECIDES
    assert codes(may_remove(law(), MARKED, Keeping(), True, 0, now)) == ["R28.3"]


UNTIL = longest(terms_of(law(), Keeping(), marked=False), MARKED)[1]
RECEIPT = Receipt("segment-1", "ab12", "R28.1", UNTIL, UNTIL, "removal")


@pytest.mark.parametrize(
    ("receipt", "refusals"),
    [
        (RECEIPT, 0),
        (replace(RECEIPT, removed=UNTIL + SECOND), 0),
        (replace(RECEIPT, removed=UNTIL - TICK), 1),
        (replace(RECEIPT, retain_until=UNTIL - TICK, removed=UNTIL), 1),
        (replace(RECEIPT, retain_until=UNTIL - SECOND, removed=UNTIL - SECOND), 2),
        (replace(RECEIPT, hash=""), 1),
        (replace(RECEIPT, fragment=" "), 1),
        (replace(RECEIPT, job=""), 1),
        (replace(RECEIPT, rule="R99.1"), 1),
    ],
)
def test_R28_8_a_receipt_without_an_ended_term_is_an_error(receipt: Receipt, refusals: int) -> None:
    assert codes(is_receipt_good(law(), receipt, UNTIL)) == ["R28.8"] * refusals


@pytest.mark.parametrize(
    ("after", "granted"),
    [
        (timedelta(hours=24) - SECOND, True),
        (timedelta(hours=24), True),
        (timedelta(hours=24) + TICK, False),
        (timedelta(hours=24) + SECOND, False),
    ],
)
def test_R28_8_N17_what_nothing_keeps_is_gone_within_a_day(after: timedelta, granted: bool) -> None:
    wanted = [] if granted else ["R28.8"]
    assert codes(is_removed_in_time(law(), UNTIL, UNTIL + after, UNTIL + 9 * after)) == wanted
    assert codes(is_removed_in_time(law(), UNTIL, None, UNTIL + after)) == wanted


def test_N17_thirty_days_are_kept_and_then_what_served_its_purpose_goes() -> None:
    day = timedelta(days=1)
    assert codes(may_remove(law(), MARKED, Keeping(), False, 0, UNTIL - TICK)) == ["R28.1"]
    assert codes(may_remove(law(), MARKED, Keeping(), False, 0, UNTIL)) == []
    assert codes(is_removed_in_time(law(), UNTIL, None, UNTIL + day)) == []
    assert codes(is_removed_in_time(law(), UNTIL, None, UNTIL + day + SECOND)) == ["R28.8"]


def test_R28_8_the_refusal_cites_the_decree_too() -> None:
    answer = is_removed_in_time(law(), UNTIL, None, UNTIL + timedelta(days=2))
    assert "not removed within 24 h" in reasons(answer)
    assert [str(each) for each in answer.beside] == ["N17"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("current", "told"),
    [
        (["retention", "use"], None),
        (["use", "retention", "more"], None),
        (["retention"], "missing: rules for use"),
        (["use"], "missing: rules for keeping"),
        ([], "missing: rules for keeping, rules for use"),
    ],
)
def test_R28_10_both_rules_before_service(current: list[str], told: str | None) -> None:
    answer = has_keeping_rules(law(), current)
    assert codes(answer) == ([] if told is None else ["R28.10"])
    if told is not None:
        assert reasons(answer) == told


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for contradiction in (
        lambda: replace(MARK, reviewed=MARKED - TICK),
        lambda: Mark("x", "y", datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: replace(RECEIPT, removed=datetime(2026, 1, 1)),  # noqa: DTZ001
        lambda: is_removed_in_time(law(), UNTIL, UNTIL - TICK, UNTIL),
        lambda: state_of(law(), MARK, datetime(2026, 1, 1)),  # noqa: DTZ001
    ):
        with pytest.raises(UsageError):
            contradiction()
