"""Art. 25(5) through the API: the register is the journal's looks, record for record, and shown to few."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.register import NEXT, RegisterRow
from bingjian.api.platform import Platform
from bingjian.db.platform import PlatformValue
from bingjian.db.session import Database
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.rules.decision import Grant, all_of
from bingjian.rules.decisions.register import FIELDS
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, NOON, TEN, Counter
from tests.unit.api.procedures.test_access_request import moved_to
from tests.unit.api.test_grants import look

REGISTER = "/api/v1/register"
WATCH = {"purpose": "duty_watch"}
LOOKS = {"view.live", "view.playback", "view.picture", "view.sprite", "copy.clip", "copy.download"}


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up()
    return made


async def shown(enter: Enter, **wanted: Any) -> list[dict[str, Any]]:
    auditor = await enter(Role.AUDITOR)
    answer = await auditor.get(REGISTER, params=wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_R25_12_every_field_of_an_officers_look(counter: Counter, enter: Enter) -> None:
    _, grant = await counter.granted()
    await look(counter, grant)
    (entry,) = await shown(enter)
    assert entry["person"]["name"].startswith("officer 2301 ")
    assert entry["unit"]["id"] == str(body_id("public_security", "230102"))
    assert (entry["camera"]["name"], entry["kind"], entry["verb"]["code"]) == (
        "东门 0",
        "view.playback",
        "view",
    )
    assert (entry["start"], entry["end"]) == (f"{TEN:%Y-%m-%dT%H:%M:%SZ}", f"{ELEVEN:%Y-%m-%dT%H:%M:%SZ}")
    assert (entry["purpose"], entry["purpose_words"]["zh"]) == ("criminal_case", "刑事案件侦办")
    assert (entry["destination"], entry["grant"]) == ("道里分局案件查阅室", grant)
    fields = {"persons": "person", "time": "at", "content": "verb", "cameras": "camera", "interval": "start"}
    for code in law().codes(FIELDS):
        assert entry[fields.get(code, code)], code


async def test_R25_12_the_register_equals_the_journal_record_for_record(
    counter: Counter, enter: Enter, journal: Journal, platform: Platform, database: Database
) -> None:
    _, grant = await counter.granted(verbs=["view", "copy"])
    watcher = await enter(Role.WATCHER)
    url = f"/api/v1/cameras/{counter.cameras[0]}"
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
    for _ in range(3):
        assert (await watcher.post(f"{url}/live", json=WATCH)).status_code == 201
        assert (await watcher.post(f"{url}/playback", json=span | WATCH)).status_code == 201
        await watcher.get(f"{url}/snapshot", params=WATCH)
        await watcher.get(f"{url}/sprite", params=span | WATCH)
        await look(counter, grant)
    await look(counter, grant, how="clip")
    written = [one for one in await journal.read(1000) if one.kind in LOOKS]
    assert {one.kind for one in written} == LOOKS - {"copy.clip"}
    entered = await shown(enter, limit=500)
    assert [one["sequence"] for one in entered] == [one.sequence for one in written]
    for row, record in zip(entered, written, strict=True):
        told = record.entry
        assert (row["person"]["id"], row["camera"]["id"]) == (told["actor"], told["camera"])
        assert (row["purpose"], row["grant"]) == (told["purpose"] or "", told.get("grant"))
        assert row["destination"] == told["destination"]
    assert isinstance(await platform.parts.register.agreement(law()), Grant)
    await gone(database, written[0].sequence)
    refused = all_of(await platform.parts.register.agreement(law()))
    assert [one.code for one in refused] == ["R25.12"]


async def gone(database: Database, sequence: int) -> None:
    async def work(session: AsyncSession) -> None:
        await session.execute(delete(RegisterRow).where(RegisterRow.sequence == sequence))

    await database.run(work)


async def test_it_is_made_from_the_journal_alone_in_blocks_and_again(
    counter: Counter, enter: Enter, platform: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bingjian.access.register.BLOCK", 3)
    _, grant = await counter.granted()
    for _ in range(7):
        await look(counter, grant)
        await shown(enter)
    before = await shown(enter)
    assert len(before) == 7

    async def work(session: AsyncSession) -> None:
        await session.execute(delete(RegisterRow))
        row = await session.get_one(PlatformValue, NEXT)
        await session.delete(row)

    await database.run(work)
    assert await shown(enter) == before
    async with database.read() as session:
        assert len(list(await session.scalars(select(RegisterRow)))) == 7


async def test_by_person_camera_and_period_in_pages(
    counter: Counter, enter: Enter, clock: StillClock
) -> None:
    _, grant = await counter.granted(cameras=counter.cameras)
    for camera in (0, 1, 0):
        await look(counter, grant, camera=camera)
        await look(counter, grant, 1, camera=camera)
        clock.wait(60)
    everything = await shown(enter)
    assert len(everything) == 6
    person = everything[0]["person"]["id"]
    assert len(await shown(enter, person=person)) == 3
    assert len(await shown(enter, camera=counter.cameras[1])) == 2
    minute = NOON + timedelta(seconds=60)
    assert len(await shown(enter, start=minute.isoformat())) == 4
    assert len(await shown(enter, end=minute.isoformat())) == 2
    second = {"start": minute.isoformat(), "end": (minute + timedelta(seconds=60)).isoformat()}
    assert len(await shown(enter, **second)) == 2
    auditor, found, cursor = await enter(Role.AUDITOR), [], None
    while True:
        params = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = (await auditor.get(REGISTER, params=params)).json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == everything


async def test_custodians_see_their_area_and_others_nothing(
    counter: Counter, enter: Enter, database: Database
) -> None:
    await moved_to(database, counter.cameras[0], "230102")
    _, grant = await counter.granted()
    await look(counter, grant)
    for areas, count in ((("230102",), 1), (("230103",), 0), (("2301",), 1)):
        custodian = await counter.custodian(0, *areas)
        assert len((await custodian.client.get(REGISTER)).json()["items"]) == count, areas
    for role in (Role.WATCHER, Role.OFFICER, Role.SYSADMIN, Role.PLANNER):
        assert (await (await enter(role)).get(REGISTER)).status_code == 403, role


@pytest.mark.parametrize("cursor", ["x", "WyIxIl0x", "WyItMSJd", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OSJd"])
async def test_cursors_of_others_are_refused_or_harmless(enter: Enter, cursor: str) -> None:
    answer = await (await enter(Role.AUDITOR)).get(REGISTER, params={"cursor": cursor})
    assert answer.status_code == 400


async def test_an_officer_sees_their_own_grants_while_they_hold(counter: Counter, clock: StillClock) -> None:
    expires = NOON + timedelta(minutes=30)
    record, grant = await counter.granted(expires)
    officer, other = await counter.officer(1), await counter.officer(2)
    (one,) = (await officer.client.get("/api/v1/grants")).json()["items"]
    assert (one["id"], one["request"]) == (grant, record)
    assert [UUID(camera["id"]) for camera in one["cameras"]] == [UUID(counter.cameras[0])]
    assert [verb["words"]["zh"] for verb in one["verbs"]] == ["查阅"]
    assert (await other.client.get("/api/v1/grants")).json()["items"] == []
    clock.wait(1801)
    assert (await officer.client.get("/api/v1/grants")).json()["items"] == []
