"""Platforms: six modules, one for the city, one in a district."""

from dataclasses import replace

import pytest

from bingjian.rules.decision import Grant, UsageError, all_of
from bingjian.rules.decisions.platforms import Platform, is_whole, may_add, may_pass
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, articles, codes, decree_alone

CITY = Platform("city", "city", "", "", is_government_built=True, is_active=True)
DAOLI = Platform("daoli", "district", "230102", "city", is_government_built=True, is_active=True)
MODULES = ("capture", "transmit", "control", "display", "store", "manage")


def test_R3_1_the_six_modules_are_probed_and_healthy() -> None:
    assert tuple(law().codes("system_module")) == MODULES
    assert isinstance(is_whole(law(), dict.fromkeys(MODULES, True)), Grant)


@pytest.mark.parametrize("module", MODULES)
def test_R3_1_a_module_that_fails_or_is_not_probed_is_named(module: str) -> None:
    healthy = dict.fromkeys(MODULES, True)
    without = {each: True for each in MODULES if each != module}
    for probes in (healthy | {module: False}, without):
        answer = is_whole(law(), probes)
        assert codes(answer) == ["R3.1"]
        assert law().words("system_module", module).en in all_of(answer)[0].reason.en


@pytest.mark.parametrize("module", MODULES)
def test_R3_1_footage_bypasses_none(module: str) -> None:
    assert isinstance(may_pass(law(), MODULES), Grant)
    assert codes(may_pass(law(), [each for each in MODULES if each != module])) == ["R3.1"]


def test_R3_1_a_seventh_module_of_another_edition_is_probed_too() -> None:
    assert codes(is_whole(also_with(system_module="audit"), dict.fromkeys(MODULES, True))) == ["R3.1"]


def test_R3_3_a_second_city_platform_is_refused() -> None:
    assert isinstance(may_add(law(), [], CITY), Grant)
    assert isinstance(may_add(law(), [CITY], CITY), Grant)  # itself is no second
    answer = may_add(law(), [CITY], replace(CITY, id="other"))
    assert codes(answer) == ["R3.3"]
    assert articles(answer) == {"3¶2"}
    assert isinstance(may_add(law(), [replace(CITY, is_active=False)], replace(CITY, id="other")), Grant)
    assert isinstance(may_add(law(), [CITY], replace(CITY, id="other", is_active=False)), Grant)


def test_R3_3_eighteen_district_platforms_are_accepted() -> None:
    there = [CITY]
    for division in law().codes("division"):
        new = replace(DAOLI, id=division, district=division)
        assert isinstance(may_add(law(), there, new), Grant)
        there.append(new)
    assert len(there) == 19
    assert codes(may_add(law(), there, replace(DAOLI, id="second"))) == ["R3.3"]


@pytest.mark.parametrize(
    "new",
    [
        replace(DAOLI, id="x", parent="daoli", district="230103"),
        replace(DAOLI, id="x", parent="", district="230103"),
        replace(DAOLI, id="x", district="110101"),
        replace(DAOLI, id="x", district="230103", is_government_built=False),
        replace(DAOLI, id="x", level="town", district="230103"),
        replace(DAOLI, id="x", level=""),
    ],
)
def test_R3_3_parent_district_level_and_builder_are_as_the_law_has_them(new: Platform) -> None:
    assert codes(may_add(law(), [CITY, DAOLI], new)) == ["R3.3"]


def test_R3_3_a_retired_platform_of_the_district_is_no_bar() -> None:
    assert isinstance(may_add(law(), [CITY, replace(DAOLI, is_active=False)], replace(DAOLI, id="x")), Grant)


def test_R3_3_nothing_stands_above_the_city() -> None:
    assert codes(may_add(law(), [DAOLI], replace(CITY, parent="daoli"))) == ["R3.3"]


def test_the_decree_alone_asks_for_none_of_this() -> None:
    assert isinstance(may_add(decree_alone(), [CITY], replace(CITY, id="other")), Grant)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    with pytest.raises(UsageError):
        replace(DAOLI, parent="daoli")
    with pytest.raises(UsageError):
        replace(CITY, district="230102")
