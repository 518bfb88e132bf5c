"""Networks: restored first, never in plain text, measured."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from bingjian.rules.decision import UsageError, all_of
from bingjian.rules.decisions.links import (
    FaultTicket,
    Probe,
    Transport,
    is_open,
    may_carry,
    measured,
    was_restored_first,
)
from bingjian.rules.law import Law
from bingjian.rules.library import HARBIN, law, packaged
from tests.unit.rules.answers import codes, third, told
from tests.unit.rules.times import SECOND, beijing

REPORTED = beijing("2026-06-01 08:00:00")
HOUR = timedelta(hours=1)
VIDEO = FaultTicket("V-1", True, REPORTED, REPORTED + 2 * HOUR)
OTHER = FaultTicket("T-1", False, REPORTED - HOUR, REPORTED + HOUR)


@pytest.mark.parametrize(
    ("restored", "expected"),
    [
        (VIDEO.restored, []),  # at once with it
        (REPORTED + 2 * HOUR - SECOND, ["R29.1"]),
        (REPORTED + 3 * HOUR, []),
        (REPORTED, ["R29.1"]),
        (REPORTED - SECOND, []),  # before we reported ours
        (None, []),
    ],
)
def test_R29_1_nothing_lower_is_restored_while_video_waits(restored: object, expected: list[str]) -> None:
    other = replace(OTHER, restored=restored)
    assert codes(was_restored_first(law(), VIDEO, [other])) == expected


def test_R29_1_names_what_overtook_it_and_counts_a_network_still_down() -> None:
    answer = was_restored_first(law(), replace(VIDEO, restored=None), [OTHER, replace(OTHER, number="T-2")])
    assert told(answer) == "while the video network of V-1 waited, these were restored: T-1, T-2"


def test_R29_1_another_video_network_may_come_first() -> None:
    assert codes(was_restored_first(law(), VIDEO, [replace(OTHER, is_video=True)])) == []


SAFE = Transport(True, True, True)


@pytest.mark.parametrize("known", [False, None])
def test_R29_2_no_plain_text_and_no_stranger(known: bool | None) -> None:
    assert codes(may_carry(law(), SAFE)) == []
    assert codes(may_carry(law(), replace(SAFE, is_confidential=known))) == ["R29.2"]
    answer = may_carry(law(), replace(SAFE, is_peer_authenticated=known))
    assert told(answer) == "the peer is not authenticated"
    [refusal] = all_of(answer)
    assert [str(article) for article in (refusal.article, *refusal.beside)] == ["29", "N18"]


@pytest.mark.parametrize("known", [False, None])
def test_N18_a_change_on_the_way_is_found(known: bool | None) -> None:
    transport = replace(SAFE, is_whole=known)
    assert codes(may_carry(law(), transport)) == ["N18"]
    assert codes(may_carry(Law([packaged(HARBIN)]), transport)) == []
    assert codes(may_carry(law(), Transport(None, None, None))) == ["R29.2", "R29.2", "N18"]


def test_R29_2_one_percent_of_loss_is_measured_as_such() -> None:
    quality = measured([Probe(None if n % 100 == 7 else 20.0) for n in range(10_000)])
    assert (quality.lost, quality.loss) == (100, Fraction(1, 100))
    assert Fraction(8, 1000) <= quality.loss <= Fraction(12, 1000)
    assert (quality.delay_ms, quality.jitter_ms) == (20.0, 0.0)


def test_R29_2_delay_and_jitter() -> None:
    quality = measured([Probe(10), Probe(None), Probe(20), Probe(40)])
    assert quality.delay_ms == pytest.approx(70 / 3)
    assert quality.jitter_ms == 15
    assert measured([Probe(None)]).delay_ms is None
    assert measured([Probe(3)]).jitter_ms is None


MONTH = 30 * 86_400


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        (MONTH * 99 // 100 - 1, ["R29.2"]),
        (MONTH * 99 // 100, []),
        (MONTH * 99 // 100 + 1, []),
        (0, ["R29.2"]),
        (MONTH, []),
    ],
)
def test_N18_a_link_is_up_for_its_share_of_the_month(up: int, expected: list[str]) -> None:
    assert codes(is_open(law(), "L-1", up, MONTH)) == expected


def test_N18_another_edition_may_ask_for_more() -> None:
    stricter = law().adding(third(number=("link.availability", 100, "percent", "least")))
    assert codes(is_open(stricter, "L-1", MONTH, MONTH)) == []
    assert codes(is_open(stricter, "L-1", MONTH - 1, MONTH)) == ["E1"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        replace(VIDEO, restored=REPORTED - SECOND)
    with pytest.raises(UsageError):
        replace(VIDEO, reported=REPORTED.replace(tzinfo=None))
    assert replace(VIDEO, restored=REPORTED).restored == REPORTED
    assert measured([Probe(0)]).delay_ms == 0
    with pytest.raises(UsageError):
        Probe(float("inf"))
    with pytest.raises(UsageError):
        was_restored_first(law(), OTHER, [])
    with pytest.raises(UsageError):
        Probe(-1)
    with pytest.raises(UsageError):
        measured([])
    for up, owed in ((2, 1), (-1, 1), (0, 0)):
        with pytest.raises(UsageError):
            is_open(law(), "L-1", up, owed)
