"""R24.1 through the API: staff by cameras and key cameras, the shortage reported, nobody in two places."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.access.service import People
from bingjian.db.session import Database
from bingjian.procedures.models import RecordRow
from tests.backend import StillClock
from tests.unit.api.conftest import PASSWORD, Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.setting import DISTRICT, camera, instant, part, place, put, record

START, END = "2026-01-02T00:00:00Z", "2026-01-02T08:00:00Z"


async def persons(people: People, count: int) -> list[str]:
    return [str((await people.add_person(f"值班员{n}", PASSWORD, frozenset()))[0].id) for n in range(count)]


async def platform_with(database: Database, cameras: int, keys: int = 0) -> RecordRow:
    """A district's platform that watches so many cameras in service, so many of them key ones."""
    somewhere = place()
    gate, platform = part(somewhere, is_key=True), record("platform")
    plain = [camera(of=somewhere) for _ in range(cameras - keys)]
    await put(database, somewhere, gate, platform, *plain, *[camera(at=gate) for _ in range(keys)])
    await put(database, camera("suspended", of=somewhere))  # not in service: nobody watches it
    return platform


async def rostered(lead: Desk, platform: RecordRow, start: str = START, end: str = END) -> str:
    return await lead.opened("shifts", subject=str(platform.id), division=DISTRICT, start=start, end=end)


async def shortages(lead: Desk, shift: str, state: str = "open") -> list[dict[str, Any]]:
    wish = {"code": "R24.1", "subject": shift, "state": state}
    found: list[dict[str, Any]] = (await lead.client.get("/api/v1/duties", params=wish)).json()["items"]
    return found


@pytest.mark.parametrize(
    ("count", "keys", "needed"), [(499, 0, 2), (500, 0, 2), (501, 0, 3), (1000, 0, 3), (500, 100, 3)]
)
async def test_R24_1_as_many_as_the_cameras_ask_for(
    enter: Enter, database: Database, count: int, keys: int, needed: int
) -> None:
    lead = await desk(enter, Role.SHIFT_LEAD)
    shift = await rostered(lead, await platform_with(database, count, keys))
    data = (await lead.look("shifts", shift))["data"]
    assert (data["needed"], data["cameras"], data["key_cameras"]) == (needed, count, keys)


async def test_R24_1_two_of_three_are_a_shortage_the_third_meets_it(
    enter: Enter, database: Database, people: People
) -> None:
    lead, staff = await desk(enter, Role.SHIFT_LEAD), await persons(people, 3)
    shift = await rostered(lead, await platform_with(database, 1000))
    for person in staff[:2]:
        await lead.stepped("shifts", shift, "assign", person=person)
    assert await shortages(lead, shift) == []  # nobody owes what is still being drawn up
    await lead.stepped("shifts", shift, "publish")
    (short,) = await shortages(lead, shift)
    assert instant(short["due_at"]) == instant(START)
    office = await desk(enter, Role.WORKGROUP_OFFICE)
    await office.client.post("/api/v1/duties/recompute")
    assert await shortages(lead, shift) == [short]
    await lead.stepped("shifts", shift, "assign", person=staff[2])
    assert await shortages(lead, shift) == []
    assert [one["evidence"] for one in await shortages(lead, shift, "met")] == [shift]
    await lead.stepped("shifts", shift, "release", person=staff[0])
    assert len(await shortages(lead, shift)) == 1


async def test_R24_1_more_cameras_want_more_staff_by_the_next_morning(
    enter: Enter, database: Database, people: People
) -> None:
    lead, (one, two) = await desk(enter, Role.SHIFT_LEAD), await persons(people, 2)
    shift = await rostered(lead, await platform_with(database, 500))
    for person in (one, two):
        await lead.stepped("shifts", shift, "assign", person=person)
    await lead.stepped("shifts", shift, "publish")
    assert await shortages(lead, shift) == []
    await put(database, camera())
    await (await desk(enter, Role.WORKGROUP_OFFICE)).client.post("/api/v1/duties/recompute")
    assert len(await shortages(lead, shift)) == 1


@pytest.mark.parametrize(("begins_s", "refusals"), [(-1, ["R24.1"]), (0, []), (1, [])])
async def test_R24_1_nobody_is_on_shift_at_two_platforms_at_once(
    enter: Enter, database: Database, people: People, begins_s: int, refusals: list[str]
) -> None:
    lead, (person,) = await desk(enter, Role.SHIFT_LEAD), await persons(people, 1)
    here, there = await platform_with(database, 1), await platform_with(database, 1)
    await lead.stepped("shifts", await rostered(lead, here), "assign", person=person)
    start = instant(END) + timedelta(seconds=begins_s)
    end = start + timedelta(hours=8)
    other = await rostered(lead, there, start.isoformat(), end.isoformat())
    answer = await lead.step("shifts", other, "assign", person=person)
    assert (codes(answer) if refusals else answer.status_code) == (refusals or 200)


async def test_R24_1_who_is_taken_off_or_withdrawn_is_free(
    enter: Enter, database: Database, people: People
) -> None:
    lead, (one, two) = await desk(enter, Role.SHIFT_LEAD), await persons(people, 2)
    here, there = await platform_with(database, 1), await platform_with(database, 1)
    first, second = await rostered(lead, here), await rostered(lead, there)
    for person in (one, two):
        await lead.stepped("shifts", first, "assign", person=person)
    await lead.stepped("shifts", first, "release", person=one)
    await lead.stepped("shifts", second, "assign", person=one)
    assert codes(await lead.step("shifts", second, "assign", person=two)) == ["R24.1"]
    await lead.stepped("shifts", first, "withdraw")
    await lead.stepped("shifts", second, "assign", person=two)
    assert codes(await lead.step("shifts", first, "publish")) == ["R24.1"]  # it is withdrawn


async def test_R25_9_a_watcher_holds_no_other_post_in_that_shift(
    enter: Enter, database: Database, people: People
) -> None:
    lead, (person,) = await desk(enter, Role.SHIFT_LEAD), await persons(people, 1)
    platform = await platform_with(database, 1)
    await lead.stepped("shifts", await rostered(lead, platform), "assign", person=person)
    again = await rostered(lead, platform)
    wish = {"person": person, "post": "repair", "is_watch": False}
    assert codes(await lead.step("shifts", again, "assign", **wish)) == ["R25.9"]


async def test_R25_3_who_is_not_trained_is_shown_on_the_roster(
    enter: Enter, database: Database, people: People, clock: StillClock
) -> None:
    lead, (person,) = await desk(enter, Role.SHIFT_LEAD), await persons(people, 1)
    shift = await rostered(lead, await platform_with(database, 1))
    data = (await lead.stepped("shifts", shift, "assign", person=person))["data"]
    assert [UUID(one) for one in data["untrained"]] == [UUID(person)]
