"""The forbidden acts, and when what people do amounts to one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.conduct import (
    Aim,
    HandedOver,
    Message,
    Passage,
    Usage,
    Visitor,
    is_forbidden,
    is_no_prying,
    is_room_log_whole,
    is_time_to_enter,
    is_usual,
    may_accept,
    may_ask_in,
    may_close_room_log,
    may_enter,
    may_file_incident,
    may_hand_over,
    may_try,
    recipient_of,
    room_log_until,
)
from bingjian.rules.library import law, packaged
from bingjian.rules.spans import Span
from tests.unit.rules.times import SECOND, TICK, beijing

NOW = beijing("2026-11-26 12:00:00")
HARBIN_ACTS = [one for one in packaged("harbin_draft_2023").codes if one.of == "prohibited_act"]


def codes(answer: Grant | Refusal) -> list[str]:
    return [refusal.code for refusal in all_of(answer)]


def test_R31_11_the_article_lists_eleven_acts_in_order() -> None:
    assert len(HARBIN_ACTS) == law().number("prohibited.acts")
    assert [one.number for one in HARBIN_ACTS] == list(range(1, len(HARBIN_ACTS) + 1))


@pytest.mark.parametrize("number", range(1, 12))
def test_R31_11_each_act_is_refused_by_its_own_item(number: int) -> None:
    refused = is_forbidden(law(), HARBIN_ACTS[number - 1].code)
    assert (refused.code, str(refused.article)) == (f"R31.{number}", f"31({number})")


@pytest.mark.parametrize(
    "act", [one.code for one in packaged("decree_799").codes if one.of == "prohibited_act"]
)
def test_N23_each_act_of_the_decree_is_forbidden_by_it(act: str) -> None:
    assert "N23" in codes(is_forbidden(law(), act))


def test_N23_what_no_law_names_is_no_question() -> None:
    with pytest.raises(UsageError):
        is_forbidden(law(), "whistling")


def test_R31_11_an_incident_of_the_other_kind_is_described() -> None:
    assert codes(may_file_incident(law(), "other_disturbance", " ")) == ["R31.11"]
    assert isinstance(may_file_incident(law(), "other_disturbance", "jammer found"), Grant)
    assert isinstance(may_file_incident(law(), "intrude", ""), Grant)
    assert codes(may_file_incident(law(), "whistling", "loud")) == ["R31.11"]


@pytest.mark.parametrize(("after", "quiet"), [(9, True), (10, True), (11, False)])
def test_R31_1_dwelling_on_a_masked_window_is_an_alert_after_the_set_time(after: int, quiet: bool) -> None:
    answer = is_no_prying(law(), Aim(NOW, is_masked=True), NOW + after * SECOND)
    assert codes(answer) == ([] if quiet else ["R31.1"])


def test_R31_1_a_masked_area_is_masked_from_the_first_instant() -> None:
    assert codes(is_no_prying(law(), Aim(NOW, is_masked=False), NOW)) == ["R31.1"]


@pytest.mark.parametrize(
    ("volume", "median", "usual"),
    [
        (49, 5, True),
        (50, 5, False),
        (51, 5, False),
        (0, 0, True),
        (1, 0, False),
        (1, None, False),
        (0, None, True),
    ],
)
def test_R31_2_ten_times_the_median_is_an_alert(volume: int, median: int | None, usual: bool) -> None:
    answer = is_usual(law(), Usage(volume, median, is_in_hours=True, has_own_address=False))
    assert codes(answer) == ([] if usual else ["R31.2"])


def test_R31_2_unusual_hour_and_own_address_are_alerts_too() -> None:
    plain = Usage(1, 5, is_in_hours=True, has_own_address=False)
    assert codes(is_usual(law(), replace(plain, is_in_hours=False))) == ["R31.2"]
    assert codes(is_usual(law(), replace(plain, has_own_address=True))) == ["R31.2"]
    assert len(codes(is_usual(law(), Usage(50, 5, False, True)))) == 3


@pytest.mark.parametrize(
    ("visitor", "granted"),
    [
        (Visitor("a"), True),
        (Visitor(" A "), True),
        (Visitor("z"), False),
        (Visitor("z", "repair"), False),
        (Visitor("z", "", "a"), False),
        (Visitor("z", "repair", "z"), False),
        (Visitor("z", "repair", "a"), True),
        (Visitor("z", "repair", "a", "b"), True),
        (Visitor("z", "repair", "a", " A"), False),
        (Visitor("", "repair", "a"), False),
    ],
)
def test_R31_3_who_is_not_on_the_list_needs_a_reason_and_anothers_approval(
    visitor: Visitor, granted: bool
) -> None:
    assert codes(may_enter(law(), visitor, frozenset({"a", "b"}))) == ([] if granted else ["R31.3"])


def test_R31_3_an_exit_without_entry_is_an_anomaly() -> None:
    came, went = Passage("a", NOW, True), Passage("a", NOW + SECOND, False)
    assert isinstance(is_room_log_whole(law(), [went, came]), Grant)
    assert isinstance(is_room_log_whole(law(), [came]), Grant)  # still inside
    odd = is_room_log_whole(law(), [came, went, replace(went, person="b")])
    assert isinstance(odd, Refusal)
    assert (odd.code, odd.reason.en) == ("R31.3", "entries and exits do not match: b")
    assert codes(is_room_log_whole(law(), [came, replace(came, at=NOW + SECOND)])) == ["R31.3"]


def test_R31_3_nobody_is_left_inside_a_log_that_is_closed() -> None:
    came, went = Passage("a", NOW, True), Passage("a", NOW + SECOND, False)
    odd = is_room_log_whole(law(), [came, replace(went, person="b"), replace(came, person="b")], is_over=True)
    assert isinstance(odd, Refusal)
    assert odd.reason.en == "entries and exits do not match: a"
    assert isinstance(is_room_log_whole(law(), [came, went], is_over=True), Grant)


@pytest.mark.parametrize(
    ("visitor", "refused"),
    [
        (Visitor("z", "repair", asked_by="a"), 0),
        (Visitor("z", "repair", asked_by=" A "), 0),
        (Visitor("z", " ", asked_by="a"), 1),
        (Visitor("z", "repair", asked_by="c"), 1),
        (Visitor("z"), 2),
    ],
)
def test_R31_3_somebody_of_the_shift_asks_for_a_visitor_and_says_why(visitor: Visitor, refused: int) -> None:
    assert codes(may_ask_in(law(), visitor, frozenset({"a", "b"}))) == ["R31.3"] * refused


@pytest.mark.parametrize(
    ("seconds", "is_listed", "granted"),
    [
        (-1801, True, False),
        (-1800, True, True),
        (-1, False, False),
        (0, False, True),
        (3599, False, True),
        (3600, True, False),
    ],
)
def test_R31_3_a_list_and_its_visitors_hold_for_their_shift(
    seconds: int, is_listed: bool, granted: bool
) -> None:
    shift = Span(NOW, NOW + 3600 * SECOND)
    answer = is_time_to_enter(law(), shift, is_listed, NOW + seconds * SECOND)
    assert codes(answer) == ([] if granted else ["R31.3"])


def test_R31_3_a_log_is_closed_from_the_shifts_end_and_an_hour_later_at_the_latest() -> None:
    shift = Span(NOW - SECOND, NOW)
    assert codes(may_close_room_log(law(), shift, NOW - TICK)) == ["R31.3"]
    assert isinstance(may_close_room_log(law(), shift, NOW), Grant)
    assert room_log_until(law(), shift) == NOW + 3600 * SECOND + TICK


@pytest.mark.parametrize(("failures", "granted"), [(4, True), (5, False), (6, False)])
def test_R31_4_five_failures_in_five_minutes_lock(failures: int, granted: bool) -> None:
    tried = [NOW - at * SECOND for at in range(failures)]
    assert codes(may_try(law(), tried, NOW)) == ([] if granted else ["R31.4"])


@pytest.mark.parametrize(
    ("age", "locked"),
    [
        (timedelta(minutes=5) - TICK, True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=5) + TICK, False),
    ],
)
def test_R31_4_failures_older_than_the_window_are_forgotten(age: timedelta, locked: bool) -> None:
    tried = [NOW - SECOND] * 4 + [NOW - age]
    assert isinstance(may_try(law(), tried, NOW), Refusal) is locked


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (Message(True, True, True), "replay"),
        (Message(False, True, False), "unknown device"),
        (Message(True, False, False), "bad signature"),
    ],
)
def test_R31_4_replays_unknown_devices_and_bad_signatures_are_refused(message: Message, told: str) -> None:
    assert isinstance(may_accept(law(), Message(True, True, False)), Grant)
    refused = may_accept(law(), message)
    assert isinstance(refused, Refusal)
    assert (refused.code, told in refused.reason.en) == ("R31.4", True)
    assert [str(each) for each in refused.beside] == ["N23"]


def test_R31_5_every_copy_is_marked_for_its_recipient() -> None:
    derived = HandedOver("court", True, "court", "m1", "")
    original = HandedOver("court", False, "", "", "court")
    assert isinstance(may_hand_over(law(), derived), Grant)
    assert isinstance(may_hand_over(law(), original), Grant)
    for broken in (
        replace(derived, visible_mark="insurer"),
        replace(derived, hidden_mark=" "),
        replace(original, package_recipient=""),
        HandedOver("", True, "", "m", ""),
        HandedOver("", False, "", "", ""),
    ):
        assert codes(may_hand_over(law(), broken)) == ["R31.5"]


def test_R31_5_of_fifty_recipients_the_right_one_is_named() -> None:
    marks = {f"recipient {at}": f"mark {at}" for at in range(50)}
    assert [recipient_of(marks, marks[one]) for one in marks] == list(marks)
    assert recipient_of(marks, "mark 50") is None
    with pytest.raises(UsageError):
        recipient_of({"a": "m", "b": "m"}, "m")


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for broken in (
        lambda: Aim(datetime(2026, 1, 1), True),  # noqa: DTZ001
        lambda: is_no_prying(law(), Aim(NOW, True), NOW - SECOND),
        lambda: Usage(-1, None, True, False),
        lambda: Usage(1, -1, True, False),
        lambda: Passage("a", datetime(2026, 1, 1), True),  # noqa: DTZ001
        lambda: may_try(law(), [datetime(2026, 1, 1)], NOW),  # noqa: DTZ001
    ):
        with pytest.raises(UsageError):
            broken()
