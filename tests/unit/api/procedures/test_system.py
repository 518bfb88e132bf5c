"""The life of a system through the API: its order, who builds it, its money, and what bars service."""

from collections.abc import Sequence
from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.procedures.junctions import JUNCTIONS
from tests.backend import kinds
from tests.unit.api.procedures.office import codes
from tests.unit.api.procedures.works import MONEY, Works

SOCIAL = {"investment": "social", **dict.fromkeys(MONEY, "")}


async def missing(works: Works, system: str, step: str = "enter_service") -> list[str]:
    """What the page of a system says is still missing for a step."""
    whole = await (await works.builder()).look("systems", system)
    (found,) = [one for one in whole["steps"] if one["name"] == step]
    return [one["code"] for one in found["missing"]]


async def test_R2_2_from_planned_to_retired(works: Works) -> None:
    system, cameras = await works.ready()
    builder = await works.builder()
    assert await works.states(cameras) == ["accepted"] * 2
    assert await missing(works, system) == []
    assert (await builder.stepped("systems", system, "enter_service"))["state"] == "in_service"
    assert await works.states(cameras) == ["in_service"] * 2
    await builder.stepped("systems", system, "suspend")
    assert await works.states(cameras) == ["suspended"] * 2
    await builder.stepped("systems", system, "resume")
    acts = [one["act"] for one in (await builder.look("systems", system))["history"]]
    assert acts[:4] == ["resume", "suspend", "enter_service", "assign_unit"]


async def test_R2_2_planned_to_service_is_refused_by_the_acceptance(works: Works, journal: Journal) -> None:
    system = await works.system()
    await works.camera(system, "C1")
    refused = codes(await (await works.builder()).step("systems", system, "enter_service"))
    assert "R16.3" in refused
    assert (await kinds(journal))[-1] == "refusal"
    assert await works.state_of(system) == "planned"


async def test_R2_2_N11_a_private_class_a_system_by_the_decree(works: Works) -> None:
    operator = await works.organisation("商场")
    place = await works.place("commerce", "8", operator=operator)
    system = await works.system(place, **SOCIAL, organiser=operator)
    await works.camera(system, "C1")
    refused = codes(await (await works.builder()).step("systems", system, "enter_service"))
    assert "N11" in refused
    assert "R16.3" not in refused


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("start_building", ["R12.1"]),
        ("start_trial", ["R12.1"]),
        ("accept", ["R12.1", "R16.3", "R16.5"]),
        ("suspend", ["R12.1", "R16.5", "R2.2"]),
    ],
)
async def test_R2_2_what_is_left_out_refuses_by_its_article(
    works: Works, step: str, expected: list[str]
) -> None:
    system = await works.system()
    refused = codes(await (await works.builder()).step("systems", system, step))
    assert set(refused) == set(expected)


async def test_R2_2_without_cameras_there_is_no_service(works: Works) -> None:
    system = await works.system(await works.place("lane"), **SOCIAL)
    assert "R2.2" in await missing(works, system)


