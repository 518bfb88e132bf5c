"""Cameras that somebody controls and that fail, or whose command is refused, over the API (R19.4)."""

from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from tests.backend import StillClock
from tests.spoken_signal import STOP
from tests.unit.api.conftest import Enter
from tests.unit.api.test_control import DWELL, HOME, IDLE, MOMENT, WHOLE, Room, codes, furnished

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


SECTOR = {"pan_from": 0.0, "pan_width": 90.0, "pan_zero": 0.0}
AT_45 = {"pan": 45.0, "tilt": 0.0, "zoom": 1.0}


async def test_R19_4_a_camera_that_no_longer_says_where_it_looks_is_stopped_and_brought_back(
    room: Room,
) -> None:
    await room.filed(sweep=SECTOR)
    room.signal.position = AT_45
    client, lease = await room.ready()
    room.signal.position = None
    assert (await room.moved(client, lease, pan=100)).status_code == 204
    count = len(room.signal.told)
    await room.control.round()
    assert room.signal.since(count) == [STOP, {"precise": AT_45}]
    assert [one["code"] for one in await room.entries("refusal")] == ["R19.4"]
    room.signal.position = None
    await room.control.round()
    assert codes(await room.moved(client, lease, pan=1)) == {"R19.4"}
    assert (await room.moved(client, lease, tilt=1)).status_code == 204  # of that all is registered
    count = len(room.signal.told)
    await room.control.round()
    assert room.signal.since(count) == []


async def test_one_answer_that_is_lost_does_not_make_it_a_camera_that_never_says_where_it_looks(
    room: Room,
) -> None:
    await room.filed(sweep=SECTOR)
    room.signal.position = AT_45
    client, lease = await room.ready()
    room.signal.position = None
    assert (await room.moved(client, lease, pan=100)).status_code == 204
    await room.control.round()
    assert codes(await room.moved(client, lease, pan=1)) == {"R19.4"}
    room.signal.position = AT_45
    await room.control.round()
    assert (await room.moved(client, lease, pan=1)).status_code == 204


async def test_R19_4_whoever_takes_it_does_not_turn_it_by_where_it_looked(room: Room) -> None:
    await room.filed(sweep=SECTOR)
    room.signal.position = AT_45
    client, _ = await room.ready()
    room.signal.position = None
    assert codes(await room.moved(client, await room.taken(client), pan=1)) == {"R19.4"}


async def test_every_switch_is_told_to_go_off(room: Room) -> None:
    client, lease = await room.ready()
    for number in (1, 2):
        await client.post(f"{room.url}/{lease}/switches/{number}", json={"on": True})
    room.signal.refused = {"switch": {"number": 1, "on": False}}
    await client.delete(f"{room.url}/{lease}")
    assert room.signal.told[-1] == {"switch": {"number": 2, "on": False}}


# --- the way home


@pytest.mark.parametrize("existed", [False, True])
async def test_R19_4_a_home_that_the_camera_did_not_take_is_none(room: Room, existed: bool) -> None:
    client, lease = await room.ready()
    if existed:
        await client.put(f"{room.url}/{lease}/presets/2", json=EAST)
    await room.moved(client, lease, pan=100)
    room.signal.problem = 409, "offline"
    answer = await client.put(f"{room.url}/{lease}/presets/2", json={"name": "x", "is_home": True})
    assert answer.json()["code"] == "camera_away"
    room.signal.problem = None
    presets = (await client.get(room.url)).json()["presets"]
    assert [one["number"] for one in presets if one["is_home"]] == [1]
    await client.delete(f"{room.url}/{lease}")
    room.clock.wait(IDLE)
    await room.control.round()
    assert room.signal.told[-1] == GO_HOME


async def test_R19_4_the_home_of_a_camera_that_is_away_stays(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    one = f"{room.url}/{lease}/presets/1"
    assert codes(await client.delete(one)) == {"R19.4"}
    assert codes(await client.put(one, json=EAST)) == {"R19.4"}
    assert (await client.put(f"{room.url}/{lease}/presets/2", json=HOME)).status_code == 200
    assert (await client.delete(one)).status_code == 204  # 2 is home now
    await client.post(f"{room.url}/{lease}/home")
    assert (await client.delete(f"{room.url}/{lease}/presets/2")).status_code == 204


async def test_R19_4_nobody_goes_to_a_preset_from_which_nothing_leads_home(room: Room) -> None:
    client = await room.enter(Role.WATCHER)
    lease = await room.taken(client)
    two = f"{room.url}/{lease}/presets/2"
    assert (await client.put(two, json=EAST)).status_code == 200
    assert codes(await client.post(two)) == {"R19.4"}
    assert (await client.put(f"{room.url}/{lease}/presets/1", json=HOME)).status_code == 200
    assert (await client.post(two)).status_code == 204


@pytest.mark.parametrize(
    ("pan", "zoom", "refused"), [(6, 1, False), (7, 1, True), (354, 1, False), (0, 2, True)]
)
async def test_R19_4_what_is_not_the_registered_view_is_not_home(
    room: Room, pan: float, zoom: float, refused: bool
) -> None:
    """A tenth of 60° at most."""
    await room.filed(sweep={**WHOLE, "pan_zero": 0.0})
    room.signal.position = {"pan": pan, "tilt": 0.0, "zoom": zoom}
    client, lease = await room.ready()
    answer = await client.put(f"{room.url}/{lease}/presets/1", json=HOME)
    assert (codes(answer) if refused else answer.status_code) == ({"R19.4"} if refused else 200)


# --- one after the other


@pytest.mark.parametrize(("stayed", "told"), [(DWELL, 0), (DWELL + MOMENT, 1)])
async def test_R31_1_nobody_answers_for_what_was_looked_at_before_them(
    room: Room, stayed: float, told: int
) -> None:
    await room.masked()
    client, lease = await room.ready()
    await room.moved(client, lease, zoom=50)
    await room.moved(client, lease)
    person = (await client.get("/api/v1/session")).json()["person"]["id"]
    for _ in range(6):
        room.clock.wait(stayed / 6)
        await client.post(f"{room.url}/{lease}/beat")
    police = await room.enter(Role.PUBLIC_SECURITY)
    theirs = await room.taken(police)
    await room.waited(police, theirs, DWELL)
    assert [one["actor"] for one in await room.entries("prying.suspected")] == [person] * told
    await room.waited(police, theirs, MOMENT)
    other = (await police.get("/api/v1/session")).json()["person"]["id"]
    assert [one["actor"] for one in await room.entries("prying.suspected")] == [person] * told + [other]
