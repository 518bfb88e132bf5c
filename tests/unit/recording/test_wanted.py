"""Which gaps a device is asked for, in which order, and when again."""

from uuid import uuid4

import pytest

from bingjian.recording.catalogue import GapRow
from bingjian.recording.cause import Cause
from bingjian.recording.wanted import (
    FILLABLE,
    NOT_ANSWERED,
    NOTHING_THERE,
    BackOff,
    Interval,
    common,
    pieces,
    subtracted,
    united,
    wanted,
)
from tests.unit.recording.footage import CAMERA, seconds

HOUR = Interval(seconds(0), seconds(3600))


def gap(start_s: float, end_s: float | None, cause: Cause = Cause.DISCONNECTED) -> GapRow:
    return GapRow(uuid4(), CAMERA, seconds(start_s), end_s if end_s is None else seconds(end_s), cause, "")


def interval(start_s: float, end_s: float) -> Interval:
    return Interval(seconds(start_s), seconds(end_s))


@pytest.mark.parametrize("cause", Cause)
def test_R31_7_no_second_of_what_was_ordered_is_asked_for(cause):
    found = wanted([gap(60, 120, cause)], [], HOUR)
    assert found == ([interval(60, 120)] if cause in FILLABLE else [])
    assert {Cause.PAUSED, Cause.RECORDER_STOPPED, Cause.EXPIRED, Cause.CLOCK_STEP}.isdisjoint(FILLABLE)


def test_R31_7_nor_where_a_pause_lies_over_another_gap():
    gaps = [gap(60, 600), gap(100, 200, Cause.PAUSED)]
    assert wanted(gaps, [], HOUR) == [interval(200, 600), interval(60, 100)]


def test_gaps_that_follow_each_other_are_one():
    gaps = [gap(60, 70), gap(70, 72, Cause.REFUSED), gap(72, 100, Cause.NO_KEY_FRAME)]
    assert wanted(gaps, [], HOUR) == [interval(60, 100)]


def test_what_is_there_is_never_asked_for():
    assert wanted([gap(60, 600)], [(seconds(50), seconds(100)), (seconds(300), seconds(310))], HOUR) == [
        interval(310, 600),
        interval(100, 300),
    ]


def test_neither_too_old_nor_too_young():
    assert wanted([gap(-500, 100), gap(3500, None)], [], HOUR) == [interval(3500, 3600), interval(0, 100)]


def test_what_a_file_may_have_inside_stays():
    assert wanted([gap(60, 69.9)], [], HOUR) == []
    assert wanted([gap(60, 70)], [], HOUR) == [interval(60, 70)]


def test_the_longest_first_and_of_those_about_as_long_the_most_recent():
    gaps = [gap(100, 160), gap(300, 365), gap(1000, 2000), gap(500, 515)]
    assert wanted(gaps, [], HOUR) == [
        interval(1000, 2000),
        interval(300, 365),
        interval(100, 160),
        interval(500, 515),
    ]


def test_a_long_one_is_asked_for_in_pieces():
    assert pieces(interval(0, 100), 40 * 90_000) == [interval(0, 40), interval(40, 80), interval(80, 100)]
    assert pieces(interval(0, 40), 40 * 90_000) == [interval(0, 40)]


def test_what_the_device_has_of_what_is_wanted():
    recorded = united([interval(50, 70), interval(68, 80), interval(200, 300)])
    assert common([interval(60, 250)], recorded) == [interval(60, 80), interval(200, 250)]
    assert subtracted([interval(60, 250)], recorded) == [interval(80, 200)]


def test_a_device_that_has_nothing_is_left_alone_longer_each_time():
    rest, now_s = BackOff(), 0.0
    assert not rest.rests("gap", now_s)
    for pause_s in (3600, 7200, 14_400, 28_800, 57_600, 86_400, 86_400):
        rest.failed("gap", NOTHING_THERE, now_s)
        assert rest.rests("gap", now_s + pause_s - 1)
        now_s += pause_s
        assert not rest.rests("gap", now_s)


def test_one_that_does_not_answer_is_asked_sooner_and_success_forgets():
    rest = BackOff()
    rest.failed("device", NOT_ANSWERED, 0)
    assert rest.rests("device", 299)
    assert not rest.rests("device", 300)
    rest.succeeded("device")
    assert not rest.rests("device", 1)


def test_what_is_no_longer_wanted_is_forgotten():
    rest = BackOff()
    rest.failed("a", NOT_ANSWERED, 0)
    rest.failed("b", NOT_ANSWERED, 0)
    rest.forget_all_but(["b"])
    assert not rest.rests("a", 1)
    assert rest.rests("b", 1)
    assert list(rest) == ["b"]
