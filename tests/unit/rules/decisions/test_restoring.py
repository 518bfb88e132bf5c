"""Coverage back in time: 24 hours after a move, 72 after damage; shown, never claimed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bingjian.rules.decision import UsageError
from bingjian.rules.decisions.restoring import Loss, Proof, is_restored_in_time, limit_of, may_claim
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, third, told, told_zh
from tests.unit.rules.times import SECOND, TICK, beijing

LOST = beijing("2026-06-01 10:00:00")
LOSS = Loss(LOST, LOST + SECOND, None)
DAY, THREE_DAYS = timedelta(hours=24), timedelta(hours=72)
MOVE, DAMAGE = limit_of(law(), True, False), limit_of(law(), False, True)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [(DAY - SECOND, []), (DAY, []), (DAY + TICK, ["R19.8"]), (DAY + SECOND, ["R19.8"])],
)
def test_R19_8_within_twenty_four_hours(taken: timedelta, expected: list[str]) -> None:
    done = LOST + taken
    assert codes(is_restored_in_time(law(), LOSS, MOVE, "某施工公司", done, done)) == expected
    assert codes(is_restored_in_time(law(), LOSS, MOVE, "某施工公司", None, done)) == expected


def test_R19_8_the_breach_names_the_unit_and_the_numbers() -> None:
    answer = is_restored_in_time(law(), LOSS, MOVE, "某施工公司", None, LOST + DAY + SECOND)
    assert told(answer) == (
        "was due within 24 h, by 2026-06-02 10:00:00 (+08:00), still not restored 1 s late (某施工公司)"
    )
    assert "（24 小时内）恢复，至今未恢复已超 1 秒（某施工公司）" in told_zh(answer)


@pytest.mark.parametrize(
    ("taken", "expected"), [(THREE_DAYS - SECOND, []), (THREE_DAYS, []), (THREE_DAYS + SECOND, ["R30.1"])]
)
def test_R30_1_within_seventy_two_hours(taken: timedelta, expected: list[str]) -> None:
    done = LOST + taken
    assert codes(is_restored_in_time(law(), LOSS, DAMAGE, "某施工公司", done, done)) == expected


def test_R30_1_the_time_runs_for_an_unidentified_unit_too() -> None:
    answer = is_restored_in_time(law(), LOSS, DAMAGE, " ", None, LOST + THREE_DAYS + SECOND)
    assert codes(answer) == ["R30.1"]
    assert "unidentified" in told(answer)


@pytest.mark.parametrize(
    ("loss", "began"),
    [
        (Loss(LOST, LOST + DAY, None), LOST),  # slow detection gains no time
        (Loss(None, LOST + DAY, LOST + SECOND), LOST + SECOND),
        (Loss(None, LOST, LOST + SECOND), LOST),
        (Loss(None, None, LOST), LOST),
    ],
)
def test_R30_1_counted_from_the_last_good_instant_or_the_first_word_of_it(
    loss: Loss, began: datetime
) -> None:
    assert loss.began == began


@pytest.mark.parametrize(
    ("planned", "damage", "hours", "code"),
    [(True, False, 24, "R19.8"), (False, True, 72, "R30.1"), (True, True, 24, "R19.8")],
)
def test_R30_2_the_two_terms_are_not_mixed(planned: bool, damage: bool, hours: int, code: str) -> None:
    limit = limit_of(law(), planned, damage)
    assert (limit.value, limit.code) == (hours, code)


def test_R30_2_another_edition_may_have_a_shorter_term() -> None:
    stricter = law().adding(third(number=("damage.restore", 12, "hours", "most")))
    assert limit_of(stricter, True, True).value == 12
    assert (
        limit_of(law().adding(third(number=("damage.restore", 99, "hours", "most"))), False, True).value == 72
    )


AREA = Proof(frozenset(range(100)), frozenset(range(100)), has_live_picture=True, probe_s=None)


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 0),
        ({"covered_cells": frozenset(range(200))}, 0),  # by neighbours too
        ({"covered_cells": frozenset(range(99))}, 1),
        ({"has_live_picture": False}, 1),
        ({"covered_cells": frozenset(), "has_live_picture": False}, 2),
        ({"covered_cells": frozenset(range(100, 300))}, 1),  # another area
    ],
)
def test_R19_8_a_claim_is_met_by_pictures_of_the_whole_area(change: dict[str, object], count: int) -> None:
    assert codes(may_claim(law(), MOVE, replace(AREA, **change))) == ["R19.8"] * count  # type: ignore[arg-type]


def test_R19_8_ninety_nine_of_a_hundred_cells_is_told() -> None:
    answer = may_claim(law(), MOVE, replace(AREA, covered_cells=frozenset(range(99))))
    assert told(answer) == "99 of the 100 original cells are covered"


@pytest.mark.parametrize(("seconds", "expected"), [(599, ["R30.1"]), (600, []), (601, [])])
def test_R30_1_power_and_links_are_up_for_ten_minutes(seconds: float, expected: list[str]) -> None:
    link = Proof(frozenset(), frozenset(), has_live_picture=False, probe_s=seconds)
    assert codes(may_claim(law(), DAMAGE, link)) == expected
    assert codes(may_claim(law(), DAMAGE, replace(AREA, probe_s=seconds))) == expected


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        limit_of(law(), False, False)
    for facts in ((LOST, None, None), (LOST + SECOND, LOST, None), (None, LOST.replace(tzinfo=None), None)):
        with pytest.raises(UsageError):
            Loss(*facts)
    for restored, now in ((LOST - SECOND, LOST), (LOST + 2 * SECOND, LOST), (None, LOST - SECOND)):
        with pytest.raises(UsageError):
            is_restored_in_time(law(), LOSS, MOVE, "", restored, now)
    assert Loss(LOST, LOST, None).began == LOST
    assert codes(is_restored_in_time(law(), LOSS, MOVE, "", LOST, LOST)) == []
    assert codes(may_claim(law(), DAMAGE, replace(AREA, probe_s=0))) == ["R30.1"]
    with pytest.raises(UsageError):
        is_restored_in_time(law(), LOSS, MOVE, "", None, LOST.replace(tzinfo=None))
    with pytest.raises(UsageError):
        Proof(frozenset(), frozenset(), True, None)
    with pytest.raises(UsageError):
        Proof(frozenset(), frozenset(), True, -1)
