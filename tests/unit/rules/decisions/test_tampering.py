"""Records, programs and devices: what was done to them is found and named."""

from dataclasses import replace
from datetime import datetime

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.tampering import (
    LateUpload,
    Loss,
    Store,
    View,
    are_programs_whole,
    is_alarmed_in_time,
    is_preserved,
    is_uncovered,
    is_untouched,
    may_add,
    to_preserve,
)
from bingjian.rules.library import law
from tests.unit.rules.times import SECOND, TICK, beijing

NOW = beijing("2026-11-26 12:00:00")
WHOLE = {"f1": "h1", "f2": "h2"}


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def told(store: Store) -> list[tuple[str, str]]:
    return [(one.code, one.reason.en) for one in all_of(is_untouched(law(), store))]


@pytest.mark.parametrize(
    ("found", "kind", "which"),
    [
        ({"f1": "h1"}, "deleted", "f2"),
        ({"f1": "h1", "f2": "x"}, "changed", "f2"),
        ({"f1": "h1", "f2": "h2", "f3": "h3"}, "added", "f3"),
    ],
)
def test_R31_6_removed_altered_and_inserted_fragments_are_named_with_their_kind(
    found: dict[str, str], kind: str, which: str
) -> None:
    assert told(Store(WHOLE, WHOLE)) == []
    reason = f"original records {kind}: {which}"
    assert told(Store(WHOLE, found)) == [("R31.6", reason), ("N23", reason)]


def test_R31_6_what_was_given_up_at_term_was_not_deleted() -> None:
    assert told(Store(WHOLE, {"f1": "h1"}, receipts=frozenset({"f2"}))) == []


def test_N23_hiding_is_named_by_the_decree_alone() -> None:
    assert told(Store(WHOLE, WHOLE, unlisted=frozenset({"f1"}))) == [("N23", "original records hidden: f1")]


@pytest.mark.parametrize("found", [{}, {"a": "x"}, {"a": "1", "b": "2"}])
def test_N23_programs_are_those_of_the_release(found: dict[str, str]) -> None:
    assert isinstance(are_programs_whole(law(), {"a": "1"}, {"a": "1"}), Grant)
    assert codes(are_programs_whole(law(), {"a": "1"}, found)) == ["N23"]
    assert codes(are_programs_whole(law(), {}, {})) == ["N23"]


def upload() -> LateUpload:
    return LateUpload(NOW, NOW + SECOND, (NOW, NOW + SECOND), True, None, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_device_authenticated": False},
        {"is_signature_good": False},
        {"gap": None},
        {"gap": (NOW + TICK, NOW + SECOND)},
        {"gap": (NOW, NOW + SECOND - TICK)},
        {"is_marked_recovered": False},
    ],
)
def test_R31_6_only_what_a_device_kept_for_a_declared_gap_is_added(changes: dict[str, object]) -> None:
    assert isinstance(may_add(law(), upload()), Grant)
    assert isinstance(may_add(law(), replace(upload(), is_signature_good=True)), Grant)
    assert codes(may_add(law(), replace(upload(), **changes))) == ["R31.6"]  # type: ignore[arg-type]


@pytest.mark.parametrize(("seconds", "alarm"), [(29, False), (30, True), (31, True)])
def test_R31_8_a_black_picture_of_thirty_seconds_is_an_alarm(seconds: int, alarm: bool) -> None:
    answer = is_uncovered(law(), View(True, False, NOW), NOW + seconds * SECOND)
    assert codes(answer) == (["R31.8"] if alarm else [])


def test_R31_8_a_night_scene_with_noise_is_none() -> None:
    later = NOW + 3600 * SECOND
    assert isinstance(is_uncovered(law(), View(True, True, NOW), later), Grant)
    assert isinstance(is_uncovered(law(), View(False, False, NOW), later), Grant)


@pytest.mark.parametrize(("seconds", "on_time"), [(29, True), (30, True), (31, False)])
def test_R31_8_the_alarm_comes_within_thirty_seconds(seconds: int, on_time: bool) -> None:
    answer = is_alarmed_in_time(law(), NOW, NOW + seconds * SECOND)
    assert codes(answer) == ([] if on_time else ["R31.8"])


def loss(**changes: object) -> Loss:
    return replace(Loss(NOW, True, False, None), **changes)  # type: ignore[arg-type]


def test_R31_9_a_device_that_drops_with_tamper_leaves_its_last_minute_under_a_hold() -> None:
    assert to_preserve(law(), loss()) == (NOW - 60 * SECOND, NOW)
    assert codes(is_preserved(law(), loss())) == ["R31.9"]
    assert codes(is_preserved(law(), loss(is_tampered=False, are_neighbours_lost=True))) == ["R31.9"]


@pytest.mark.parametrize(("before", "granted"), [(59, False), (60, True), (61, True)])
def test_R31_9_sixty_seconds_before_the_loss_are_held(before: int, granted: bool) -> None:
    held = (NOW - before * SECOND, NOW)
    assert codes(is_preserved(law(), loss(held=held))) == ([] if granted else ["R31.9"])
    short = (NOW - before * SECOND, NOW - TICK)
    assert codes(is_preserved(law(), loss(held=short))) == ["R31.9"]


def test_R31_9_a_plain_loss_is_no_theft() -> None:
    plain = loss(is_tampered=False)
    assert to_preserve(law(), plain) is None
    assert isinstance(is_preserved(law(), plain), Grant)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for broken in (
        lambda: Store(WHOLE, WHOLE, receipts=frozenset({"f9"})),
        lambda: Store(WHOLE, {}, unlisted=frozenset({"f1"})),
        lambda: replace(upload(), end=NOW),
        lambda: replace(upload(), gap=(datetime(2026, 1, 1), NOW)),  # noqa: DTZ001
        lambda: is_uncovered(law(), View(True, False, NOW), NOW - SECOND),
        lambda: is_alarmed_in_time(law(), NOW, NOW - SECOND),
        lambda: loss(held=(NOW, NOW)),
        lambda: loss(at=datetime(2026, 1, 1)),  # noqa: DTZ001
    ):
        with pytest.raises(UsageError):
            broken()
