"""Who answers for a system, through the API: agreed, derived, decided, handed over (arts. 10¶2, 23)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.duties.owing import reconcile
from bingjian.procedures.models import RecordRow
from bingjian.procedures.responsibility_facts import (
    responsibility_answer,
    responsibility_obligations,
    responsible_for,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import all_of
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import CLERK, DAOLI, NANGANG, Field, desk_of
from tests.unit.api.procedures.office import Desk, codes, desk

CONTACT = {"contact": "张某 0451-8888888"}


async def registrar(enter: Enter) -> Desk:
    return await desk(enter, Role.REGISTRAR, body="public_security", division=DAOLI)


async def opened(enter: Enter, system: UUID, **holding: Any) -> tuple[Desk, str]:
    who = await registrar(enter)
    told = {name: str(value) if isinstance(value, UUID) else value for name, value in holding.items()}
    return who, await who.opened("responsibilities", subject=str(system), **told)


async def answer(field: Field, system: UUID) -> list[str]:
    """What entering service is told."""
    async with field.database.read() as session:
        row = await session.get(RecordRow, system)
        assert row is not None
        step = Step(session, field.journal, field.parts.lawbook, field.now, CLERK, row, None)
        return [one.code for one in all_of(await responsibility_answer(step, row))]


async def responsible(field: Field, system: UUID, seconds: float = 0) -> UUID | None:
    async with field.database.read() as session:
        return await responsible_for(session, system, field.now + timedelta(seconds=seconds))


async def test_R10_3_an_agreement_signed_by_one_is_refused(enter: Enter, field: Field, document: str) -> None:
    owner, user = await field.organisation("甲公司"), await field.organisation("乙公司")
    system = await field.system()
    who, record = await opened(enter, system, owner=owner, user=user)
    await who.stepped("responsibilities", record, "propose", body=str(user), document=document)
    assert codes(await who.step("responsibilities", record, "conclude", **CONTACT)) == ["R10.3"]
    signers = [await desk_of(enter, Role.REGISTRAR, party) for party in (owner, user)]
    await signers[0].stepped("responsibilities", record, "sign")
    assert codes(await who.step("responsibilities", record, "conclude", **CONTACT)) == ["R10.3"]
    stranger = await who.step("responsibilities", record, "sign")
    assert (stranger.status_code, stranger.json()["code"]) == (422, "contradiction")
    await signers[1].stepped("responsibilities", record, "sign")
    done = await who.stepped("responsibilities", record, "conclude", **CONTACT)
    assert (done["state"], done["data"]["periods"][0]["unit"]) == ("settled", str(user))
    assert await responsible(field, system) == user


@pytest.mark.parametrize(
    ("is_state", "named", "standing"),
    [
        (False, ("owner", "user"), "owner"),
        (True, ("owner", "user", "manager"), "manager"),
        (True, ("owner", "user"), "user"),
    ],
)
async def test_R10_3_by_law_the_owner_or_of_state_property_manager_then_user(
    enter: Enter, field: Field, is_state: bool, named: tuple[str, ...], standing: str
) -> None:
    parties = {role: await field.organisation(role) for role in named}
    system = await field.system()
    who, record = await opened(enter, system, **parties, is_state_owned=is_state)
    done = await who.stepped("responsibilities", record, "derive", **CONTACT)
    assert [one["standing"] for one in done["data"]["answering"]] == [standing]
    assert done["data"]["periods"][0]["unit"] == str(parties[standing])


async def test_R10_3_under_the_decree_the_operator_answers_and_both_are_shown(
    enter: Enter, field: Field
) -> None:
    owner, operator = await field.organisation("甲公司"), await field.organisation("景区管理处")
    system = await field.system()
    who, record = await opened(enter, system, owner=owner, operator=operator, place_kind="scenic_area")
    done = await who.stepped("responsibilities", record, "derive", **CONTACT)
    shown = [(one["standing"], one["unit"], one["code"]) for one in done["data"]["answering"]]
    assert shown == [("owner", str(owner), "R10.3"), ("operator", str(operator), "N7.2")]
    assert done["data"]["periods"][0]["unit"] == str(operator)


async def test_R10_3_where_government_builds_nobody_is_derived(enter: Enter, field: Field) -> None:
    owner = await field.organisation("甲公司")
    system = await field.system(is_government_built=True)
    who, record = await opened(enter, system, owner=owner)
    refused = await who.step("responsibilities", record, "derive", **CONTACT)
    assert (refused.status_code, refused.json()["code"]) == (422, "contradiction")
    done = await who.stepped("responsibilities", record, "appoint", unit=str(owner), **CONTACT)
    assert done["state"] == "settled"


async def unclear(enter: Enter, field: Field) -> tuple[UUID, str]:
    system = await field.system(state="in_service", used_at=field.now)
    who, record = await opened(enter, system, is_state_owned=True)
    refused = await who.step("responsibilities", record, "derive", **CONTACT)
    assert (refused.status_code, refused.json()["code"]) == (422, "contradiction")
    assert (await who.stepped("responsibilities", record, "find_unclear"))["state"] == "unclear"
    return system, record


async def test_R23_2_the_government_of_the_same_level_decides_and_nobody_else(
    enter: Enter, field: Field, clock: StillClock, document: str
) -> None:
    system, record = await unclear(enter, field)
    clock.wait(86_400)
    government = await desk(enter, Role.GOVERNMENT, body="district_government", division=DAOLI)
    inbox = (await government.client.get("/api/v1/duties", params={"mine": True})).json()["items"]
    assert [(one["code"], one["subject"]) for one in inbox] == [("R23.2", record)]
    assert inbox[0]["begun_at"] == "2026-01-01T04:00:00Z"  # its age
    unit = await field.organisation("某街道办")
    ruling = {"unit": str(unit), "document": document, **CONTACT}
    for role, body, division in (
        (Role.DEPARTMENT_USER, "city_management", ""),
        (Role.GOVERNMENT, "city_government", ""),
        (Role.GOVERNMENT, "district_government", NANGANG),
    ):
        other = await desk(enter, role, body=body, division=division)
        assert codes(await other.step("responsibilities", record, "decide", **ruling)) == ["R23.2"]
    for less in ({"document": None}, {"unit": None}):
        refused = await government.step("responsibilities", record, "decide", **ruling | less)
        assert codes(refused) == ["R23.2"]
    done = await government.stepped("responsibilities", record, "decide", **ruling)
    assert (done["state"], done["data"]["unclear_since"]) == ("settled", None)
    assert await field.states(record) == {"R23.2": "met"}
    assert await responsible(field, system) == unit


async def test_R23_2_of_a_city_system_the_city_government_decides(
    enter: Enter, field: Field, document: str
) -> None:
    system = await field.system(division="")
    who, record = await opened(enter, system, is_state_owned=True)
    await who.stepped("responsibilities", record, "find_unclear")
    unit = await field.organisation("某市直单位")
    ruling = {"unit": str(unit), "document": document, **CONTACT}
    district = await desk(enter, Role.GOVERNMENT, body="district_government", division=DAOLI)
    assert codes(await district.step("responsibilities", record, "decide", **ruling)) == ["R23.2"]
    city = await desk(enter, Role.GOVERNMENT, body="city_government")
    assert (await city.stepped("responsibilities", record, "decide", **ruling))["state"] == "settled"


async def test_R23_1_nobody_is_refused_and_one_is_enough(enter: Enter, field: Field) -> None:
    system, owner = await field.system(), await field.organisation("甲公司")
    assert await answer(field, system) == ["R23.1"]
    who, record = await opened(enter, system, owner=owner)
    assert codes(await who.step("responsibilities", record, "derive")) == ["R23.1"]  # no contact
    await who.stepped("responsibilities", record, "derive", **CONTACT)
    assert await answer(field, system) == []


async def settled(enter: Enter, field: Field) -> tuple[UUID, UUID, Desk, str]:
    system, owner = await field.system(), await field.organisation("甲公司")
    who, record = await opened(enter, system, owner=owner)
    await who.stepped("responsibilities", record, "derive", **CONTACT)
    return system, owner, who, record


async def test_R23_1_a_handover_at_an_instant(enter: Enter, field: Field, clock: StillClock) -> None:
    system, old, who, record = await settled(enter, field)
    new = await field.organisation("乙公司")
    at = field.now + timedelta(hours=1)
    handover = {"unit": str(new), "start": at.isoformat(), **CONTACT}
    await who.stepped("responsibilities", record, "hand_over", **handover)
    found = [await responsible(field, system, seconds) for seconds in (3599, 3600, 3601)]
    assert found == [old, new, new]
    clock.wait(7200)
    assert await answer(field, system) == []


@pytest.mark.parametrize(("apart", "may"), [(-1, False), (0, True), (1, False)])
async def test_R23_1_no_gap_and_no_overlap(enter: Enter, field: Field, apart: int, may: bool) -> None:
    _, _, who, record = await settled(enter, field)
    new = await field.organisation("乙公司")
    at = field.now + timedelta(hours=1)
    end = at - timedelta(seconds=apart)
    handover = {"unit": str(new), "start": at.isoformat(), "end": end.isoformat(), **CONTACT}
    done = await who.step("responsibilities", record, "hand_over", **handover)
    assert done.status_code == (200 if may else 403)
    assert may or codes(done) == ["R23.1"]


async def test_R23_1_one_record_of_a_system(enter: Enter, field: Field) -> None:
    system, _, who, _ = await settled(enter, field)
    second = await who.open("responsibilities", subject=str(system))
    assert (second.status_code, second.json()["code"]) == (409, "already_open")


async def test_R23_1_a_system_in_service_without_one_is_owed(enter: Enter, field: Field) -> None:
    system = await field.system(state="in_service", used_at=field.now)

    async def work(session: AsyncSession) -> tuple[int, int]:
        expected = await responsibility_obligations(session, field.parts.lawbook, field.now)
        return await reconcile(session, ("R23.1",), expected, field.now)

    assert await field.database.run(work) == (1, 0)
    who, record = await opened(enter, system, owner=await field.organisation("甲公司"))
    await who.stepped("responsibilities", record, "derive", **CONTACT)
    assert await field.states(system) == {"R23.1": "met"}
    assert await field.database.run(work) == (0, 0)
