"""What ends and goes on by itself for controlled cameras: each for itself, once, and only what is due."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import delete

from bingjian.access.control.models import TurnedCameraRow
from bingjian.access.control.service import Control
from bingjian.access.control.turning import SELDOM_S
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.cruises import Cruises
from bingjian.inventory.models import CameraRow, CameraWish
from bingjian.inventory.presets import Presets
from bingjian.inventory.turntable import STILL, Motion, Turntable
from tests.backend import StillClock
from tests.spoken_signal import STOP
from tests.unit.api.conftest import Enter
from tests.unit.api.test_control import IDLE, MOMENT, WATCH, Room, furnished

GO_HOME = {"preset": {"action": "go", "number": 1}}


@pytest.fixture
async def room(enter: Enter, platform: Platform, database: Database, clock: StillClock) -> Room:
    return await furnished(enter, platform, database, clock)


def started_anew(room: Room) -> Control:
    """The control of a platform that starts again."""
    journal, book = room.platform.journal, room.platform.parts.lawbook
    presets = Presets(room.database, journal, room.clock)
    cruises = Cruises(room.database, journal, room.clock)
    return Control(room.database, journal, room.clock, book.at, book.whole, presets, cruises)


class Stuck:
    """A camera that never answers a stop."""

    def __init__(self, turntable: Turntable) -> None:
        self._turntable = turntable
        self.is_asked = asyncio.Event()

    async def move(self, motion: Motion) -> None:
        if motion == STILL:
            self.is_asked.set()
            await asyncio.Event().wait()
        await self._turntable.move(motion)

    def __getattr__(self, name: str) -> object:
        return getattr(self._turntable, name)


async def test_a_camera_that_does_not_answer_keeps_no_other_turning(room: Room) -> None:
    of, control = room.control.turntable_of, room.control
    other = await room.platform.cameras.add(CameraWish("二", "rtsp://192.0.2.9/main"), uuid4(), "somebody")
    whole = await room.database.run(lambda session: session.get_one(CameraRow, room.camera))
    stuck = Stuck(of(whole))  # type: ignore[arg-type]
    control.turntable_of = lambda camera: stuck if camera.id == other.id else of(camera)  # type: ignore[return-value]
    client, lease = await room.ready()
    held = await client.post(f"/api/v1/cameras/{other.id}/control", json=WATCH)
    assert held.status_code == 201, held.text
    await room.moved(client, lease, pan=100)
    count = len(room.signal.told)
    room.clock.wait(5)
    for _ in range(3):
        await control._begin_round()
    await stuck.is_asked.wait()
    async with asyncio.timeout(10):
        while room.camera in control._leases:
            await asyncio.sleep(0.01)
    assert room.signal.since(count) == [STOP]
    assert control._rounds[other.id].done() is False  # one look, however many rounds there were
    await control.close_rounds()


async def test_what_changes_nothing_writes_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    await client.delete(f"{room.url}/{lease}")
    await room.control.round()
    writes = 0
    run = room.database.run

    async def counted(work: object) -> object:
        nonlocal writes
        writes += 1
        return await run(work)  # type: ignore[arg-type]

    monkeypatch.setattr(room.database, "run", counted)
    for _ in range(3):
        room.clock.wait(0.5)
        await room.control.round()
    assert writes == 0
    room.clock.wait(IDLE)
    await room.control.round()
    assert writes > 0
    async with room.database.read() as session:
        assert await session.get(TurnedCameraRow, room.camera) is None


async def test_a_camera_that_is_away_is_asked_ever_more_seldom_and_stopped_when_it_is_back(
    room: Room,
) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    room.signal.problem = 409, "offline"
    await client.delete(f"{room.url}/{lease}")
    asked = room.signal.asked
    for _ in range(120):
        await room.control.round()
        room.clock.wait(0.5)
    assert 5 <= room.signal.asked - asked <= 15  # a minute; 120 rounds
    room.signal.problem = None
    count = len(room.signal.told)
    room.clock.wait(SELDOM_S)
    await room.control.round()
    assert room.signal.since(count) == [STOP]


@pytest.mark.parametrize("is_there", [True, False])
async def test_an_end_is_told_once_however_often_the_platform_starts(room: Room, is_there: bool) -> None:
    """Without GB/T 28181 nothing turns the camera; it goes home once that is on again."""
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    if not is_there:
        await room.database.run(
            lambda session: session.execute(delete(CameraRow).where(CameraRow.id == room.camera))
        )
    for _ in range(3):
        await started_anew(room).recover()
    assert [one["reason"] for one in await room.entries("control.ended")] == ["restart"]
    anew = started_anew(room)
    anew.turntable_of = room.control.turntable_of
    room.clock.wait(IDLE)
    await anew.recover()
    await anew.round()
    assert (room.signal.told[-1] == GO_HOME) is is_there
    async with room.database.read() as session:
        assert await session.get(TurnedCameraRow, room.camera) is None


@pytest.mark.parametrize(("more", "ends"), [(0.0, []), (MOMENT, ["idle"])])
async def test_R19_4_a_page_before_which_nobody_sits_does_not_keep_a_camera(
    room: Room, more: float, ends: list[str]
) -> None:
    client, lease = await room.ready()
    await room.waited(client, lease, IDLE + more)
    assert [one["reason"] for one in await room.entries("control.ended")] == ends
    answer = await client.post(f"{room.url}/{lease}/beat")
    assert answer.status_code == (409 if ends else 200)


async def test_what_goes_on_is_no_idling(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    await room.waited(client, lease, IDLE + 2)
    assert (await client.post(f"{room.url}/{lease}/beat")).status_code == 200
    await room.moved(client, lease)
    await room.waited(client, lease, IDLE)
    assert await room.entries("control.ended") == []
