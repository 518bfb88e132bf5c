"""Key places: categories, coverage gaps and their age, what is owed, vehicles, reclassification."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bingjian.rules.decision import Grant, UsageError, all_of
from bingjian.rules.decisions.keyplaces import (
    KeyPart,
    KeyPlace,
    Mount,
    Owed,
    Reclassification,
    is_covered,
    is_located,
    may_be_key_place,
    may_reclassify,
    owed,
)
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.library import law
from tests.unit.rules.answers import also_with, articles, codes, decree_alone
from tests.unit.rules.times import SECOND, beijing

CATEGORIES = tuple(law().codes("key_place_category"))
NOW = beijing("2026-03-11 12:00:00")
GATE = KeyPart("正门", "230103", ("education_health_culture",), (), beijing("2026-03-01 09:00:00"))


@pytest.mark.parametrize("number", range(1, 13))
def test_R8_1_each_of_the_twelve_is_accepted(number: int) -> None:
    category = CATEGORIES[number - 1]
    assert law().codes("key_place_category")[category][0].number == number
    assert isinstance(may_be_key_place(law(), KeyPlace((category,), citation="某法第三条")), Grant)


def test_R8_1_twelve_is_the_laws_number() -> None:
    assert len(CATEGORIES) == law().number("place.categories")


@pytest.mark.parametrize("categories", [("13",), (), ("urban_nodes", "13")])
def test_R8_1_no_category_or_a_thirteenth_is_refused(categories: tuple[str, ...]) -> None:
    assert codes(may_be_key_place(law(), KeyPlace(categories))) == ["R8.1"]


def test_R8_1_a_thirteenth_of_another_edition_is_accepted() -> None:
    assert isinstance(may_be_key_place(also_with(key_place_category="13"), KeyPlace(("13",))), Grant)


@pytest.mark.parametrize(("citation", "refused"), [("", ["R8.1"]), ("  ", ["R8.1"]), ("某条例第五条", [])])
def test_R8_1_others_by_law_cite_it(citation: str, refused: list[str]) -> None:
    answer = may_be_key_place(law(), KeyPlace(("other_by_law",), citation))
    assert codes(answer) == refused
    if refused:
        assert str(all_of(answer)[0].article) == "8(12)"


@pytest.mark.parametrize(
    ("note", "confirmed_by", "refused"),
    [("类似旅馆", "李某", []), ("", "李某", ["R8.1"]), ("类似旅馆", "", ["R8.1"])],
)
def test_R8_1_a_place_like_those_named_is_confirmed(note: str, confirmed_by: str, refused: list[str]) -> None:
    place = KeyPlace(
        ("hospitality_commerce",), is_like_those_named=True, note=note, confirmed_by=confirmed_by
    )
    assert codes(may_be_key_place(law(), place)) == refused


@pytest.mark.parametrize(
    ("cameras", "refused"),
    [
        ((), ["R8.2"]),
        ((State.TRIAL,), ["R8.2"]),
        ((State.RETIRED,), ["R8.2"]),
        ((State.SUSPENDED, State.ACCEPTED), ["R8.2"]),
        ((State.IN_SERVICE,), []),
        ((State.IN_SERVICE, State.IN_SERVICE, State.RETIRED), []),
    ],
)
def test_R8_2_a_key_part_without_a_camera_in_service_is_a_gap(
    cameras: tuple[State, ...], refused: list[str]
) -> None:
    assert codes(is_covered(law(), replace(GATE, cameras=cameras), NOW)) == refused


def test_R8_2_the_gap_has_district_category_and_age() -> None:
    [gap] = all_of(is_covered(law(), GATE, NOW))
    assert gap.reason.en.startswith("coverage gap: 正门 in Nangang District (schools, kindergartens")
    assert gap.reason.en.endswith("has 0 of 1 cameras in service, for 10 days")
    assert "南岗区" in gap.reason.zh
    assert "已 10 天" in gap.reason.zh


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (KeyPlace(("education_health_culture",), parts=4, key_parts=2), Owed(2, False)),
        (KeyPlace(("transit_vehicles",)), Owed(1, False)),
        (KeyPlace(("urban_nodes",), parts=3), Owed(1, False)),
        (KeyPlace(("urban_nodes",), parts=3, key_parts=2), Owed(2, False)),
        (KeyPlace(("education_health_culture",), parts=4), Owed(0, True)),
        (KeyPlace((), parts=4), Owed(0, False)),
    ],
)
def test_R8_3_the_duty_reaches_each_key_part(place: KeyPlace, expected: Owed) -> None:
    assert owed(law(), place) == expected


@pytest.mark.parametrize(("kind", "item"), [("bus", "8(3)"), ("cash_van", "8(9)")])
def test_R8_4_a_camera_on_a_vehicle_has_its_id_and_track(kind: str, item: str) -> None:
    with_id = Mount(kind, has_position=False, vehicle_id="黑A·00001", has_track=True)
    assert isinstance(is_located(law(), with_id), Grant)
    for mount in (replace(with_id, vehicle_id=""), replace(with_id, has_track=False)):
        answer = is_located(law(), mount)
        assert codes(answer) == ["R8.4"]
        assert str(all_of(answer)[0].article) == item


def test_R8_4_elsewhere_a_camera_has_coordinates() -> None:
    assert codes(is_located(law(), Mount("road_crossing", has_position=False))) == ["R8.4"]
    assert isinstance(is_located(law(), Mount("road_crossing", has_position=True)), Grant)


def test_R8_6_the_maintainer_cannot_clear_a_category() -> None:
    change = Reclassification(("hospitality_commerce",), (), by="maintainer", decision="")
    answer = may_reclassify(law(), change)
    assert codes(answer) == ["R8.6", "R19.1"]
    assert "19¶1" in articles(answer)
    decided = replace(change, by="city_data_authority", decision="决定 3 号")
    assert isinstance(may_reclassify(law(), decided), Grant)
    assert codes(may_reclassify(law(), replace(decided, decision=" "))) == ["R8.6", "R19.1"]


def test_R8_6_a_first_category_or_the_same_again_needs_no_decision() -> None:
    assert KeyPlace(("urban_nodes",)).is_article8
    assert not KeyPlace(()).is_article8
    assert isinstance(may_reclassify(law(), Reclassification((), ("urban_nodes",), "", "")), Grant)
    both = ("urban_nodes", "transport_hubs")
    assert isinstance(may_reclassify(law(), Reclassification(both, both[::-1], "", "")), Grant)


def test_the_decree_alone_asks_for_none_of_this() -> None:
    assert isinstance(is_covered(decree_alone(), GATE, NOW), Grant)
    assert owed(decree_alone(), KeyPlace(("transit_vehicles",))) == Owed(0, False)


def test_facts_that_contradict_themselves_are_no_question() -> None:
    for ask in (
        lambda: KeyPlace(("urban_nodes",), parts=1, key_parts=2),
        lambda: KeyPlace(("urban_nodes",), parts=-1, key_parts=-1),
        lambda: replace(GATE, since=NOW.replace(tzinfo=None)),
        lambda: is_covered(law(), replace(GATE, since=NOW + SECOND), NOW),
        lambda: is_covered(law(), GATE, (NOW + timedelta(1)).replace(tzinfo=None)),
    ):
        with pytest.raises(UsageError):
            ask()
