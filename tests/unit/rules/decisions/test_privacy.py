"""The ban: named places, the union of the editions, reviews, views cell by cell, changes of use, checks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bingjian.rules.decision import Grant, Refusal, UsageError, all_of
from bingjian.rules.decisions.privacy import (
    Change,
    Part,
    Review,
    Seen,
    check_until,
    is_checked,
    is_cleared,
    is_reported,
    may_check,
    may_cover,
    may_record,
    may_turn,
    may_view,
    report_until,
)
from bingjian.rules.law import Law
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, articles, codes, decree_alone
from tests.unit.rules.times import SECOND, TICK, beijing

NAMED_BY_CITY = (
    "hospital_ward",
    "treatment_room",
    "dormitory",
    "hotel_room",
    "bathroom",
    "changing_room",
    "toilet",
    "other_private",
)
NAMED_BY_DECREE = ("nursing_room", "fitting_room", "private_dining", "staff_rest_room")
WARD, LOBBY = Part("hospital_ward"), Part("lobby")
T = beijing("2026-03-01 12:00:00")


@pytest.mark.parametrize("kind", NAMED_BY_CITY)
def test_R9_1_each_named_place_is_banned_and_no_role_is_asked(kind: str) -> None:
    answer = may_cover(law(), Part(kind))
    assert codes(answer) == ["R9.1"]
    assert articles(answer) == {"9", "N8¶1"}
    assert law().words("prohibited_place", kind).zh in all_of(answer)[0].reason.zh


@pytest.mark.parametrize("kind", NAMED_BY_CITY)
def test_R9_1_a_review_does_not_lift_the_ban(kind: str) -> None:
    assert codes(may_cover(law(), Part(kind, Review("王某", False, "无人使用")))) == ["R9.1"]


def test_R9_1_one_more_place_of_another_edition_is_banned_without_code() -> None:
    prayer_room = Part("prayer_room", Review("王某", False, "空置"))
    assert isinstance(may_cover(law(), prayer_room), Grant)
    answer = may_cover(also_with(prohibited_place="prayer_room"), prayer_room)
    assert codes(answer) == ["R9.2", "E1"]


def test_R9_1_a_banned_place_that_no_duty_bans_is_no_grant() -> None:
    alone = also_with(prohibited_place="prayer_room").editions[-1]
    with pytest.raises(UsageError):
        may_cover(Law([replace(alone, duties=())]), Part("prayer_room"))


def test_R9_2_a_place_on_no_list_waits_for_a_named_reviewer() -> None:
    assert codes(may_cover(law(), Part("prayer_room"))) == ["R9.2"]
    assert codes(may_cover(law(), Part("prayer_room", Review("王某", True, "礼拜")))) == ["R9.2"]
    assert isinstance(may_cover(law(), Part("prayer_room", Review("王某", False, "已改作展厅"))), Grant)


@pytest.mark.parametrize("review", [Review("", False, "理由"), Review("王某", False, "  ")])
def test_R9_2_a_review_without_name_or_reason_decides_nothing(review: Review) -> None:
    assert codes(may_cover(law(), Part("prayer_room", review))) == ["R9.2"]


@pytest.mark.parametrize("kind", NAMED_BY_DECREE)
def test_R9_2_what_the_decree_names_is_refused_at_once_by_both(kind: str) -> None:
    answer = may_cover(law(), Part(kind))
    assert codes(answer) == ["R9.2"]
    assert articles(answer) == {"9", "N8¶1"}
    assert law().words("prohibited_place", kind).en in all_of(answer)[0].reason.en


@pytest.mark.parametrize(
    ("kind", "category", "refused"),
    [
        ("lobby", "hospitality_commerce", []),
        ("hotel_room", "hospitality_commerce", ["R9.1", "R9.3"]),
        ("entrance", "education_health_culture", []),
        ("hospital_ward", "education_health_culture", ["R9.1", "R9.3"]),
    ],
)
def test_R9_3_the_part_decides_and_the_ban_wins_over_the_category(
    kind: str, category: str, refused: list[str]
) -> None:
    assert codes(may_cover(law(), Part(kind, None, (category,)))) == refused


@pytest.mark.parametrize(
    ("uncovered", "refused"), [(0, []), (1, ["R9.4"]), (2, ["R9.4"]), (40, ["R9.4"]), (None, ["R9.4"])]
)
def test_R9_4_a_mask_covers_all_of_the_private_part_in_view(
    uncovered: int | None, refused: list[str]
) -> None:
    seen = [Seen(LOBBY, 900, 900), Seen(Part("hotel_room"), 40, uncovered)]
    assert codes(may_view(law(), seen)) == refused


def test_R9_4_the_refusal_counts_the_cells() -> None:
    [refusal] = all_of(may_view(law(), [Seen(WARD, 40, 1)]))
    assert refusal.reason.en == 'the view meets "hospital ward": 1 of 40 cells are not masked'
    assert "40 格中有 1 格" in refusal.reason.zh


def test_R9_4_a_view_nobody_computed_or_reviewed_is_no_grant() -> None:
    assert codes(may_view(law(), None)) == ["R9.4"]
    assert codes(may_view(law(), [Seen(Part("prayer_room"), 3, 1)])) == ["R9.4"]
    assert isinstance(may_view(law(), []), Grant)


def test_R9_5_from_the_change_on_nothing_is_recorded_and_what_was_before_stays() -> None:
    change = Change(Part("dormitory"), T)
    starts = (T - TICK, T, T + TICK)
    assert [codes(may_record(law(), change, start)) for start in starts] == [[], ["R9.5"], ["R9.5"]]
    [refusal] = all_of(may_record(law(), change, T))
    assert refusal.reason.en == 'the part is "dormitory" since 2026-03-01 12:00:00 (+08:00)'
    assert isinstance(may_record(law(), Change(LOBBY, T), T), Grant)


def test_R9_5_the_removal_is_a_task_until_it_is_done() -> None:
    change = Change(Part("dormitory"), T)
    assert isinstance(is_cleared(law(), change, None, T - TICK), Grant)
    assert codes(is_cleared(law(), change, None, T)) == ["R9.5"]
    assert codes(is_cleared(law(), change, None, T + timedelta(hours=25))) == ["R9.5"]
    assert isinstance(is_cleared(law(), change, T + SECOND, T + SECOND), Grant)


@pytest.mark.parametrize(("uncovered", "refused"), [(0, []), (1, ["R9.7"])])
def test_R9_7_a_preset_is_refused_as_a_registration_is(uncovered: int, refused: list[str]) -> None:
    assert codes(may_turn(law(), [Seen(WARD, 12, uncovered)])) == refused
    assert codes(may_turn(law(), None)) == ["R9.7"]


def test_N8_1_the_union_of_both_lists_is_banned() -> None:
    assert set(law().codes("prohibited_place")) == {*NAMED_BY_CITY, *NAMED_BY_DECREE}
    for kind in law().codes("prohibited_place"):
        assert isinstance(may_cover(law(), Part(kind)), Refusal)


@pytest.mark.parametrize("kind", ["nursing_room", "toilet", "prayer_room"])
def test_N8_1_the_decree_bans_alone_while_the_measures_are_not_in_force(kind: str) -> None:
    assert codes(may_cover(decree_alone(), Part(kind))) == ["N8.1"]
    assert codes(may_view(decree_alone(), [Seen(Part(kind), 1, 1)])) == ["N8.1"]
    assert codes(may_record(decree_alone(), Change(Part(kind), T), T)) == ["N8.1"]


@pytest.mark.parametrize(
    ("checked", "refused"),
    [
        ("2026-03-10 00:00:00", []),
        ("2026-03-09 00:00:00", []),
        ("2026-03-08 23:59:59", ["N8.2"]),
        (None, ["N8.2"]),
    ],
)
def test_N8_2_the_place_is_checked_every_day(checked: str | None, refused: list[str]) -> None:
    now = beijing("2026-03-10 23:00:00")
    assert codes(is_checked(law(), None if checked is None else beijing(checked), now)) == refused


@pytest.mark.parametrize(("seconds", "refused"), [(599, []), (600, []), (601, ["N8.2"])])
def test_N8_2_what_is_found_is_reported_at_once(seconds: int, refused: list[str]) -> None:
    later = T + seconds * SECOND
    assert codes(is_reported(law(), T, later, later)) == refused
    assert codes(is_reported(law(), T, None, later)) == refused


def test_facts_that_contradict_themselves_are_no_question() -> None:
    naive = T.replace(tzinfo=None)
    for ask in (
        lambda: Seen(WARD, -1, None),
        lambda: Seen(WARD, 3, 4),
        lambda: Change(WARD, naive),
        lambda: may_record(law(), Change(WARD, T), naive),
        lambda: is_cleared(law(), Change(WARD, T), T + SECOND, T),
        lambda: is_checked(law(), T + SECOND, T),
        lambda: is_reported(law(), T, T - SECOND, T),
    ):
        with pytest.raises(UsageError):
            ask()


def test_N8_2_the_next_check_and_the_report_have_their_first_late_instants() -> None:
    assert check_until(law(), beijing("2026-03-08 23:59:59")) == beijing("2026-03-10 00:00:00")
    last = report_until(law(), T) - TICK
    assert codes(is_reported(law(), T, last, last)) == []
    assert codes(is_reported(law(), T, last + TICK, last + TICK)) == ["N8.2"]


@pytest.mark.parametrize(
    ("operator", "by", "refused"), [("7", "7", []), ("7", "8", ["N8.2"]), ("7", "", ["N8.2"]), ("", "8", [])]
)
def test_N8_2_whoever_runs_the_place_checks_it(operator: str, by: str, refused: list[str]) -> None:
    assert codes(may_check(law(), operator, by)) == refused
