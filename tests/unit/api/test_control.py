"""Turning cameras over the API: the lease, what is written down first, and what the law says of a move."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.control.models import TurnedCameraRow
from bingjian.access.control.service import SPEECH_MAX, Control
from bingjian.access.decisions import Role
from bingjian.access.models import PersonRow
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow, dumps
from bingjian.inventory.cruises import Cruises
from bingjian.inventory.gb28181.turntable import ChannelTurntable
from bingjian.inventory.models import CameraRow, CameraWish
from bingjian.inventory.picture_masks import MaskWish
from bingjian.inventory.presets import Presets
from bingjian.inventory.turntable import Turntable
from bingjian.journal.append import Journal
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.rules.library import law
from bingjian.streaming.ticket import verify
from tests.backend import StillClock, kinds
from tests.spoken_signal import CHANNEL, DEVICE, STOP, SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import desk
from tests.unit.api.test_places import added, part_of
from tests.unit.api.test_siting import AT, box

DWELL = law().number("conduct.dwell")
IDLE = law().number("ptz.idle")
MOMENT = 0.001
LOOK = {"azimuth": 0.0, "h_fov": 60.0, "max_view_distance": 30.0}  # north
WHOLE = {"pan_from": 0.0, "pan_width": 360.0}
CENTRE = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]
WATCH = {"purpose": "duty_watch"}
HOME = {"name": "大门", "is_home": True}
RIGHT = {"ptz": {"pan": 255, "tilt": 0, "zoom": 0}}


@dataclass
class Room:
    """A camera that turns, and those who sit before it."""

    enter: Enter
    platform: Platform
    database: Database
    clock: StillClock
    signal: SpokenSignal
    camera: UUID
    number: int = 0  # of the last command

    @property
    def url(self) -> str:
        return f"/api/v1/cameras/{self.camera}/control"

    @property
    def control(self) -> Control:
        return self.platform.parts.control

    async def filed(self, kind: str = "", **values: Any) -> None:
        """What the camera's file says of where it stands and looks."""

        async def work(session: AsyncSession) -> None:
            row = await session.get_one(CameraFileRow, self.camera)
            row.longitude, row.latitude, row.division = *AT, "230102"
            row.view_json = dumps({**LOOK, "sweep": WHOLE, **values})
            row.structure_type = kind

        await self.database.run(work)

    async def masked(self, where: Any = "camera") -> None:
        await self.platform.parts.picture_masks.add(
            self.camera, MaskWish("住户的窗", where, CENTRE), SOMEBODY
        )

    async def taken(self, client: httpx.AsyncClient) -> str:
        answer = await client.post(self.url, json=WATCH)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def ready(self, role: Role = Role.WATCHER) -> tuple[httpx.AsyncClient, str]:
        """Somebody who has control of a camera with a home."""
        position, self.signal.position = self.signal.position, None  # its home is where its file has it
        client = await self.enter(role)
        lease = await self.taken(client)
        answer = await client.put(f"{self.url}/{lease}/presets/1", json=HOME)
        assert answer.status_code == 200, answer.text
        self.signal.position = position
        return client, (lease if position is None else await self.taken(client))

    async def moved(self, client: httpx.AsyncClient, lease: str, **motion: int) -> httpx.Response:
        self.number += 1
        return await client.post(f"{self.url}/{lease}/motion", json={**motion, "number": self.number})

    async def waited(self, client: httpx.AsyncClient, lease: str, seconds: float) -> None:
        """While the page says that somebody is there."""
        while seconds > 0:
            self.clock.wait(min(2.0, seconds))
            seconds -= 2.0
            assert (await client.post(f"{self.url}/{lease}/beat")).status_code == 200
        await self.control.round()

    async def entries(self, kind: str) -> list[dict[str, Any]]:
        return [one.entry for one in await self.platform.journal.read(1000) if one.kind == kind][::-1]


