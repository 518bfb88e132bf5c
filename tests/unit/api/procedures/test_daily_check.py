"""N8(2) through the API: whoever runs a private place checks it daily; what is found goes to the police."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.inventory.organisations import body_id
from bingjian.inventory.place_rows import PlaceRow
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.setting import DISTRICT, instant, organisation, part, place, put

NOON_S, DAY_S = 43_200, 86_400


@pytest.fixture
async def hotel(platform: Platform, database: Database) -> PlaceRow:
    """A place with a part where no camera may be, and its operator."""
    operator = await organisation(platform, database, "松花江宾馆")
    row = place(operator=operator)
    await put(database, row, part(row, kind="bathroom"))
    return row


async def operator_of(enter: Enter, hotel: PlaceRow) -> Desk:
    assert hotel.operator is not None
    return Desk(await enter(Role.CUSTODIAN, organisation=hotel.operator))


async def duties(who: Desk, subject: str | UUID, **more: Any) -> list[dict[str, Any]]:
    wish = {"code": "N8.2", "subject": str(subject), **more}
    found: list[dict[str, Any]] = (await who.client.get("/api/v1/duties", params=wish)).json()["items"]
    return found


async def test_N8_2_a_check_meets_todays_and_tomorrows_is_owed(enter: Enter, hotel: PlaceRow) -> None:
    keeper = await operator_of(enter, hotel)
    office = await desk(enter, Role.WORKGROUP_OFFICE)
    await office.client.post("/api/v1/duties/recompute")
    (owed,) = await duties(keeper, hotel.id)
    assert (owed["state"], owed["owner"]) == ("overdue", str(hotel.operator))  # private since June
    record = await keeper.opened("daily-checks", subject=str(hotel.id))
    await keeper.stepped("daily-checks", record, "check", note="无异常")
    (owed,) = await duties(keeper, hotel.id)
    assert instant(owed["due_at"]) == instant("2026-01-03T00:00:00+08:00")
    assert len(await duties(keeper, hotel.id, state="met_late")) == 1
    again = (await office.client.post("/api/v1/duties/recompute")).json()
    assert again == {"opened": 0, "changed": 0, "lapsed": 0}


@pytest.mark.parametrize(("seconds", "state"), [(-1, "open"), (0, "overdue"), (1, "overdue")])
async def test_N8_2_a_day_without_a_check_is_overdue_at_its_end(
    enter: Enter, hotel: PlaceRow, clock: StillClock, seconds: int, state: str
) -> None:
    keeper = await operator_of(enter, hotel)
    record = await keeper.opened("daily-checks", subject=str(hotel.id))
    await keeper.stepped("daily-checks", record, "check")
    clock.wait(NOON_S + DAY_S + seconds)
    (owed,) = await duties(await operator_of(enter, hotel), hotel.id)
    assert owed["state"] == state


@pytest.mark.parametrize(("seconds", "late"), [(599, False), (600, False), (601, True)])
async def test_N8_2_a_find_is_reported_to_the_district_police_by_the_same_step(
    enter: Enter, hotel: PlaceRow, platform: Platform, seconds: int, late: bool
) -> None:
    keeper = await operator_of(enter, hotel)
    record = await keeper.opened("daily-checks", subject=str(hotel.id))
    found = utc_now(platform.clock) - timedelta(seconds=seconds)
    wish = {"found": found.isoformat(), "text": "更衣室插座内有摄像头"}
    done = await keeper.stepped("daily-checks", record, "find", **wish)
    (one,) = done["data"]["finds"]
    police = body_id("public_security", DISTRICT)
    assert (one["police"], one["is_late"]) == (str(police), late)
    state = "met_late" if late else "met"
    assert [duty["key"] if "key" in duty else duty["state"] for duty in await duties(
        keeper, record, state=state)] == [state]  # fmt: skip
    (asked,) = await duties(keeper, record)
    assert asked["owner"] == str(police)
    officer = await desk(enter, Role.PUBLIC_SECURITY, body="public_security", division=DISTRICT)
    await officer.stepped("daily-checks", record, "handle", find=1, answer="已立案")
    assert await duties(keeper, record) == []


async def test_N8_2_only_whoever_runs_the_place_checks_it(enter: Enter, hotel: PlaceRow) -> None:
    record = await (await operator_of(enter, hotel)).opened("daily-checks", subject=str(hotel.id))
    other = await desk(enter, Role.CUSTODIAN, body="housing")
    assert codes(await other.step("daily-checks", record, "check")) == ["N8.2"]
    wish = {"found": "2026-01-01T03:59:00Z", "text": "有设备"}
    assert codes(await other.step("daily-checks", record, "find", **wish)) == ["N8.2"]


async def test_N8_2_a_place_that_is_not_there_is_not_checked(enter: Enter, hotel: PlaceRow) -> None:
    elsewhere = Desk(await enter(Role.CUSTODIAN, areas=("230103",)))
    answer = await elsewhere.open("daily-checks", subject=str(hotel.id), division="230103")
    nobody = await elsewhere.open("daily-checks", subject=str(UUID(int=9)), division="230103")
    assert answer.status_code == nobody.status_code == 422
    assert answer.json()["detail"] == nobody.json()["detail"]
