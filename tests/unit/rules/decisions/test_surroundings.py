"""Signs, blocked views, and facilities that would hide a camera."""

from dataclasses import fields, replace
from datetime import date

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.surroundings import (
    Blockage,
    Facility,
    FacilityAnswer,
    Place,
    Sight,
    Sign,
    are_signs_up,
    is_view_free,
    may_record_blockage,
    was_sign_found,
    would_hide,
)
from bingjian.rules.library import law
from tests.unit.rules.answers import codes, third, told, told_zh

SIGN = Sign("v2", "ab12", "北门立柱", date(2026, 3, 1))
TEMPLATES = {"v1", "v2"}


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ((), ["R11.1"]),
        ((replace(SIGN, template="v9"),), ["R11.1"]),
        ((replace(SIGN, photo_hash=" "),), ["R11.1"]),
        ((replace(SIGN, position=""),), ["R11.1"]),
        ((replace(SIGN, put_up=None),), ["R11.1"]),
        ((SIGN,), []),
        ((SIGN, SIGN), []),
    ],
)
def test_R11_1_one_recorded_sign_by_a_known_template(signs: tuple[Sign, ...], expected: list[str]) -> None:
    assert codes(are_signs_up(law(), [Place("人民广场", signs)], TEMPLATES)) == expected


def test_R11_1_each_place_has_its_own_and_is_named() -> None:
    answer = are_signs_up(law(), [Place("A", (SIGN,)), Place("B", ()), Place("C", ())], TEMPLATES)
    assert codes(answer) == ["R11.1", "R11.1"]
    assert (
        told(answer) == "B has 0 correct notice signs and needs 1\nC has 0 correct notice signs and needs 1"
    )
    assert "“B”有 0 块" in told_zh(answer)


def test_R11_1_cites_the_decree_beside_it() -> None:
    answer = are_signs_up(law(), [Place("A", (SIGN,))], TEMPLATES)
    assert isinstance(answer, Grant)
    assert [str(article) for article in answer.articles] == ["11¶1", "N13"]


def test_R11_1_another_edition_may_ask_for_two_signs() -> None:
    stricter = law().adding(third(number=("sign.per_place", 2, "items", "least")))
    assert codes(are_signs_up(stricter, [Place("A", (SIGN,))], TEMPLATES)) == ["R11.1"]


@pytest.mark.parametrize(("found", "expected"), [(True, []), (False, ["R11.1"]), (None, ["R11.1"])])
def test_R11_1_an_inspection_says_whether_the_sign_is_there(found: bool | None, expected: list[str]) -> None:
    assert codes(was_sign_found(law(), "北门", found)) == expected


@pytest.mark.parametrize(
    ("covered", "seconds", "expected"),
    [
        (40, 61, ["R11.3"]),
        (40, 60, []),  # a lorry that waits
        (30, 3600, []),
        (31, 3600, ["R11.3"]),
        (31, 60.5, ["R11.3"]),
        (100, 5, []),  # one that passes
    ],
)
def test_R11_3_widely_and_long_enough(covered: int, seconds: float, expected: list[str]) -> None:
    assert codes(is_view_free(law(), Blockage(100, covered, seconds))) == expected


def test_R11_3_the_share_is_compared_without_rounding() -> None:
    assert codes(is_view_free(law(), Blockage(1000, 300, 100))) == []
    assert codes(is_view_free(law(), Blockage(1000, 301, 100))) == ["R11.3"]


@pytest.mark.parametrize(
    ("cause", "responsible", "expected"),
    [
        ("advert", "某公司", []),
        ("line", "某公司", []),
        ("tree", "待查", []),
        ("other", "某公司", []),
        ("weather", "某公司", ["R11.3"]),
        ("tree", " ", ["R11.3"]),
        ("", "", ["R11.3", "R11.3"]),
    ],
)
def test_R11_3_a_ticket_names_cause_and_responsible(
    cause: str, responsible: str, expected: list[str]
) -> None:
    assert codes(may_record_blockage(law(), cause, responsible)) == expected


# A camera 6 m high looks north, 60° wide, down to the ground 100 m away.
SIGHT = Sight(0, 0, 6, azimuth_deg=0, width_deg=60, range_m=100)


@pytest.mark.parametrize(
    ("facility", "hides"),
    [
        (Facility(0, 50, 3.1), True),  # the line of sight is 3 m high there
        (Facility(0, 50, 3.0), False),
        (Facility(0, 50, 2.9), False),
        (Facility(0, 99, 0.1), True),
        (Facility(0, 100, 50), False),  # beyond its range
        (Facility(0, -50, 50), False),  # behind it
        (Facility(28, 50, 50), True),  # 29° aside
        (Facility(30, 50, 50), False),  # 31° aside
        (Facility(-28, 50, 50), True),
    ],
)
def test_R11_4_between_the_camera_and_the_end_of_its_view(facility: Facility, hides: bool) -> None:
    assert SIGHT.is_hidden_by(facility) is hides


def test_R11_4_a_view_across_north_and_all_around() -> None:
    assert replace(SIGHT, azimuth_deg=350).is_hidden_by(Facility(10, 50, 50))  # 11° east of north
    assert replace(SIGHT, width_deg=360).is_hidden_by(Facility(0, -50, 50))
    assert replace(SIGHT, azimuth_deg=180).is_hidden_by(Facility(1, -50, 50))


def test_R11_4_yes_or_no_how_many_and_a_case_number_and_nothing_else() -> None:
    sights = [SIGHT, replace(SIGHT, east_m=5), replace(SIGHT, azimuth_deg=180)]
    assert would_hide(law(), Facility(0, 50, 10), sights, "Q-7") == FacilityAnswer(True, 2, "Q-7")
    assert would_hide(law(), Facility(0, -500, 10), sights, "Q-8") == FacilityAnswer(False, 0, "Q-8")
    assert [field.name for field in fields(FacilityAnswer)] == ["conflict", "count", "case"]


def test_R11_4_without_a_case_number_there_is_no_answer() -> None:
    answer = would_hide(law(), Facility(0, 50, 10), [SIGHT], " ")
    assert not isinstance(answer, FacilityAnswer)
    assert codes(answer) == ["R11.4"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for cells, covered, seconds in (
        (10, 11, 1.0),
        (10, -1, 1.0),
        (0, 0, 1.0),
        (10, 1, -1.0),
        (10, 1, float("nan")),
    ):
        with pytest.raises(UsageError):
            Blockage(cells, covered, seconds)
    assert (
        codes(is_view_free(law(), Blockage(1, 0, 0))) == codes(is_view_free(law(), Blockage(1, 1, 0))) == []
    )
    for position in ((0, 0, 0), (float("nan"), 0, 1), (0, float("inf"), 1)):
        with pytest.raises(UsageError):
            Facility(*position)
    for change in ({"height_m": 0}, {"range_m": 0}, {"width_deg": 0}, {"width_deg": 361}):
        with pytest.raises(UsageError):
            replace(SIGHT, **change)  # type: ignore[arg-type]