async def test_R2_2_R19_1_retiring_from_service_wants_a_notice(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, cameras = await works.in_service()
    builder = await works.builder()
    assert codes(await builder.step("systems", system, "retire")) == ["R19.1", "R19.5"]

    async def noticed(step: Any, record: Any) -> bool:
        return True

    monkeypatch.setattr(JUNCTIONS, "noticed", noticed)
    assert (await builder.stepped("systems", system, "retire"))["state"] == "retired"
    assert await works.states(cameras) == ["retired"] * 2


async def test_R16_3_everything_missing_is_listed_at_once_then_less_and_less(works: Works) -> None:
    system, cameras = await works.on_trial()
    everything = {"R11.1", "R13.1", "R14.1", "R14.2", "R15.1", "R16.3", "R16.6", "R17.1", "R17.2", "N12"}
    assert everything - set(await missing(works, system)) == set()
    await works.passed(system)
    await works.linked(system, cameras)
    left = set(await missing(works, system))
    assert not left & {"R13.1", "R15.1", "R16.6"}
    assert "R11.1" in left


@pytest.mark.parametrize("code", ["R23.1", "R25.1", "R28.10"])
async def test_R16_3_what_nobody_answered_bars_service(works: Works, code: str) -> None:
    system, _ = await works.ready()
    del JUNCTIONS.answers[code]
    assert codes(await (await works.builder()).step("systems", system, "enter_service")) == [code]


# --- arts. 3, 5, 10


@pytest.mark.parametrize("purposes", [["private_home"], []])
async def test_R3_2_another_purpose_is_refused(works: Works, purposes: Sequence[str]) -> None:
    place = await works.place("road_crossing", "1")
    wish = works.description(place, purposes=purposes)
    assert codes(await (await works.builder()).open("systems", **wish)) == ["R3.2"]


@pytest.mark.parametrize("purpose", ["public_safety", "public_service", "public_management"])
async def test_R3_2_each_of_the_three_is_accepted(works: Works, purpose: str) -> None:
    assert await works.system(purposes=[purpose])


async def test_R5_1_without_a_budget_for_operation_it_stays_planned(works: Works) -> None:
    system = await works.system(operation_item="")
    builder = await works.builder()
    assert codes(await builder.step("systems", system, "design")) == ["R5.1"]
    assert await missing(works, system, "design") == ["R5.1"]
    place = (await builder.look("systems", system))["data"]["places"][0]
    await builder.stepped("systems", system, "change", **works.description(place))
    assert (await builder.stepped("systems", system, "design"))["state"] == "designed"


async def test_R5_1_a_budget_of_another_level_is_a_warning(works: Works) -> None:
    builder = await works.builder()
    system = await works.system(level="district")
    data = (await builder.look("systems", system))["data"]
    assert data["found"]["is_level_mismatched"]
    assert (await builder.stepped("systems", system, "design"))["state"] == "designed"
    same = (await builder.look("systems", await works.system()))["data"]
    assert not same["found"]["is_level_mismatched"]


async def test_R10_1_a_station_by_a_private_firm_is_refused_by_its_public_operator_accepted(
    works: Works,
) -> None:
    firm, railway = await works.organisation("某公司"), await works.organisation("铁路", is_public_body=True)
    builder = await works.builder()
    station = await works.place("railway_station", "2", operator=railway)
    by_firm = works.description(station, **SOCIAL, organiser=firm)
    assert set(codes(await builder.open("systems", **by_firm))) == {"R10.1", "N7.2", "N7.3"}
    assert (await builder.open("systems", **by_firm | {"organiser": railway})).status_code == 201


@pytest.mark.parametrize(
    ("kind", "category", "is_built"),
    [
        ("park", "7", True),
        ("scenic_belt", "7", True),
        ("residential_compound", "7", False),
        ("public_car_park", "7", False),
        ("scenic_area", "7", False),
        ("resort", "7", False),
        ("bus", "3", False),
    ],
)
async def test_R10_1_what_government_builds(works: Works, kind: str, category: str, is_built: bool) -> None:
    system = await works.system(await works.place(kind, category))
    found = (await (await works.builder()).look("systems", system))["data"]["found"]
    assert found["is_government_built"] is is_built
    assert found["is_article8"]


async def test_R10_1_a_contractor_works_for_the_government(works: Works) -> None:
    system = await works.system()
    await works.qualified(system)
    units = (await (await works.builder()).look("systems", system))["data"]["units"]
    assert [unit["role"] for unit in units] == ["design", "construction", "maintenance"]


async def test_R10_1_the_data_authority_rules_on_other_areas(works: Works) -> None:
    system = await works.system(await works.place("lane"))
    stranger = await works.at(Role.CITY_DATA_AUTHORITY, "transport")
    assert codes(await stranger.step("systems", system, "rule", ruling="哈交 1 号")) == ["R10.1"]
    authority = await works.authority()
    data = (await authority.stepped("systems", system, "rule", ruling="哈数 1 号"))["data"]
    assert data["found"]["is_government_built"]
    assert data["found"]["must_connect"]


async def test_R10_6_a_voluntary_camera_needs_no_category(works: Works) -> None:
    shop = await works.organisation("小店")
    wish = SOCIAL | {"is_voluntary": True, "voluntary_builder": "enterprise", "is_around_own_premises": True}
    wish |= {"organiser": shop, "has_security_duty": True, "need": "门前治安"}
    lane = await works.place("lane")
    system = await works.system(lane, **wish)
    found = (await (await works.builder()).look("systems", system))["data"]["found"]
    assert (found["is_article8"], found["decree_class"]) == (False, "B")
    builder = await works.builder()
    away = works.description(lane, **wish | {"is_around_own_premises": False})
    assert codes(await builder.open("systems", **away)) == ["R10.6"]
    idle = works.description(lane, **wish | {"has_security_duty": False})
    assert codes(await builder.open("systems", **idle)) == ["N9"]
    crossing = works.description(await works.place("road_crossing", "1"), **wish)
    assert codes(await builder.open("systems", **crossing)) == ["N7.3"]


async def test_R10_6_in_a_changing_room_nobody_volunteers(works: Works) -> None:
    shop, lane = await works.organisation("小店"), await works.place("lane")
    wish = SOCIAL | {"is_voluntary": True, "voluntary_builder": "enterprise", "is_around_own_premises": True}
    wish |= {"organiser": shop, "has_security_duty": True, "need": "门前治安"}
    wish["parts"] = [await works.part(lane, "changing_room")]
    refused = codes(await (await works.builder()).open("systems", **works.description(lane, **wish)))
    assert refused == ["R9.1"]


async def test_N13_service_wants_the_need_of_position_angle_and_range(works: Works) -> None:
    system, _ = await works.ready(necessity="")
    assert await missing(works, system) == ["N13"]


async def test_a_system_of_another_builder_is_not_there(works: Works) -> None:
    system = await works.system()
    other = await works.at(Role.BUILDER, "transport")
    there = await other.client.get(f"/api/v1/systems/{system}")
    nowhere = await other.client.get(f"/api/v1/systems/{body_id('nobody')}")
    assert (there.status_code, there.json()["code"]) == (nowhere.status_code, nowhere.json()["code"])
    assert there.status_code == 404


async def test_a_place_that_is_not_there_is_named(works: Works) -> None:
    wish = works.description(str(body_id("nowhere")))
    answer = await (await works.builder()).open("systems", **wish)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "places")
