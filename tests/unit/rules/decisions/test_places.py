"""Territory, purpose, the decree's scope, neighbours, necessity, unregistered devices; all together."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant, UsageError
from bingjian.rules.decisions.keyplaces import KeyPlace, Mount
from bingjian.rules.decisions.places import (
    Device,
    Necessity,
    Neighbour,
    Proposal,
    Site,
    decree_scope,
    have_consented,
    is_necessary,
    may_be_site,
    may_have_camera,
    may_serve,
    may_store,
)
from bingjian.rules.decisions.privacy import Part, Seen
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, articles, codes, decree_alone
from tests.unit.rules.times import TICK, beijing

DISTRICTS = [f"2301{end}" for end in ("02", "03", "04", "08", "09", "10", "11", "12", "13")]
COUNTIES = [f"2301{end}" for end in range(23, 30)]
CITIES = ["230183", "230184"]
NOW = beijing("2026-03-01")
ZONE = Neighbour("某军事禁区", "同意函 1 号", NOW)
GOOD = Proposal(
    site=Site("230102", True),
    purposes=("public_safety",),
    is_public_place=True,
    part=Part("lobby", None, ("hospitality_commerce",)),
    seen=(),
    mount=Mount("hotel", has_position=True),
    neighbours=(ZONE,),
    necessity=Necessity("大堂人员进出", has_sign=True),
    key_place=KeyPlace(("hospitality_commerce",), parts=1, key_parts=1),
)


def test_R2_1_eighteen_divisions_are_known() -> None:
    assert set(law().codes("division")) == {*DISTRICTS, *COUNTIES, *CITIES}
    for division in law().codes("division"):
        assert isinstance(may_be_site(law(), Site(division, None)), Grant)


@pytest.mark.parametrize("division", ["230106", "110101", "", "2301"])
def test_R2_1_a_code_outside_the_city_is_refused(division: str) -> None:
    answer = may_be_site(law(), Site(division, True))
    assert codes(answer) == ["R2.1"]
    assert articles(answer) == {"2"}


@pytest.mark.parametrize(("is_inside", "refused"), [(True, []), (None, []), (False, ["R2.1"])])
def test_R2_1_coordinates_lie_inside_or_on_the_border(is_inside: bool | None, refused: list[str]) -> None:
    assert codes(may_be_site(law(), Site("230183", is_inside))) == refused


@pytest.mark.parametrize("purpose", ["public_safety", "public_service", "public_management"])
def test_R3_2_each_of_the_three_purposes_is_accepted(purpose: str) -> None:
    assert isinstance(may_serve(law(), purpose), Grant)


@pytest.mark.parametrize("purpose", ["private_home", ""])
def test_R3_2_any_other_purpose_or_none_is_refused(purpose: str) -> None:
    assert codes(may_serve(law(), purpose)) == ["R3.2"]


def test_R3_2_a_purpose_of_another_edition_is_accepted() -> None:
    assert isinstance(may_serve(also_with(purpose="rescue"), "rescue"), Grant)


@pytest.mark.parametrize(
    ("purposes", "is_public", "is_under"),
    [
        (("public_safety",), True, True),
        (("public_service", "public_safety"), True, True),
        (("public_service",), True, False),
        ((), True, False),
        (("public_safety",), False, False),
    ],
)
def test_N2_public_places_for_public_safety_fall_under_the_decree(
    purposes: tuple[str, ...], is_public: bool, is_under: bool
) -> None:
    scope = decree_scope(law(), purposes, is_public_place=is_public)
    assert scope.is_under is is_under
    assert scope.reason.zh
    assert scope.reason.en


def test_R9_6_an_unregistered_device_stores_nothing() -> None:
    answer = may_store(law(), Device("cam-x", is_registered=False))
    assert codes(answer) == ["R9.6", "R16.3"]
    assert {"9", "16"} <= articles(answer)
    assert isinstance(may_store(law(), Device("cam-x", is_registered=True)), Grant)
    assert codes(may_store(law(), Device("", is_registered=True))) == ["R9.6", "R16.3"]


@pytest.mark.parametrize(
    ("neighbour", "refused"),
    [
        (ZONE, []),
        (replace(ZONE, consented=NOW - TICK), []),
        (replace(ZONE, consented=NOW + TICK), ["N10"]),
        (replace(ZONE, consented=None), ["N10"]),
        (replace(ZONE, consent=" "), ["N10"]),
    ],
)
def test_N10_each_neighbour_with_secrets_consents_before(neighbour: Neighbour, refused: list[str]) -> None:
    assert codes(have_consented(law(), [neighbour], NOW)) == refused


def test_N10_nobody_looked_is_not_nobody_there() -> None:
    assert isinstance(have_consented(law(), (), NOW), Grant)
    assert codes(have_consented(law(), None, NOW)) == ["N10"]


@pytest.mark.parametrize(
    ("note", "has_sign", "count"), [("路口", True, 0), ("", True, 1), ("路口", False, 1), ("", False, 2)]
)
def test_N13_need_is_stated_and_a_sign_stands(note: str, has_sign: bool, count: int) -> None:
    assert codes(is_necessary(law(), Necessity(note, has_sign))) == ["N13"] * count


def test_a_camera_that_is_right_everywhere_is_granted_by_every_article() -> None:
    answer = may_have_camera(law(), GOOD, NOW)
    assert isinstance(answer, Grant)
    assert {"2", "3", "8", "9", "N8¶1", "N10", "N13"} <= articles(answer)


def test_everything_that_is_wrong_is_told_together_lowest_article_first() -> None:
    bad = replace(
        GOOD,
        site=Site("110101", False),
        part=Part("hotel_room"),
        seen=(Seen(Part("toilet"), 5, 5),),
        mount=Mount("bus", has_position=True),
        neighbours=None,
        necessity=Necessity("", has_sign=False),
        key_place=KeyPlace(()),
    )
    told = codes(may_have_camera(law(), bad, NOW))
    assert told == ["R2.1", "R2.1", "R8.1", "R8.4", "R9.1", "R9.4", "N10", "N13", "N13"]


def test_without_a_purpose_nothing_is_granted() -> None:
    assert codes(may_have_camera(law(), replace(GOOD, purposes=()), NOW)) == ["R3.2"]


def test_the_decree_alone_still_decides() -> None:
    assert isinstance(may_have_camera(decree_alone(), GOOD, NOW), Grant)
    bad = replace(GOOD, part=Part("toilet", None, GOOD.part.categories), neighbours=None)
    assert codes(may_have_camera(decree_alone(), bad, NOW)) == ["N8.1", "N10"]


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        replace(GOOD, part=Part("lobby"))
    with pytest.raises(UsageError):
        Neighbour("某单位", "1 号", NOW.replace(tzinfo=None))
