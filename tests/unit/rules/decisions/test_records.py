"""True, complete and on time: each at its limit, and what does not match by its name."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bingjian.rules.decision import Refusal, UsageError
from bingjian.rules.decisions.records import (
    CameraFile,
    Clock,
    ClockState,
    Fragment,
    Record,
    clock_state,
    is_clock_right,
    is_complete,
    is_within_profile,
    may_export_time,
    may_index,
    may_list,
    may_remove_record,
    may_serve_as_original,
    may_show,
    nothing_vanished,
    recorded_seconds,
)
from bingjian.rules.decisions.retention import Keeping
from bingjian.rules.library import law
from bingjian.rules.spans import Span
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.times import beijing, span

KINDS = ["structured", "picture", "video"]
TAKEN = beijing("2026-03-01 12:00:00")


def test_R26_1_the_three_kinds_of_information() -> None:
    assert list(law().codes("data_kind")) == KINDS
    for kind in KINDS:
        assert codes(may_index(law(), Record("c1", TAKEN, kind))) == []
    for record in (Record("c1", TAKEN, "sound"), Record("c1", TAKEN, ""), Record(" ", TAKEN, "video")):
        assert codes(may_index(law(), record)) == ["R26.1"]


@pytest.mark.parametrize("kind", KINDS)
def test_R26_1_a_snapshot_and_its_record_of_day_29_cannot_be_deleted(kind: str) -> None:
    record = Record("c1", TAKEN, kind)
    for now, wanted in (("2026-03-30 12:00:00", ["R28.1"]), ("2026-04-01", [])):
        assert codes(may_remove_record(law(), record, Keeping(), False, 0, beijing(now))) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_R26_1_a_view_of_any_kind_is_written_down_first(kind: str) -> None:
    record = Record("c1", TAKEN, kind)
    assert codes(may_show(law(), record, is_written_down=False)) == ["R26.1"]
    assert codes(may_show(law(), record, is_written_down=True)) == []


GOOD = Fragment("c1", 7, "dev-1", "ab", "ab", is_head_signed=True)


@pytest.mark.parametrize(
    ("fragment", "refusals"),
    [
        (GOOD, 0),
        (replace(GOOD, hash_found="ac"), 1),
        (replace(GOOD, hash_written="", hash_found=""), 1),
        (replace(GOOD, device=""), 1),
        (replace(GOOD, is_head_signed=False), 1),
        (replace(GOOD, hash_found="", device=" ", is_head_signed=False), 3),
    ],
)
def test_R26_2_what_does_not_match_is_untrusted_and_named(fragment: Fragment, refusals: int) -> None:
    answer = may_serve_as_original(law(), fragment)
    assert codes(answer) == ["R26.2"] * refusals
    if refusals:
        assert "camera c1, fragment 7" in reasons(answer)


DAY = span("2026-03-01", "2026-03-02")


@pytest.mark.parametrize(("missing_s", "granted"), [(863, True), (864, True), (865, False), (86_400, False)])
def test_R26_3_a_day_is_complete_from_its_share_on(missing_s: int, granted: bool) -> None:
    begin = DAY.start + timedelta(seconds=missing_s)
    recorded = [] if begin == DAY.end else [Span(begin, DAY.end)]
    answer = is_complete(law(), DAY, recorded)
    assert recorded_seconds(DAY, recorded) == 86_400 - missing_s
    assert codes(answer) == ([] if granted else ["R26.3"])


def test_R26_3_every_missing_interval_is_named_exactly() -> None:
    recorded = [
        span("2026-03-01 01:00:00", "2026-03-01 10:00:00"),
        span("2026-03-01 09:00:00", "2026-03-01 20:00:00"),
    ]
    answer = is_complete(law(), DAY, recorded)
    assert reasons(answer) == (
        "68400 s of 86400 s recorded, below 99 %; missing: 2026-03-01 00:00:00 – 2026-03-01 01:00:00; "
        "2026-03-01 20:00:00 – 2026-03-02 00:00:00"
    )


def test_R26_3_a_file_deleted_behind_our_back_is_reported_with_its_interval() -> None:
    files = [span(f"2026-03-01 {hour:02}:00:00", f"2026-03-01 {hour + 1:02}:00:00") for hour in range(10)]
    assert codes(nothing_vanished(law(), files, files)) == []
    answer = nothing_vanished(law(), files, files[:4] + files[5:])
    assert codes(answer) == ["R26.3"]
    assert reasons(answer) == ("recorded footage is missing: 2026-03-01 04:00:00 – 2026-03-01 05:00:00")


@pytest.mark.parametrize(
    ("clock", "tenths", "state"),
    [
        (Clock.PLATFORM, 9, ClockState.RIGHT),
        (Clock.PLATFORM, 10, ClockState.RIGHT),
        (Clock.PLATFORM, 11, ClockState.FAILURE),
        (Clock.CAMERA, 49, ClockState.RIGHT),
        (Clock.CAMERA, 50, ClockState.RIGHT),
        (Clock.CAMERA, 51, ClockState.WARNING),
        (Clock.CAMERA, 300, ClockState.WARNING),
        (Clock.CAMERA, 301, ClockState.FAILURE),
    ],
)
def test_R26_4_clocks_at_their_limits_both_ways(clock: Clock, tenths: int, state: ClockState) -> None:
    for sign in (1, -1):
        offset = sign * timedelta(milliseconds=100 * tenths)
        assert clock_state(law(), clock, offset) is state
        assert codes(is_clock_right(law(), clock, offset)) == ([] if state is ClockState.RIGHT else ["R26.4"])


def test_R26_4_a_clock_that_nobody_measured_is_not_right() -> None:
    for clock in Clock:
        assert clock_state(law(), clock, None) is ClockState.FAILURE
        assert "not measured" in reasons(is_clock_right(law(), clock, None))


def test_R26_4_the_refusal_says_how_far_and_whose() -> None:
    answer = is_clock_right(law(), Clock.CAMERA, timedelta(seconds=-5.1))
    assert reasons(answer) == "-5.100 s: the camera's clock from the platform's"


def test_R26_4_exported_times_state_the_offset() -> None:
    assert codes(may_export_time(law(), states_offset=False)) == ["R26.4"]
    assert codes(may_export_time(law(), states_offset=True)) == []


CODE = "23010300001320000001"
WHOLE = CameraFile(
    CODE,
    frozenset({*law().codes("camera_file_field"), *law().codes("camera_file_field_class_one")}),
    is_class_one=True,
    saved_days=30,
)


@pytest.mark.parametrize(
    ("code", "granted"),
    [
        (CODE, True),
        (CODE[:19], False),
        (CODE + "0", False),
        ("", False),
        (CODE[:19] + "A", False),
        (CODE[:19] + "１", False),  # a digit, but not one of ASCII
        (CODE[:19] + "²", False),
    ],
)
def test_R26_5_a_code_has_twenty_digits(code: str, granted: bool) -> None:
    answer = may_list(law(), replace(WHOLE, code=code), [])
    assert codes(answer) == ([] if granted else ["R26.5"])


def test_R26_5_a_code_is_given_once() -> None:
    assert codes(may_list(law(), WHOLE, ["23010300001320000002"])) == []
    assert codes(may_list(law(), WHOLE, [CODE])) == ["R26.5"]


@pytest.mark.parametrize("lacking", sorted(WHOLE.filled))
def test_R26_5_each_mandatory_field_of_the_camera_file(lacking: str) -> None:
    without = replace(WHOLE, filled=WHOLE.filled - {lacking})
    assert codes(may_list(law(), without, [])) == ["R26.5"]
    is_for_class_one = lacking in law().codes("camera_file_field_class_one")
    assert codes(may_list(law(), replace(without, is_class_one=False), [])) == (
        [] if is_for_class_one else ["R26.5"]
    )


@pytest.mark.parametrize(("days", "granted"), [(None, True), (29, False), (30, True), (31, True)])
def test_R26_5_the_days_entered_are_at_least_the_term(days: int | None, granted: bool) -> None:
    assert codes(may_list(law(), replace(WHOLE, saved_days=days), [])) == ([] if granted else ["R26.5"])


def test_R26_5_media_outside_the_profile_is_flagged() -> None:
    answer = is_within_profile(law(), "VP9", ["H.264", "H.265"])
    assert isinstance(answer, Refusal)
    assert str(answer.article) == "26"
    assert codes(is_within_profile(law(), "H.265", ["H.264", "H.265"])) == []
    assert codes(is_within_profile(law(), "", ["H.264"])) == ["R26.5"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        Record("c1", datetime(2026, 3, 1), "video")  # noqa: DTZ001
    with pytest.raises(UsageError):
        replace(GOOD, number=-1)
    with pytest.raises(UsageError):
        span("2026-03-02", "2026-03-01")