@dataclass(frozen=True)
class Somebody:
    id: UUID = field(default_factory=uuid4)
    name: str = "登记员"
    address: str = ""


SOMEBODY = Somebody()


@pytest.fixture
async def room(enter: Enter, platform: Platform, database: Database, clock: StillClock) -> Room:
    return await furnished(enter, platform, database, clock)


async def furnished(enter: Enter, platform: Platform, database: Database, clock: StillClock) -> Room:
    signal = SpokenSignal()
    http = signal.http

    def turntable_of(camera: CameraRow) -> Turntable | None:
        return ChannelTurntable(http, ChannelAddress(DEVICE, CHANNEL)) if camera.name == "球机" else None

    platform.parts.control.turntable_of = turntable_of
    row = await platform.cameras.add(CameraWish("球机", "rtsp://192.0.2.1/main"), uuid4(), "somebody")
    found = Room(enter, platform, database, clock, signal, row.id)
    await found.filed()
    return found


def codes(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 403, answer.text
    problem = answer.json()
    return {one["code"] for one in problem.get("refusals") or [problem]}


# --- the lease


async def test_R27_2_looking_gives_no_control(room: Room) -> None:
    for role in (Role.CUSTODIAN, Role.OFFICER, Role.MAINTAINER, Role.REGISTRAR, Role.AUDITOR):
        answer = await (await room.enter(role)).post(room.url, json=WATCH)
        assert codes(answer) == {"R27.1"}, role
    for role in (Role.WATCHER, Role.SHIFT_LEAD, Role.PUBLIC_SECURITY):
        client = await room.enter(role)
        lease = await room.taken(client)
        assert (await client.delete(f"{room.url}/{lease}")).status_code == 204
    abroad = await room.enter(Role.WATCHER, areas=("230199",))
    assert (await abroad.post(room.url, json=WATCH)).status_code == 404


async def test_control_has_a_purpose_of_the_law(room: Room) -> None:
    watcher = await room.enter(Role.WATCHER)
    assert codes(await watcher.post(room.url, json={"purpose": "curiosity"})) == {"R4.2"}
    assert room.signal.told == []


async def test_control_is_written_down_before_the_first_command(room: Room, journal: Journal) -> None:
    client, lease = await room.ready()
    assert (await room.moved(client, lease, pan=100)).status_code == 204
    assert (await client.delete(f"{room.url}/{lease}")).status_code == 204
    begun, preset, over = (await kinds(journal))[-3:]
    assert (begun, preset, over) == ("control.begun", "preset.set", "control.ended")
    (entry,) = await room.entries("control.begun")
    assert (entry["camera"], entry["purpose"], entry["role"]) == (str(room.camera), "duty_watch", "watcher")
    (end,) = await room.entries("control.ended")
    assert (end["reason"], end["commands"], end["stopped"]) == ("released", 2, True)
    assert room.signal.told == [{"preset": {"action": "set", "number": 1}}, RIGHT, STOP]


async def test_without_a_journal_nobody_controls(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.backend import FailingJournal

    monkeypatch.setattr(room.control, "_journal", FailingJournal())
    answer = await (await room.enter(Role.WATCHER)).post(room.url, json=WATCH)
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")
    assert room.control.holder(room.camera) is None
    assert room.signal.told == []


async def test_the_others_see_who_controls(room: Room) -> None:
    watcher, lease = await room.ready()
    lead = await room.enter(Role.SHIFT_LEAD)
    seen = (await lead.get(room.url)).json()
    assert (seen["is_turnable"], seen["controller"]["name"], seen["controller"]["role"]) == (
        True,
        "watcher",
        "watcher",
    )
    assert seen["controller"]["until"] == "2026-01-01T04:00:04Z"
    assert seen["controller"]["is_me"] is False
    assert seen["presets"] == [{"number": 1, "name": "大门", "is_home": True}]
    assert (await watcher.get(room.url)).json()["controller"]["is_me"] is True
    await watcher.delete(f"{room.url}/{lease}")
    assert (await lead.get(room.url)).json()["controller"] is None


async def test_a_higher_role_takes_over_and_the_camera_stops(room: Room, journal: Journal) -> None:
    watcher, lease = await room.ready()
    await room.moved(watcher, lease, pan=100)
    again = await (await room.enter(Role.WATCHER, areas=("2301",))).post(room.url, json=WATCH)
    assert again.status_code == 201  # the same role in the same area is the same person here
    other = await room.enter(Role.WATCHER, areas=("230102",))
    refused = await other.post(room.url, json=WATCH)
    assert (refused.status_code, refused.json()["code"]) == (409, "control_held")
    assert "watcher" in refused.json()["detail"]
    count = len(room.signal.told)
    police = await room.enter(Role.PUBLIC_SECURITY)
    taken = await room.taken(police)
    assert room.signal.since(count) == [STOP]
    lost = await watcher.post(f"{room.url}/{again.json()['id']}/beat")
    assert (lost.status_code, lost.json()["code"]) == (409, "control_taken")
    assert lost.json()["detail"] == "public_security (public_security) controls it now"
    assert (await room.moved(watcher, lease, pan=-100)).status_code == 409
    assert room.signal.since(count) == [STOP]
    assert (await police.post(f"{room.url}/{taken}/beat")).status_code == 200
    assert (await kinds(journal))[-2:] == ["control.taken", "control.ended"]
    refused = await watcher.post(room.url, json=WATCH)
    assert refused.json()["code"] == "control_held"


@pytest.mark.parametrize(("seconds", "is_over"), [(3.999, False), (4.0, False), (4.001, True)])
async def test_two_lost_beats_stop_the_camera(room: Room, seconds: float, is_over: bool) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    count = len(room.signal.told)
    room.clock.wait(seconds)
    await room.control.round()
    assert room.signal.since(count) == ([STOP] if is_over else [])
    assert [one["reason"] for one in await room.entries("control.ended")] == (["silent"] if is_over else [])
    answer = await client.post(f"{room.url}/{lease}/beat")
    assert answer.status_code == (409 if is_over else 200)


async def test_signing_out_stops_the_camera(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    await room.control.round()
    count = len(room.signal.told)
    await client.delete("/api/v1/session")
    await room.control.round()
    assert room.signal.since(count) == [STOP]
    assert [one["reason"] for one in await room.entries("control.ended")] == ["rights_ended"]


async def test_whose_role_is_taken_away_turns_nothing_any_more(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    count = len(room.signal.told)
    person = UUID((await client.get("/api/v1/session")).json()["person"]["id"])

    async def work(session: AsyncSession) -> None:
        (await session.get_one(PersonRow, person)).roles = Role.CUSTODIAN.value

    await room.database.run(work)
    await room.control.round()
    assert room.signal.since(count) == [STOP]
    assert [one["reason"] for one in await room.entries("control.ended")] == ["rights_ended"]


async def test_R27_6_a_level_that_is_set_meanwhile_ends_control(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    count = len(room.signal.told)

    async def work(session: AsyncSession) -> None:
        (await session.get_one(CameraFileRow, room.camera)).secrecy = "state_secret"

    await room.database.run(work)
    assert codes(await client.post(f"{room.url}/{lease}/beat")) == {"R27.6"}
    room.clock.wait(4.001)
    await room.control.round()
    assert room.signal.since(count) == [STOP]
    assert codes(await client.post(room.url, json=WATCH)) == {"R27.6"}


async def test_a_command_that_comes_late_does_nothing(room: Room) -> None:
    client, lease = await room.ready()
    count = len(room.signal.told)
    for number, pan in ((5, 100), (7, 0), (6, 100), (7, 100)):
        answer = await client.post(f"{room.url}/{lease}/motion", json={"pan": pan, "number": number})
        assert answer.status_code == 204
    assert room.signal.since(count) == [RIGHT, STOP]


async def test_a_camera_that_did_not_take_the_stop_is_told_again(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    count = len(room.signal.told)
    room.signal.problem = 409, "offline"
    assert (await room.moved(client, lease)).json()["code"] == "camera_away"
    await client.delete(f"{room.url}/{lease}")
    assert [one["stopped"] for one in await room.entries("control.ended")] == [False]
    room.signal.problem = None
    await room.control.round()
    assert room.signal.since(count) == [STOP]


async def test_a_camera_without_motors_is_not_taken(room: Room) -> None:
    row = await room.platform.cameras.add(CameraWish("枪机", "rtsp://192.0.2.2/main"), uuid4(), "somebody")
    watcher = await room.enter(Role.WATCHER)
    url = f"/api/v1/cameras/{row.id}/control"
    assert (await watcher.get(url)).json()["is_turnable"] is False
    assert (await watcher.post(url, json=WATCH)).json()["code"] == "not_turnable"


async def test_after_a_restart_it_stops_and_goes_home(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    platform, parts = room.platform, room.platform.parts
    presets = Presets(room.database, platform.journal, room.clock)
    book = parts.lawbook
    cruises = Cruises(room.database, platform.journal, room.clock)
    anew = Control(room.database, platform.journal, room.clock, book.at, book.whole, presets, cruises)
    anew.turntable_of = room.control.turntable_of
    count = len(room.signal.told)
    room.clock.wait(IDLE)
    await anew.recover()
    await anew.round()
    assert room.signal.since(count) == [STOP, {"preset": {"action": "go", "number": 1}}]
    assert [one["reason"] for one in await room.entries("control.ended")] == ["restart"]
    async with room.database.read() as session:
        assert await session.get(TurnedCameraRow, room.camera) is None


# --- what the law says of a move (R19.4, R9.7)


async def test_R19_4_nothing_turns_that_could_not_go_home(room: Room) -> None:
    client = await room.enter(Role.WATCHER)
    lease = await room.taken(client)
    assert codes(await room.moved(client, lease, pan=100)) == {"R19.4"}
    await client.put(f"{room.url}/{lease}/presets/1", json=HOME)
    assert (await room.moved(client, lease, pan=100)).status_code == 204


@pytest.mark.parametrize(
    ("sweep", "motion", "refused"),
    [
        (None, {"pan": 1}, True),
        ({**WHOLE, "pan_width": 359.0}, {"pan": 1}, True),
        ({**WHOLE, "pan_width": 359.0}, {"tilt": 1}, False),
        ({**WHOLE, "zoom_most": 20.0}, {"zoom": 1}, True),
        ({**WHOLE, "tilt_most": 10.0}, {"tilt": -1}, True),
        (WHOLE, {"pan": -1, "tilt": 1, "zoom": 1}, False),
    ],
)
async def test_R19_4_a_camera_that_does_not_say_where_it_looks(
    room: Room, sweep: Any, motion: dict[str, int], refused: bool
) -> None:
    await room.filed(sweep=sweep)
    client, lease = await room.ready()
    answer = await room.moved(client, lease, **motion)
    assert (codes(answer) if refused else answer.status_code) == ({"R19.4"} if refused else 204)
    assert (await room.moved(client, lease)).status_code == 204  # it may always stop


@pytest.mark.parametrize(("pan", "refused"), [(58.0, False), (59.0, False), (59.5, True), (60.0, True)])
async def test_R19_4_a_camera_that_says_it_stays_inside(room: Room, pan: float, refused: bool) -> None:
    await room.filed(sweep={"pan_from": 0.0, "pan_width": 60.0, "pan_zero": 0.0})
    room.signal.position = {"pan": pan, "tilt": 0.0, "zoom": 1.0}
    client, lease = await room.ready()
    answer = await room.moved(client, lease, pan=10)
    assert (codes(answer) if refused else answer.status_code) == ({"R19.4"} if refused else 204)
    assert (await room.moved(client, lease, pan=-10)).status_code == 204


async def test_R19_4_what_leaves_the_sweep_is_stopped_and_brought_back(room: Room, journal: Journal) -> None:
    await room.filed(sweep={"pan_from": 0.0, "pan_width": 60.0, "pan_zero": 0.0})
    room.signal.position = {"pan": 50.0, "tilt": 0.0, "zoom": 1.0}
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    count = len(room.signal.told)
    room.signal.position = {"pan": 60.0, "tilt": 0.0, "zoom": 1.0}
    await room.control.round()
    assert room.signal.since(count) == []
    room.signal.position = {"pan": 60.1, "tilt": 0.0, "zoom": 1.0}
    await room.control.round()
    assert room.signal.since(count) == [STOP, {"precise": {"pan": 60.0, "tilt": 0.0, "zoom": 1.0}}]
    (refusal,) = await room.entries("refusal")
    assert (refusal["code"], refusal["verb"]) == ("R19.4", "control")


@pytest.mark.parametrize(("idle", "home"), [(IDLE - MOMENT, False), (IDLE, True), (IDLE + MOMENT, True)])
async def test_R19_4_after_the_idle_time_it_goes_home(room: Room, idle: float, home: bool) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    await room.moved(client, lease)
    count = len(room.signal.told)
    await client.delete(f"{room.url}/{lease}")
    room.clock.wait(idle)
    await room.control.round()
    went = [{"preset": {"action": "go", "number": 1}}] if home else []
    assert room.signal.since(count) == [STOP, *went]
    assert len(await room.entries("control.homed")) == len(went)
    room.clock.wait(IDLE)
    await room.control.round()
    assert len(await room.entries("control.homed")) == 1  # once


async def test_R19_4_whoever_holds_on_without_a_command_sees_it_go_home(room: Room) -> None:
    client, lease = await room.ready()
    await room.moved(client, lease, pan=100)
    await room.moved(client, lease)
    await room.waited(client, lease, IDLE)
    assert room.signal.told[-1] == {"preset": {"action": "go", "number": 1}}
    assert (await client.post(f"{room.url}/{lease}/beat")).status_code == 200


PLACE_WEST = {"azimuth": 270.0, "h_fov": 30.0}


async def bedroom(room: Room, west: float, east: float) -> None:
    registrar = await room.enter(Role.REGISTRAR)
    place = (await added(registrar))["id"]
    await part_of(registrar, place, "dormitory", polygon=box(west, -3, east, 3))


@pytest.mark.parametrize(("near", "refused"), [(-29.0, True), (-31.5, False)])
async def test_R9_7_a_preset_is_refused_as_a_registration_is(room: Room, near: float, refused: bool) -> None:
    """The camera sees 30 m (and what its arc, drawn in chords, adds): a bedroom beyond does not matter."""
    await room.filed(sweep={"pan_from": 0.0, "pan_width": 10.0})  # or the bedroom would end the camera (R9.5)
    await bedroom(room, near - 10, near)
    client, lease = await room.ready()
    answer = await client.put(f"{room.url}/{lease}/presets/2", json={"name": "西", "view": PLACE_WEST})
    assert codes(answer) == ({"R9.7", "R19.4"} if refused else {"R19.4"})
    assert {"preset": {"action": "set", "number": 2}} not in room.signal.told


async def test_R9_7_nobody_goes_to_a_preset_whose_view_is_masked_no_more(room: Room) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked()
    await bedroom(room, -20, -10)
    client, lease = await room.ready()
    wish = {"name": "西", "view": PLACE_WEST}
    assert (await client.put(f"{room.url}/{lease}/presets/2", json=wish)).status_code == 200
    assert (await client.post(f"{room.url}/{lease}/presets/2")).status_code == 204
    masks = room.platform.parts.picture_masks
    (mask,) = await masks.of(room.camera)
    await masks.end(room.camera, mask.id, SOMEBODY)
    again = await room.taken(client)
    assert codes(await client.post(f"{room.url}/{again}/presets/2")) == {"R9.7"}
    assert codes(await room.moved(client, again, pan=100)) == {"R9.7"}
    assert (await client.post(f"{room.url}/{again}/presets/1")).status_code == 204  # home looks north


async def test_R9_7_a_view_that_is_not_told_is_not_computed(room: Room) -> None:
    client, lease = await room.ready()
    assert codes(await client.put(f"{room.url}/{lease}/presets/2", json={"name": "西"})) == {"R9.7"}
    assert (await client.post(f"{room.url}/{lease}/presets/9")).status_code == 404


@pytest.mark.parametrize(("where", "refused"), [("camera", False), ("platform", True)])
async def test_R9_7_only_a_mask_that_turns_with_the_camera_covers_what_it_turns_to(
    room: Room, where: str, refused: bool
) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked(where)
    await bedroom(room, -20, -10)
    client, lease = await room.ready()
    wish = {"name": "西", "view": PLACE_WEST}
    answer = await client.put(f"{room.url}/{lease}/presets/2", json=wish)
    assert (codes(answer) if refused else answer.status_code) == ({"R9.7"} if refused else 200)


# --- dwelling on what a mask hides (R31.1)


@pytest.mark.parametrize(("seconds", "alerts"), [(DWELL - MOMENT, 0), (DWELL, 0), (DWELL + MOMENT, 1)])
async def test_R31_1_aimed_at_a_masked_window_for_too_long_is_an_alert_and_an_incident(
    room: Room, seconds: float, alerts: int
) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked()
    client, lease = await room.ready()
    await client.put(f"{room.url}/{lease}/presets/2", json={"name": "西", "view": PLACE_WEST})
    shown = (await client.post(f"/api/v1/cameras/{room.camera}/live", json=WATCH)).json()
    assert shown["masked"] is False  # the mask is in the pixels: the camera's own
    assert (await client.post(f"{room.url}/{lease}/presets/2")).status_code == 204
    await room.waited(client, lease, seconds)
    await room.platform.parts.raising.round()
    assert len(await room.entries("prying.suspected")) == alerts
    auditor = await desk(room.enter, Role.AUDITOR)
    found = [
        one
        for one in (await auditor.client.get("/api/v1/alerts")).json()["items"]
        if one["data"]["sign"] == "masked_area"
    ]
    assert len(found) == alerts
    incidents = (await auditor.client.get("/api/v1/incidents")).json()["items"]
    assert [one["data"]["act"] for one in incidents] == ["infringe_privacy_or_secrets"] * alerts
    if alerts:
        assert found[0]["data"]["incident"] == incidents[0]["id"]
        assert incidents[0]["data"]["cameras"] == [str(room.camera)]
        assert "10" in found[0]["data"]["what"]
        await room.waited(client, lease, 60)
        assert len(await room.entries("prying.suspected")) == 1  # once for all the time


@pytest.mark.parametrize(("where", "after"), [("camera", DWELL + MOMENT), ("platform", MOMENT)])
async def test_R31_1_zooming_into_a_mask(room: Room, where: str, after: float) -> None:
    """One of the platform stays as large as it was, and so covers less than the window: an alert at once."""
    await room.masked(where)
    client, lease = await room.ready()
    await room.moved(client, lease, zoom=100)
    await room.moved(client, lease)
    await room.waited(client, lease, after)
    (entry,) = await room.entries("prying.suspected")
    assert entry["is_masked"] is (where == "camera")


async def test_R31_1_nudging_the_camera_begins_no_new_count(room: Room) -> None:
    await room.masked()
    client, lease = await room.ready()
    for _ in range(4):
        await room.moved(client, lease, zoom=1)
        await room.moved(client, lease)
        await room.waited(client, lease, DWELL / 4)
    assert await room.entries("prying.suspected") == []
    await room.waited(client, lease, MOMENT)
    assert len(await room.entries("prying.suspected")) == 1


async def test_R31_1_passing_over_a_masked_window_is_none(room: Room) -> None:
    await room.filed(masks=[box(-21, -4, -9, 4)])
    await room.masked()
    client, lease = await room.ready()
    await client.put(f"{room.url}/{lease}/presets/2", json={"name": "西", "view": PLACE_WEST})
    for _ in range(3):
        await client.post(f"{room.url}/{lease}/presets/2")
        await room.waited(client, lease, DWELL - 1)
        await client.post(f"{room.url}/{lease}/presets/1")
        await room.waited(client, lease, 2)
    assert await room.entries("prying.suspected") == []


# --- voice


async def spoken(room: Room, client: httpx.AsyncClient, lease: str) -> httpx.Response:
    return await client.post(f"{room.url}/{lease}/voice")


async def test_a_voice_is_written_down_before_it_can_be_heard(room: Room, journal: Journal) -> None:
    client, lease = await room.ready()
    answer = await spoken(room, client, lease)
    assert answer.status_code == 201, answer.text
    (entry,) = await room.entries("voice.begun")
    (begun,) = [one for one in await journal.read(50) if one.kind == "control.begun"]
    person = (await client.get("/api/v1/session")).json()["person"]["id"]
    assert (entry["actor"], entry["camera"], entry["opening"]) == (person, str(room.camera), begun.sequence)
    _, _, text = answer.json()["url"].rpartition("/m/")
    assert answer.json()["url"].startswith("ws://")
    opened = verify(text.removesuffix("/voice"), room.platform.door._ticket_key, room.clock.utc_ns() / 1e9)
    (written,) = [one for one in await journal.read(50) if one.kind == "voice.begun"]
    assert (opened.kind, opened.entry, opened.camera) == ("voice", written.sequence, str(room.camera))
    assert opened.expires - room.clock.utc_ns() // 1_000_000_000 <= SPEECH_MAX.seconds


async def test_only_whoever_controls_the_camera_speaks_through_it(room: Room) -> None:
    client, lease = await room.ready()
    chief = await room.enter(Role.SHIFT_LEAD)
    assert (await spoken(room, chief, lease)).json()["code"] == "control_over"
    await room.taken(chief)
    assert (await spoken(room, client, lease)).json()["code"] == "control_taken"
    for role in (Role.CUSTODIAN, Role.OFFICER, Role.AUDITOR):
        assert codes(await spoken(room, await room.enter(role), lease)) == {"R27.1"}
    assert await room.entries("voice.begun") == []


@pytest.mark.parametrize("how", ["released", "taken", "silent", "signed_out"])
async def test_a_voice_ends_with_the_control_however_that_ends(room: Room, how: str) -> None:
    hushed: list[tuple[UUID, int]] = []

    async def hush(camera: UUID, up_to: int) -> None:
        hushed.append((camera, up_to))

    room.control.hush = hush
    client, lease = await room.ready()
    assert (await spoken(room, client, lease)).status_code == 201
    assert hushed == []
    if how == "released":
        await client.delete(f"{room.url}/{lease}")
    elif how == "taken":
        await room.taken(await room.enter(Role.SHIFT_LEAD))
    elif how == "silent":
        room.clock.wait(5)
    else:
        await client.delete("/api/v1/session")
    await room.control.round()
    (begun,) = [one for one in await room.platform.journal.read(50) if one.kind == "voice.begun"]
    assert hushed == [(room.camera, begun.sequence)]


async def test_where_nobody_spoke_no_worker_is_told(room: Room) -> None:
    hushed: list[UUID] = []

    async def hush(camera: UUID, up_to: int) -> None:
        hushed.append(camera)

    room.control.hush = hush
    client, lease = await room.ready()
    await client.delete(f"{room.url}/{lease}")
    assert hushed == []
