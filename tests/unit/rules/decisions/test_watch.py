"""The duty watch and its reports, a second before, at and after their limits."""

from datetime import timedelta

import pytest

from bingjian.rules.decision import UsageError
from bingjian.rules.decisions import watch
from bingjian.rules.decisions.keeping import Mark, may_mark
from bingjian.rules.decisions.watch import (
    Handover,
    Report,
    is_acknowledged_in_time,
    is_reported_in_time,
    is_roster_complete,
    is_watched,
    mark_of,
    may_change_report,
    may_file_report,
    may_hand_over,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, reasons
from tests.unit.rules.times import SECOND, TICK, beijing, span

DAY = span("2026-03-01", "2026-03-02")
SHIFTS = [
    span("2026-03-01", "2026-03-01 08:00:00"),
    span("2026-03-01 08:00:00", "2026-03-01 16:00:00"),
    span("2026-03-01 16:00:00", "2026-03-02"),
]
TEN = timedelta(minutes=10)
NOON = beijing("2026-03-01 12:00:00")


def test_R25_9_the_roster_has_no_gap() -> None:
    assert codes(is_roster_complete(law(), DAY, SHIFTS[::-1])) == []
    answer = is_roster_complete(law(), DAY, SHIFTS[1:2])
    assert codes(answer) == ["R25.9"]
    assert "2026-03-01 00:00:00 – 2026-03-01 08:00:00; 2026-03-01 16:00:00 – 2026-03-02" in reasons(answer)


@pytest.mark.parametrize(
    ("after", "alarm"), [(TEN - SECOND, False), (TEN, False), (TEN + TICK, True), (TEN + SECOND, True)]
)
def test_R25_9_nobody_signed_in_for_more_than_ten_minutes_is_an_alarm(after: timedelta, alarm: bool) -> None:
    assert codes(is_watched(law(), NOON, NOON + after)) == (["R25.9"] if alarm else [])
    assert codes(is_watched(law(), None, NOON + after)) == []


@pytest.mark.parametrize(
    ("outgoing", "incoming", "signed", "granted"),
    [
        ("a", "b", {"a", "b"}, True),
        ("a", "b", {"a"}, False),
        ("a", "b", {"b", "c"}, False),
        ("a", "b", set(), False),
        ("a", "a", {"a"}, False),
        ("", "b", {"", "b"}, False),
    ],
)
def test_R25_9_both_sign_a_handover(outgoing: str, incoming: str, signed: set[str], granted: bool) -> None:
    answer = may_hand_over(law(), Handover(outgoing, incoming, frozenset(signed)))
    assert codes(answer) == ([] if granted else ["R25.9"])


def report(**changes: object) -> Report:
    whole = {
        "watcher": "张",
        "marked": NOON,
        "time": NOON - TEN,
        "camera": "c1",
        "clip": "11:45–11:55",
        "text": "有人尾随",
        "organ": "南岗分局",
    }
    return Report(**(whole | changes))  # type: ignore[arg-type]


def test_R25_10_a_report_names_time_camera_clip_what_and_to_whom() -> None:
    assert codes(may_file_report(law(), report())) == []
    for name, empty in (("time", None), ("camera", ""), ("clip", " "), ("text", ""), ("organ", "")):
        assert codes(may_file_report(law(), report(**{name: empty}))) == ["R25.10"]
    answer = may_file_report(law(), report(time=None, organ=""))
    assert reasons(answer) == "the report lacks: time, local public security organ it goes to"


@pytest.mark.parametrize(("after", "late"), [(TEN - SECOND, False), (TEN, False), (TEN + SECOND, True)])
def test_R25_10_more_than_ten_minutes_after_marking_it_is_late(after: timedelta, late: bool) -> None:
    wanted = ["R25.10"] if late else []
    assert codes(is_reported_in_time(law(), report(filed=NOON + after), NOON + 2 * TEN)) == wanted
    assert codes(is_reported_in_time(law(), report(), NOON + after)) == wanted


@pytest.mark.parametrize(("after", "escalates"), [(TEN - SECOND, False), (TEN, False), (TEN + SECOND, True)])
def test_R25_10_what_nobody_acknowledges_goes_up(after: timedelta, escalates: bool) -> None:
    wanted = ["R25.10"] if escalates else []
    assert codes(is_acknowledged_in_time(law(), report(filed=NOON), NOON + after)) == wanted
    done = report(filed=NOON, acknowledged=NOON + after)
    assert codes(is_acknowledged_in_time(law(), done, NOON + 3 * TEN)) == wanted
    assert codes(is_acknowledged_in_time(law(), report(), NOON + after)) == wanted  # not even filed


def test_R25_10_no_report_is_edited_or_deleted() -> None:
    assert codes(may_change_report(law())) == ["R25.10"]
    assert not [name for name in vars(watch) if "edit" in name or "delet" in name]


def test_R25_10_the_clip_is_marked_by_itself() -> None:
    mark = mark_of(report(filed=NOON + SECOND))
    assert mark == Mark("有人尾随", "张", NOON + SECOND)
    assert codes(may_mark(law(), mark)) == []
    with pytest.raises(UsageError):
        mark_of(report())


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for contradiction in (
        lambda: report(filed=NOON - TICK),
        lambda: report(acknowledged=NOON),
        lambda: report(filed=NOON + SECOND, acknowledged=NOON),
        lambda: is_watched(law(), NOON + TICK, NOON),
    ):
        with pytest.raises(UsageError):
            contradiction()
