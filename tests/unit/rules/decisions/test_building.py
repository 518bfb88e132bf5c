"""Who must build and who may install: 10¶1, the decree's places, both together (C3), volunteers."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant
from bingjian.rules.decisions.building import (
    GOVERNMENT,
    OPERATOR,
    DecreeClass,
    Installer,
    Place,
    Ruling,
    Scheme,
    Voluntary,
    bearers,
    decree_class,
    is_government_built,
    may_install,
    may_organise,
    may_rule,
    may_volunteer,
)
from bingjian.rules.decisions.privacy import Part
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, articles, codes, decree_alone

STATE = Installer(GOVERNMENT, is_public_body=True, has_security_duty=True, need="治安")
RAILWAY = Installer(OPERATOR, is_public_body=True, has_security_duty=True, need="治安")
MALL_FIRM = replace(RAILWAY, is_public_body=False)
FIRM = Installer("private_firm", is_public_body=False, has_security_duty=False, need="")
MONEY = {"budget_level": "city", "asset_class": "public_infrastructure"}
PLACES_10_1 = tuple(law().codes("government_built"))
SHARED = ("park", "airport", "port", "wharf", "railway_station", "transit_stop")


def place(kind: str) -> Place:
    return Place(kind, is_public=True)


def by(installer: Installer) -> Scheme:
    return Scheme(installer, installer, **MONEY if installer.kind == GOVERNMENT else {})


def test_R10_1_twenty_places_are_government_built() -> None:
    assert len(PLACES_10_1) == 20
    assert {"park", "scenic_belt", "railway_station"} <= set(PLACES_10_1)


@pytest.mark.parametrize("kind", PLACES_10_1)
def test_R10_1_each_named_place_is_built_by_government(kind: str) -> None:
    assert is_government_built(law(), place(kind))
    assert isinstance(may_organise(law(), place(kind), by(STATE)), Grant)
    assert "R10.1" in codes(may_organise(law(), place(kind), by(FIRM)))


@pytest.mark.parametrize("kind", ["residential_compound", "public_car_park", "scenic_area", "resort", "bus"])
def test_R10_1_other_places_of_article_8_are_not(kind: str) -> None:
    assert not is_government_built(law(), place(kind))
    assert not any(bearer.code == GOVERNMENT for bearer in bearers(law(), place(kind)))


@pytest.mark.parametrize(
    ("ruling", "is_ruled"),
    [
        (None, False),
        (Ruling("city_data_authority", "决定 5 号"), True),
        (Ruling("city_data_authority", " "), False),
        (Ruling("district_government", "决定 5 号"), False),
    ],
)
def test_R10_1_the_data_authority_rules_on_other_areas(ruling: Ruling | None, is_ruled: bool) -> None:
    assert is_government_built(law(), Place("riverside", True, ruling)) is is_ruled


def test_R10_1_one_more_place_of_another_edition_is_government_built() -> None:
    assert is_government_built(also_with(government_built="riverside"), place("riverside"))


def test_R10_1_a_private_firm_at_a_railway_station_is_refused_by_both() -> None:
    answer = may_organise(law(), place("railway_station"), by(FIRM))
    assert {"R10.1", "N7.3"} <= set(codes(answer))
    assert {"10¶1", "N7¶3"} <= articles(answer)
    assert codes(answer)[0] == "R10.1"


@pytest.mark.parametrize("kind", SHARED)
def test_R10_1_the_public_operator_builds_parks_and_hubs_too_C3(kind: str) -> None:
    answer = may_organise(law(), place(kind), by(RAILWAY))
    assert isinstance(answer, Grant)
    assert {"10¶1", "N7¶2", "N7¶3"} <= articles(answer)
    assert set(codes(may_organise(law(), place(kind), by(MALL_FIRM)))) == {"R10.1"}


@pytest.mark.parametrize("kind", ["trunk_road", "scenic_belt", "high_crime_area"])
def test_R10_1_elsewhere_no_operator_stands_in_for_government(kind: str) -> None:
    assert "R10.1" in codes(may_organise(law(), place(kind), by(RAILWAY)))


def test_R10_1_builder_maintainer_budget_and_asset_are_governments() -> None:
    square = place("city_square")
    assert codes(may_organise(law(), square, Scheme(STATE, FIRM, **MONEY))) == ["R10.1"]
    assert codes(may_organise(law(), square, Scheme(STATE, STATE))) == ["R10.1", "R10.1"]
    assert codes(may_organise(law(), square, Scheme(STATE, STATE, "county", "private"))) == ["R10.1", "R10.1"]


@pytest.mark.parametrize("kind", tuple(law().codes("decree_government_place")))
def test_N7_1_departments_build_the_decrees_public_infrastructure(kind: str) -> None:
    [bearer] = bearers(law(), place(kind))
    assert bearer.code == GOVERNMENT
    assert "N7¶1" in {str(article) for article in bearer.articles}
    [alone] = bearers(decree_alone(), place(kind))
    assert alone.duty == "N7.1"
    assert "N7.1" in codes(may_organise(decree_alone(), place(kind), by(FIRM)))


def test_N7_1_administrative_boundaries_are_named_by_the_decree_alone() -> None:
    boundary = place("administrative_boundary")
    assert not is_government_built(law(), boundary)
    assert codes(may_organise(law(), boundary, by(FIRM))) == [
        "N7.1",
        "N7.1",
        "N7.3",
    ]  # to build, to maintain, to install
    assert codes(may_organise(law(), boundary, Scheme(STATE, STATE))) == ["N7.1", "N7.1"]


@pytest.mark.parametrize("kind", tuple(law().codes("decree_operator_place")))
def test_N7_2_the_operator_builds_in_the_four_groups(kind: str) -> None:
    assert OPERATOR in {bearer.code for bearer in bearers(law(), place(kind))}
    assert {
        str(article)[:5] for article in (one.article for one in law().codes("decree_operator_place")[kind])
    } == {"N7¶2("}


def test_N7_2_a_mall_is_built_by_its_operator_or_for_it_by_a_department() -> None:
    mall = place("commerce")
    assert isinstance(may_organise(law(), mall, by(MALL_FIRM)), Grant)
    assert isinstance(may_organise(law(), mall, Scheme(STATE, STATE)), Grant)
    assert codes(may_organise(law(), mall, by(FIRM))) == ["N7.2", "N7.2", "N7.3"]


@pytest.mark.parametrize("kind", ["commerce", "trunk_road", "park", "service_area"])
def test_N7_3_nobody_but_departments_and_operators_installs(kind: str) -> None:
    duty_bound = replace(FIRM, has_security_duty=True, need="治安")
    assert codes(may_install(law(), place(kind), duty_bound)) == ["N7.3"]
    assert isinstance(may_install(law(), place(kind), STATE), Grant)
    assert isinstance(may_install(law(), place(kind), MALL_FIRM), Grant)


def test_N7_3_one_more_installer_of_another_edition_may() -> None:
    assert isinstance(may_install(also_with(decree_installer="private_firm"), place("commerce"), FIRM), Grant)


@pytest.mark.parametrize(
    ("has_duty", "need", "refused"),
    [(True, "治安", []), (False, "治安", ["N9"]), (True, " ", ["N9"]), (False, "", ["N9"])],
)
def test_N9_elsewhere_a_security_duty_and_a_need(has_duty: bool, need: str, refused: list[str]) -> None:
    installer = replace(FIRM, has_security_duty=has_duty, need=need)
    assert codes(may_install(law(), place("residential_compound"), installer)) == refused
    assert isinstance(may_install(law(), Place("yard", is_public=False), installer), Grant)


def test_N9_classes_of_the_decree() -> None:
    assert decree_class(law(), place("park")) is DecreeClass.A
    assert decree_class(law(), place("trunk_road")) is DecreeClass.A
    assert decree_class(law(), place("residential_compound")) is DecreeClass.B
    assert decree_class(law(), Place("yard", is_public=False)) is None
    assert set(law().codes("decree_class")) == set(DecreeClass)


GUARDED = replace(FIRM, has_security_duty=True, need="治安")
VOLUNTEER = Voluntary("enterprise", True, place("residential_compound"), GUARDED, Part("street"))


def test_R10_6_a_voluntary_camera_needs_no_category() -> None:
    assert isinstance(may_volunteer(law(), VOLUNTEER), Grant)
    assert isinstance(may_volunteer(law(), replace(VOLUNTEER, builder="public_institution")), Grant)


def test_R10_6_the_ban_and_the_decree_hold_for_it() -> None:
    assert codes(may_volunteer(law(), replace(VOLUNTEER, part=Part("changing_room")))) == ["R9.1"]
    assert codes(may_volunteer(law(), replace(VOLUNTEER, place=place("commerce")))) == ["N7.3"]
    assert codes(may_volunteer(law(), replace(VOLUNTEER, installer=FIRM))) == ["N9"]
    operated = replace(VOLUNTEER, place=place("commerce"), installer=MALL_FIRM)
    assert isinstance(may_volunteer(law(), operated), Grant)


def test_R10_6_it_stands_around_the_premises_of_an_enterprise_or_institution() -> None:
    assert codes(may_volunteer(law(), replace(VOLUNTEER, builder="neighbour"))) == ["R10.6"]
    assert codes(may_volunteer(law(), replace(VOLUNTEER, is_around_own_premises=False))) == ["R10.6"]


@pytest.mark.parametrize(
    ("ruling", "expected"),
    [
        (Ruling("city_data_authority", "哈数〔2026〕1 号"), []),
        (Ruling("city_data_authority", " "), ["R10.1"]),
        (Ruling("transport", "哈交〔2026〕1 号"), ["R10.1"]),
    ],
)
def test_R10_1_only_the_data_authority_rules_on_other_areas(ruling: Ruling, expected: list[str]) -> None:
    assert codes(may_rule(law(), ruling)) == expected
