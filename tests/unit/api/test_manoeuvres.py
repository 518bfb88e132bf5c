"""Frames, cruises, scans, switches and a camera's own return over the API; and a fixed camera's lease."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.gb28181.models import GbChannelRow
from tests.backend import StillClock
from tests.spoken_signal import STOP
from tests.unit.api.conftest import Enter
from tests.unit.api.test_control import (
    DWELL,
    HOME,
    IDLE,
    MOMENT,
    PLACE_WEST,
    SOMEBODY,
    WHOLE,
    Room,
    bedroom,
    codes,
    furnished,
    spoken,
)
from tests.unit.api.test_siting import box

PICTURE = {"picture_width": 640, "picture_height": 360}
RIGHT_HALF = {**PICTURE, "closer": True, "x": 480, "y": 180, "width": 320, "height": 180}
EAST, NORTH_EAST = {"azimuth": 90.0, "h_fov": 30.0}, {"azimuth": 45.0, "h_fov": 30.0}
ROUND = {"name": "夜间巡航", "presets": [2, 3], "speed": 100, "dwell_s": 20}
NARROW = {"pan_from": 0.0, "pan_width": 100.0}
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
START = {"cruise": {"action": "start", "group": 1}}
SCAN = {"scan": {"action": "start", "group": 1}}


@pytest.fixture
async def room(enter: Enter, platform: Platform, database: Database, clock: StillClock) -> Room:
    return await furnished(enter, platform, database, clock)


async def framed(room: Room, client: httpx.AsyncClient, lease: str, **drawn: Any) -> httpx.Response:
    room.number += 1
    wish = {**RIGHT_HALF, **drawn, "number": room.number}
    return await client.post(f"{room.url}/{lease}/frame", json=wish)


async def started(room: Room, client: httpx.AsyncClient, lease: str, what: str) -> httpx.Response:
    room.number += 1
    return await client.post(f"{room.url}/{lease}/{what}", json={"number": room.number})


async def with_a_cruise(room: Room) -> tuple[httpx.AsyncClient, str]:
    client, lease = await room.ready()
    for number, view in ((2, EAST), (3, NORTH_EAST)):
        wish = {"name": str(number), "view": view}
        assert (await client.put(f"{room.url}/{lease}/presets/{number}", json=wish)).status_code == 200
    answer = await client.put(f"{room.url}/{lease}/cruises/1", json=ROUND)
    assert answer.status_code == 200, answer.text
    return client, lease


# --- what is drawn on the picture


async def test_what_is_drawn_goes_to_the_camera_in_the_pictures_pixels(room: Room) -> None:
    client, lease = await room.ready()
    assert (await framed(room, client, lease)).status_code == 204
    assert (await framed(room, client, lease, closer=False)).status_code == 204
    size = {"length": 640, "width": 360, "mid_x": 480, "mid_y": 180, "length_x": 320, "length_y": 180}
    told = [{"drag_zoom": {"in": closer, **size}} for closer in (True, False)]
    assert room.signal.told[-2:] == told
    late = await client.post(f"{room.url}/{lease}/frame", json={**RIGHT_HALF, "number": 1})
    assert late.status_code == 204
    assert room.signal.told[-2:] == told  # what comes late does nothing


@pytest.mark.parametrize("wrong", [{"x": 641}, {"width": 700}, {"height": 0}, {"picture_width": 0}])
async def test_what_is_drawn_lies_in_the_picture(room: Room, wrong: dict[str, int]) -> None:
    client, lease = await room.ready()
    assert (await framed(room, client, lease, **wrong)).status_code == 422


@pytest.mark.parametrize(
    "sweep", [None, {**WHOLE, "pan_width": 359.0}, {**WHOLE, "tilt_most": 10.0}, {**WHOLE, "zoom_most": 9.0}]
)
async def test_R19_4_nothing_is_framed_unseen_unless_every_axis_is_registered_whole(
    room: Room, sweep: Any
) -> None:
    await room.filed(sweep=sweep)
    client, lease = await room.ready()
    count = len(room.signal.told)
    for closer in (True, False):
        assert codes(await framed(room, client, lease, closer=closer)) == {"R19.4"}
    assert room.signal.since(count) == []


@pytest.mark.parametrize(
    ("drawn", "refused"),
    [
        ({"x": 320}, False),  # the middle of 60° at azimuth 85°
        ({"x": 480}, False),  # 15° further: 100°
        ({"x": 492}, True),  # 16° further
        ({"x": 160, "width": 1, "height": 1}, True),  # 360 times closer
        ({"x": 320, "y": 0}, True),  # half of 33.75° up
        ({"x": 320, "y": 70}, False),
    ],
)
async def test_R19_4_what_is_drawn_is_judged_by_where_it_leads(
    room: Room, drawn: dict[str, int], refused: bool
) -> None:
    await room.filed(sweep={**NARROW, "pan_zero": 0.0, "tilt_most": 12.0, "zoom_most": 20.0})
    room.signal.position = {"pan": 85.0, "tilt": 0.0, "zoom": 1.0}
    client, lease = await room.ready()
    answer = await framed(room, client, lease, **drawn)
    assert (codes(answer) if refused else answer.status_code) == ({"R19.4"} if refused else 204)


async def test_R19_4_a_camera_that_went_further_than_what_was_drawn_is_brought_back(room: Room) -> None:
    await room.filed(sweep={**NARROW, "pan_zero": 0.0})
    room.signal.position = {"pan": 50.0, "tilt": 0.0, "zoom": 1.0}
    client, lease = await room.ready()
    await framed(room, client, lease)
    count = len(room.signal.told)
    room.signal.position = {"pan": 101.0, "tilt": 0.0, "zoom": 1.0}
    await room.control.round()
    assert room.signal.since(count) == [STOP, {"precise": {"pan": 50.0, "tilt": 0.0, "zoom": 1.0}}]


async def test_R19_4_after_what_was_drawn_it_goes_home_as_after_a_move(room: Room) -> None:
    client, lease = await room.ready()
    await framed(room, client, lease)
    await room.waited(client, lease, IDLE)
    assert room.signal.told[-1] == {"preset": {"action": "go", "number": 1}}


async def test_R9_7_nothing_is_framed_where_the_sweep_meets_a_closed_part(room: Room) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked("platform")
    await bedroom(room, -20, -10)
    client, lease = await room.ready()
    assert codes(await framed(room, client, lease)) == {"R9.7"}


@pytest.mark.parametrize(("x", "entries"), [(320, 1), (480, 0)])
async def test_R31_1_framing_what_a_mask_hides_is_told(room: Room, x: int, entries: int) -> None:
    await room.masked()  # over the middle of the registered picture
    client, lease = await room.ready()
    await framed(room, client, lease, x=x)
    await room.waited(client, lease, DWELL + MOMENT)
    assert len(await room.entries("prying.suspected")) == entries


# --- cruises


async def test_a_cruise_is_set_seen_started_and_deleted(room: Room) -> None:
    client, lease = await with_a_cruise(room)
    seen = (await client.get(room.url)).json()["cruises"]
    assert seen == [{"number": 1, **ROUND}]
    assert (await started(room, client, lease, "cruises/1")).status_code == 204
    assert room.signal.told[-1] == START
    assert (await client.delete(f"{room.url}/{lease}/cruises/1")).status_code == 204
    assert room.signal.told[-1] == {"cruise": {"action": "delete", "group": 1, "preset": 0}}
    assert (await started(room, client, lease, "cruises/1")).status_code == 404
    (kept,) = await room.entries("cruise.set")
    assert (kept["cruise"], kept["name"], kept["presets"]) == (1, "夜间巡航", [2, 3])
    assert len(await room.entries("cruise.deleted")) == 1


async def test_a_cruise_that_the_camera_has_half_of_is_not_offered(room: Room) -> None:
    client, lease = await with_a_cruise(room)
    room.signal.problem = 504, "no_answer"
    answer = await client.put(f"{room.url}/{lease}/cruises/1", json={**ROUND, "presets": [3, 2]})
    assert answer.status_code == 503, answer.text
    room.signal.problem = None
    assert (await client.get(room.url)).json()["cruises"] == []


@pytest.mark.parametrize("how", ["released", "silent", "taken", "stopped", "moved", "preset"])
async def test_R19_4_a_cruise_ends_with_the_next_command_and_with_the_lease(room: Room, how: str) -> None:
    client, lease = await with_a_cruise(room)
    await started(room, client, lease, "cruises/1")
    count = len(room.signal.told)
    if how == "released":
        await client.delete(f"{room.url}/{lease}")
    elif how == "silent":
        room.clock.wait(4.001)
    elif how == "taken":
        await room.taken(await room.enter(Role.SHIFT_LEAD))
    elif how == "stopped":
        await room.moved(client, lease)
    elif how == "moved":
        await room.moved(client, lease, pan=100)
    else:
        await client.post(f"{room.url}/{lease}/presets/2")
    await room.control.round()
    assert STOP in room.signal.since(count) or how in ("moved", "preset")
    assert not room.control._turning[room.camera].course


async def test_R19_4_a_cruise_goes_on_while_somebody_is_there_and_home_follows_its_end(room: Room) -> None:
    client, lease = await with_a_cruise(room)
    await started(room, client, lease, "cruises/1")
    await room.waited(client, lease, IDLE)
    assert room.signal.told[-1] == START
    room.clock.wait(4.001)
    await room.control.round()
    assert room.signal.told[-2:] == [STOP, {"preset": {"action": "go", "number": 1}}]


async def test_R19_4_a_cruise_with_a_preset_outside_the_sweep_is_refused(room: Room) -> None:
    client, lease = await with_a_cruise(room)
    await client.delete(f"{room.url}/{lease}")
    await room.filed(sweep={"pan_from": 0.0, "pan_width": 60.0})  # 45° lies inside, 90° does not
    lease = await room.taken(client)
    assert codes(await started(room, client, lease, "cruises/1")) == {"R19.4"}
    wish = {**ROUND, "presets": [3, 2]}
    assert codes(await client.put(f"{room.url}/{lease}/cruises/2", json=wish)) == {"R19.4"}
    assert START not in room.signal.told


async def test_R9_7_a_cruise_to_a_preset_that_is_no_longer_registered_is_refused(room: Room) -> None:
    client, lease = await with_a_cruise(room)
    await client.delete(f"{room.url}/{lease}/presets/3")
    assert codes(await started(room, client, lease, "cruises/1")) == {"R9.7"}
    assert START not in room.signal.told


async def test_R9_7_a_cruise_to_a_preset_that_meets_a_closed_part_is_refused(room: Room) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked()
    await bedroom(room, -20, -10)
    client, lease = await with_a_cruise(room)
    west = {"name": "西", "view": PLACE_WEST}
    assert (await client.put(f"{room.url}/{lease}/presets/3", json=west)).status_code == 200
    masks = room.platform.parts.picture_masks
    (mask,) = await masks.of(room.camera)
    await masks.end(room.camera, mask.id, SOMEBODY)
    again = await room.taken(client)
    assert codes(await started(room, client, again, "cruises/1")) == {"R9.7"}


@pytest.mark.parametrize(("dwell", "entries"), [(DWELL, 0), (DWELL + 1, 1)])
async def test_R31_1_a_cruise_that_rests_on_what_a_mask_hides_is_told(
    room: Room, dwell: int, entries: int
) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked()
    client, lease = await with_a_cruise(room)
    await client.put(f"{room.url}/{lease}/presets/3", json={"name": "西", "view": PLACE_WEST})
    await client.put(f"{room.url}/{lease}/cruises/1", json={**ROUND, "dwell_s": dwell})
    assert (await started(room, client, lease, "cruises/1")).status_code == 204
    await room.waited(client, lease, DWELL + MOMENT)
    assert len(await room.entries("prying.suspected")) == entries


async def test_R19_4_nothing_goes_round_that_could_not_go_home(room: Room) -> None:
    client, lease = await with_a_cruise(room)
    await client.delete(f"{room.url}/{lease}/presets/1")
    assert codes(await started(room, client, lease, "cruises/1")) == {"R19.4"}
    assert codes(await started(room, client, lease, "scans/1")) == {"R19.4"}


# --- scans


@pytest.mark.parametrize(
    ("sweep", "refused"), [(WHOLE, False), ({**NARROW, "pan_zero": 0.0}, True), (None, True)]
)
async def test_R19_4_only_a_camera_registered_for_a_whole_turn_scans(
    room: Room, sweep: Any, refused: bool
) -> None:
    await room.filed(sweep=sweep)
    room.signal.position = {"pan": 50.0, "tilt": 0.0, "zoom": 1.0}
    client, lease = await room.ready()
    count = len(room.signal.told)
    for edge in ("left", "right"):
        answer = await client.put(f"{room.url}/{lease}/scans/1", json={"edge": edge})
        assert (codes(answer) if refused else answer.status_code) == ({"R19.4"} if refused else 204)
    await client.put(f"{room.url}/{lease}/scans/1", json={"speed": 100})
    await started(room, client, lease, "scans/1")
    told = [{"action": "left"}, {"action": "right"}, {"action": "speed", "value": 15}, {"action": "start"}]
    assert room.signal.since(count) == ([] if refused else [{"scan": {"group": 1, **one}} for one in told])


async def test_R9_7_where_the_sweep_meets_a_closed_part_nothing_scans(room: Room) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked("platform")
    await bedroom(room, -20, -10)
    client, lease = await room.ready()
    assert codes(await started(room, client, lease, "scans/1")) == {"R9.7"}
    assert SCAN not in room.signal.told


async def test_a_scan_ends_with_the_lease(room: Room) -> None:
    client, lease = await room.ready()
    await started(room, client, lease, "scans/1")
    count = len(room.signal.told)
    await client.delete(f"{room.url}/{lease}")
    assert room.signal.since(count) == [STOP]


async def test_what_the_camera_refuses_to_start_is_not_taken_for_going_on(room: Room) -> None:
    client, lease = await room.ready()
    room.signal.problem = 502, "device_error"
    assert (await started(room, client, lease, "scans/1")).json()["code"] == "command_not_taken"
    room.signal.problem = None
    await room.waited(client, lease, IDLE)
    assert room.signal.told[-1] == {"preset": {"action": "go", "number": 1}}  # it may have moved, and stands


# --- switches, and the camera's own return


async def test_what_is_switched_on_does_not_stay_on_without_whoever_did_it(room: Room) -> None:
    client, lease = await room.ready()
    for number, on in ((1, True), (2, True), (2, False)):
        answer = await client.post(f"{room.url}/{lease}/switches/{number}", json={"on": on})
        assert answer.status_code == 204
    count = len(room.signal.told)
    await client.delete(f"{room.url}/{lease}")
    assert room.signal.since(count) == [STOP, {"switch": {"number": 1, "on": False}}]


@pytest.mark.parametrize(("delay", "refused"), [(IDLE, False), (IDLE + 1, True)])
async def test_R19_4_the_camera_goes_home_by_itself_no_later_than_the_platform(
    room: Room, delay: int, refused: bool
) -> None:
    client, lease = await room.ready()
    answer = await client.put(f"{room.url}/{lease}/return", json={"delay_s": delay})
    assert (codes(answer) if refused else answer.status_code) == ({"R19.4"} if refused else 204)
    told = [{"home": {"enabled": True, "reset_s": delay, "preset": 1}}]
    assert room.signal.told[1:] == ([] if refused else told)
    assert len(await room.entries("return.set")) == (0 if refused else 1)
    assert (await client.put(f"{room.url}/{lease}/return", json={"delay_s": None})).status_code == 204
    assert room.signal.told[-1] == {"home": {"enabled": False, "reset_s": 0, "preset": 1}}


async def test_R19_4_without_a_home_there_is_nothing_to_go_back_to(room: Room) -> None:
    client = await room.enter(Role.WATCHER)
    lease = await room.taken(client)
    answer = await client.put(f"{room.url}/{lease}/return", json={"delay_s": 60})
    assert codes(answer) == {"R19.4"}


# --- a camera that does not turn


async def test_a_fixed_camera_has_a_lease_for_whoever_speaks_and_none_of_its_commands_turn(
    room: Room,
) -> None:
    await room.filed("3", sweep=None)
    client = await room.enter(Role.WATCHER)
    seen = (await client.get(room.url)).json()
    assert (seen["is_turnable"], seen["mobility"], seen["can_speak"]) == (False, "fixed", True)
    lease = await room.taken(client)
    assert (await spoken(room, client, lease)).status_code == 201
    assert (await client.post(f"{room.url}/{lease}/switches/2", json={"on": True})).status_code == 204
    for answer in (
        await room.moved(client, lease, pan=100),
        await framed(room, client, lease),
        await started(room, client, lease, "scans/1"),
        await client.put(f"{room.url}/{lease}/presets/1", json=HOME),
        await client.post(f"{room.url}/{lease}/home"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "not_turnable")
    await client.delete(f"{room.url}/{lease}")
    lit = [{"switch": {"number": 2, "on": on}} for on in (True, False)]
    assert room.signal.told == lit  # nor is it told to stand still
    (end,) = await room.entries("control.ended")
    assert end["reason"] == "released"


@pytest.mark.parametrize(("told", "mobility"), [("1", "turns"), ("3", "unsure"), ("", "unsure")])
async def test_the_devices_catalogue_is_asked_where_the_file_says_nothing(
    room: Room, told: str, mobility: str
) -> None:
    await room.filed("", sweep=None)

    async def work(session: AsyncSession) -> None:
        for other in (uuid4(), uuid4()):  # cameras of the neighbours turn
            session.add(channel(other, "1"))
        await session.flush()
        session.add(channel(room.camera, told))

    await room.database.run(work)
    seen = (await (await room.enter(Role.WATCHER)).get(room.url)).json()
    assert (seen["is_turnable"], seen["mobility"]) == (True, mobility)


def channel(camera: UUID, ptz_type: str) -> GbChannelRow:
    """As a catalogue has it, matched with a camera."""
    texts = ("name", "kind", "parents_text", "civil_code", "business_group", "manufacturer", "model")
    row = GbChannelRow(id=uuid4(), device=uuid4(), channel="23010200001320000001", camera=camera)
    for name in (*texts, "address", "status", "run", "matched_by_name"):
        setattr(row, name, "")
    row.ptz_type, row.since, row.version = ptz_type, SINCE, 1
    return row
