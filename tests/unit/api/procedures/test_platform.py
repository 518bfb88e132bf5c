"""Platforms through the API: how many, who builds them, and of which versions (arts. 3¶2, 13¶2)."""

from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from bingjian.rules.library import law
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import DAOLI, NANGANG
from tests.unit.api.procedures.office import Desk, codes, desk

DIVISIONS = list(law().codes("division"))
VERSIONS = {
    "protocol": "GB/T 28181-2022",
    "schema_version": "catalogue 2",
    "is_registered": True,
    "has_catalogue": True,
    "answers": list(law().codes("platform_answer")),
}


async def authority(enter: Enter) -> Desk:
    return await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")


async def city(who: Desk, **other: Any) -> httpx.Response:
    wish = {"level": "city", "is_government_built": True, "builder": str(body_id("public_security"))}
    return await who.open("platforms", **wish | {"versions": VERSIONS} | other)


async def district(who: Desk, division: str, parent: str | None, **other: Any) -> httpx.Response:
    builder = str(body_id("public_security", division))
    wish = {"level": "district", "division": division, "is_government_built": True, "builder": builder}
    return await who.open("platforms", **wish | {"parent": parent} | other)


async def test_R3_3_one_city_platform_and_eighteen_below_it(enter: Enter) -> None:
    who = await authority(enter)
    first = (await city(who)).json()["id"]
    assert codes(await city(who)) == ["R3.3"]
    for division in DIVISIONS:
        assert (await district(who, division, first)).status_code == 201
    assert codes(await district(who, DIVISIONS[0], first)) == ["R3.3"]
    listed = await who.client.get("/api/v1/platforms", params={"limit": 100})
    assert len(listed.json()["items"]) == 1 + len(DIVISIONS) == 19


async def test_R3_3_a_district_below_another_and_one_below_nothing(enter: Enter) -> None:
    who = await authority(enter)
    first = (await city(who)).json()["id"]
    daoli = (await district(who, DAOLI, first)).json()["id"]
    assert codes(await district(who, NANGANG, daoli)) == ["R3.3"]
    assert codes(await district(who, NANGANG, None)) == ["R3.3"]


async def test_R3_3_built_by_government_and_of_a_level_that_there_is(enter: Enter) -> None:
    who = await authority(enter)
    assert codes(await city(who, is_government_built=False)) == ["R3.3"]
    assert "R3.3" in codes(await city(who, level="county"))


async def test_R3_3_a_stopped_platform_makes_room(enter: Enter) -> None:
    who = await authority(enter)
    first = (await city(who)).json()["id"]
    await who.stepped("platforms", first, "stop")
    assert (await city(who)).status_code == 201
    assert codes(await who.step("platforms", first, "activate")) == ["R3.3"]


async def test_R13_7_the_city_police_build_the_city_platform(enter: Enter) -> None:
    who = await authority(enter)
    for builder in ("transport", "city_data_authority"):
        assert codes(await city(who, builder=str(body_id(builder)), builder_reason="统筹")) == ["R13.7"]
    assert codes(await city(who, builder=str(body_id("public_security", DAOLI)))) == ["R13.7"]
    assert (await city(who)).status_code == 201


async def test_R13_8_another_builder_of_a_districts_platform_needs_a_reason(enter: Enter) -> None:
    who = await authority(enter)
    first = (await city(who)).json()["id"]
    other = {"builder": str(body_id("district_government", DAOLI))}
    assert codes(await district(who, DAOLI, first, **other)) == ["R13.8"]
    assert (await district(who, DAOLI, first, **other, builder_reason="区政府统建")).status_code == 201


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"protocol": "GB/T 28181-2016"}, ("GB/T 28181-2016", "GB/T 28181-2022")),
        ({"schema_version": "catalogue 1"}, ("catalogue 1", "catalogue 2")),
        ({"is_registered": False}, ("注册",)),
        ({"has_catalogue": False}, ("目录",)),
        ({"answers": ["live"]}, ("录像回放",)),
    ],
)
async def test_R13_8_a_district_runs_once_it_is_interconnected(
    enter: Enter, other: dict[str, Any], told: tuple[str, ...]
) -> None:
    who = await authority(enter)
    first = (await city(who)).json()["id"]
    assert (await who.stepped("platforms", first, "activate"))["state"] == "active"
    daoli = (await district(who, DAOLI, first, versions=VERSIONS | other)).json()["id"]
    refused = await who.step("platforms", daoli, "activate")
    assert codes(refused) == ["R13.8"]
    assert all(word in refused.json()["detail"] for word in told)
    await who.stepped("platforms", daoli, "report_versions", **VERSIONS)
    assert (await who.stepped("platforms", daoli, "activate"))["state"] == "active"
