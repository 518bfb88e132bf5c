"""Cameras that somebody controls and that fail, or whose command is refused, over the API (R19.4)."""

from typing import Any

import pytest

from bingjian.api.platform import Platform
from bingjian.db.session import Database
from tests.backend import StillClock
from tests.spoken_signal import STOP
from tests.unit.api.conftest import Enter
from tests.unit.api.test_control import IDLE, WHOLE, Room, codes, furnished

GO_HOME = {"preset": {"action": "go", "number": 1}}
EAST = {"name": "东", "view": {"azimuth": 90.0, "h_fov": 30.0}}


@pytest.fixture
async def room(enter: Enter, platform: Platform, database: Database, clock: StillClock) -> Room:
    return await furnished(enter, platform, database, clock)


async def test_R19_4_a_move_that_is_refused_ends_the_one_before(room: Room) -> None:
    await room.filed(sweep={**WHOLE, "tilt_least": -10.0, "tilt_most": 10.0})
    client, lease = await room.ready()
    assert (await room.moved(client, lease, pan=100)).status_code == 204
    count = len(room.signal.told)
    assert codes(await room.moved(client, lease, pan=100, tilt=100)) == {"R19.4"}
    assert room.signal.since(count) == [STOP]
    assert codes(await room.moved(client, lease, tilt=100)) == {"R19.4"}
    assert room.signal.since(count) == [STOP]  # it stands already


# --- a camera that took what it was told, and says so too late; one that says no


@pytest.mark.parametrize("command", ["move", "preset"])
async def test_R19_4_what_may_have_been_turned_goes_home(room: Room, command: str) -> None:
    client, lease = await room.ready()
    await client.put(f"{room.url}/{lease}/presets/2", json=EAST)
    room.signal.is_late = True
    if command == "move":
        answer = await room.moved(client, lease, pan=100)
    else:
        answer = await client.post(f"{room.url}/{lease}/presets/2")
    assert answer.json()["code"] == "camera_away"
    room.signal.is_late = False
    await client.delete(f"{room.url}/{lease}")
    count = len(room.signal.told)
    room.clock.wait(IDLE)
    await room.control.round()
    assert room.signal.since(count) == [GO_HOME]


async def test_a_lens_that_may_go_on_is_told_to_rest(room: Room) -> None:
    client, lease = await room.ready()
    room.signal.is_late = True
    await client.post(f"{room.url}/{lease}/lens", json={"focus": 50, "number": 1})
    room.signal.is_late = False
    await client.delete(f"{room.url}/{lease}")
    assert room.signal.told[-1] == {"lens": {"focus": 0, "iris": 0}}


async def test_R19_4_a_way_home_whose_answer_is_late_is_gone_again(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    room.signal.is_late = True
    await client.post(f"{room.url}/{lease}/presets/1")
    room.signal.is_late = False
    await client.delete(f"{room.url}/{lease}")
    count = len(room.signal.told)
    room.clock.wait(IDLE)
    await room.control.round()
    assert room.signal.since(count) == [GO_HOME]


@pytest.mark.parametrize(("before", "goes_on"), [({}, False), ({"pan": 100}, True)])
async def test_a_camera_that_says_no_does_what_it_did(
    room: Room, before: dict[str, Any], goes_on: bool
) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, **before)
    room.signal.problem = 502, "device_error"
    assert (await room.moved(client, lease, tilt=100)).json()["code"] == "command_not_taken"
    room.signal.problem = None
    await room.waited(client, lease, IDLE)
    assert (room.signal.told[-1] == GO_HOME) is not goes_on  # what moves is not idle
