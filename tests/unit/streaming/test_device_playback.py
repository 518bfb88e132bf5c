"""A device's own storage, played on a worker's own routes by scripted devices over real sockets."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import websockets

from bingjian.processes.media import Media, MediaConfig
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.assignment import Assignment, CameraAssignment
from bingjian.streaming.device_playback import ANSWER_S, PAUSE_S
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.ticket import OPEN_SECONDS, Ticket, sign
from tests.unit.streaming.footage import SECOND
from tests.unit.streaming.gb_devices import (
    ADDRESS,
    HOST,
    Call,
    Pictures,
    Script,
    Signalling,
    for_ever,
    framed,
    signalling,
)
from tests.unit.streaming.test_live import until

KEY = b"k" * 32
CAMERA = UUID(int=1)
CREDENTIAL = "c" * 32
BEGIN_MS = 1_767_240_000_000  # 2026-01-01T04:00:00Z, by the device's clock
HOUR_MS = 3_600_000
PICTURE_MS = 40


class RunningClock:
    """Time passes, and more of it when told to."""

    def __init__(self) -> None:
        self._leapt = 0

    def monotonic_ns(self) -> int:
        return time.monotonic_ns() + self._leapt

    def utc_ns(self) -> int:
        return time.time_ns() + self._leapt

    @property
    def utc(self) -> int:
        return self.utc_ns()

    def pass_ns(self, duration: int) -> None:
        self._leapt += duration


@dataclass
class Player:
    """A device that plays back and does as it is told; its pictures are numbered from the window's start."""

    refuses: frozenset[str] = frozenset()  # actions that it answers with 501
    says_where: bool = False
    calls: list[Call] = field(default_factory=list)  # of playback
    pictures: list[Pictures] = field(default_factory=list)
    paused: bool = False
    backward: bool = False
    ends: Callable[[Call], None] | None = None  # instead of playing
    silent: bool = False  # to controls

    async def __call__(self, call: Call) -> None:
        if call.query["kind"] == "play":
            call.end("busy", 486)
            return
        self.calls.append(call)
        if self.ends is not None:
            self.ends(call)
            return
        made = Pictures()
        self.pictures.append(made)
        self.paused = False
        call.accept()
        _, writer = await asyncio.open_connection(HOST, call.port)
        done = 0
        try:
            while not writer.is_closing() and not call.closed.is_set():
                done = self._obey(call, made, done)
                if not self.paused:
                    writer.write(framed(made.next()))
                    self._turn_back(made)
                await asyncio.sleep(0.004)
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _turn_back(self, made: Pictures) -> None:
        """Groups of pictures from the last to the first."""
        if self.backward and made.number % made.gop == 0:
            made.number = max(0, made.number - 2 * made.gop)

    def _obey(self, call: Call, made: Pictures, done: int) -> int:
        orders = [told for told in call.heard if told["type"] == "control"]
        for told in orders[done:]:
            if self.silent:
                continue
            if told["action"] in self.refuses:
                call.tell(type="controlled", status=501, range_s=None)
                continue
            self._do(told, made)
            where = made.number * PICTURE_MS / 1000 if self.says_where else None
            call.tell(type="controlled", status=200, range_s=where)
        return len(orders)

    def _do(self, told: dict[str, Any], made: Pictures) -> None:
        match told["action"]:
            case "pause":
                self.paused = True
            case "resume":
                self.paused = False
            case "seek":
                made.number = int(told["seek_s"]) * 1000 // PICTURE_MS // made.gop * made.gop
            case "reverse":
                self.backward = True
            case "speed":
                self.backward = False

    def orders(self, call: int = -1) -> list[tuple[str, float | None]]:
        """What it was told in a call."""
        heard = [told for told in self.calls[call].heard if told["type"] == "control"]
        return [(told["action"], told.get("seek_s", told.get("speed"))) for told in heard]


@dataclass
class Watching:
    """A page's side of the WebSocket."""

    socket: websockets.ClientConnection
    states: list[tuple[str, str | None]] = field(default_factory=list)
    positions: list[dict[str, Any]] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    pictures: int = 0

    async def read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for message in self.socket:
                if isinstance(message, bytes):
                    self.pictures += 1
                    continue
                told = json.loads(message)
                if told["type"] == "state":
                    self.states.append((told["state"], told["cause"]))
                elif told["type"] == "position":
                    self.positions.append(told)
                else:
                    self.others.append(told)

    async def say(self, action: str, **more: object) -> None:
        await self.socket.send(json.dumps({"type": "control", "action": action, **more}))

    async def sees(self, more: int = 5) -> None:
        """So many pictures more."""
        wanted = self.pictures + more
        await wait(lambda: self.pictures >= wanted)

    async def told(self, *states: tuple[str, str | None]) -> None:
        await wait(lambda: any(state in self.states for state in states))

    @property
    def at_ms(self) -> int:
        """After the window's start; as told last."""
        return int(self.positions[-1]["at_ms"]) - BEGIN_MS if self.positions else 0


@dataclass
class Stand:
    """A worker with one camera, its device, and somebody who watches."""

    media: Media
    clock: RunningClock
    process: Signalling

    def ticket(self, **changes: Any) -> str:
        now = self.clock.utc // SECOND
        told = Ticket(
            *("device", str(CAMERA), "main", BEGIN_MS * 90, (BEGIN_MS + HOUR_MS) * 90),
            *("p", 1, now + OPEN_SECONDS, now + 3600),
        )
        return sign(replace(told, **changes), KEY)

    @asynccontextmanager
    async def watched(self, query: str = "", **changes: Any) -> AsyncIterator[Watching]:
        url = f"ws://127.0.0.1:{self.media.server.port}/m/{self.ticket(**changes)}/live{query}"
        async with websockets.connect(url, proxy=None) as socket:
            watching = Watching(socket)
            reading = asyncio.create_task(watching.read())
            try:
                yield watching
            finally:
                await socket.close()  # while it is read: unread pictures would hold up the farewell
                reading.cancel()

    def second(self) -> None:
        """A second passes."""
        self.clock.pass_ns(SECOND)
        self.media.each_second()

    async def assign(self, main: SourceAddress, epoch: int, *, masked: bool = False) -> None:
        camera = CameraAssignment(CAMERA, "大堂", main, None, masked=masked)
        await self.media.hub.assign(Assignment(epoch, KEY, frozenset(), {CAMERA: camera}))


async def wait(true: Callable[[], bool]) -> None:
    await asyncio.wait_for(until(true), 10)


@asynccontextmanager
async def stand(tmp_path: Path, player: Script, main: str = ADDRESS) -> AsyncIterator[Stand]:
    clock = RunningClock()
    volume = Volume.create(tmp_path / "volume", size_bytes=1 << 30, reserve_bytes=0, clock=clock)
    async with signalling(player) as process:
        config = MediaConfig(
            *("w", 0, [], CREDENTIAL), signal_url=process.url, signal_credential="m", gb_host=HOST
        )
        media = Media(config, Volumes([volume]), clock)
        made = Stand(media, clock, process)
        await made.assign(SourceAddress(main), 1)
        await media.server.start("127.0.0.1", 0)
        try:
            yield made
        finally:
            await media.close()
            await asyncio.to_thread(volume.close)


async def test_a_device_plays_its_own_storage_for_one_viewer_until_they_leave(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at:
        async with at.watched() as page:
            await page.sees(30)
            at.second()
            await wait(lambda: page.at_ms > 0)
            asked = player.calls[0].query
            assert (asked["kind"], asked["start"], asked["end"]) == (
                "playback",
                "2026-01-01T04:00:00Z",
                "2026-01-01T05:00:00Z",
            )
            assert page.states[:2] == [("waiting", "device_connecting"), ("live", None)]
            assert page.at_ms < 60_000
            assert not player.calls[0].closed.is_set()
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)
        await wait(lambda: not at.media.devices or all(one.playback.is_left for one in at.media.devices))
        at.second()
        assert at.media.devices == set()


@pytest.mark.parametrize(
    ("at_ms", "begins"),
    [
        (str(BEGIN_MS + 600_000), "2026-01-01T04:10:00Z"),
        (str(BEGIN_MS - 1), "2026-01-01T04:00:00Z"),
        (str(BEGIN_MS + HOUR_MS - 1), "2026-01-01T04:59:58Z"),
        (str(BEGIN_MS + HOUR_MS), "2026-01-01T04:59:58Z"),
        ("9" * 40, "2026-01-01T04:00:00Z"),
        ("x", "2026-01-01T04:00:00Z"),
        ("", "2026-01-01T04:00:00Z"),
    ],
)
async def test_a_page_says_where_in_its_window_it_begins(tmp_path: Path, at_ms: str, begins: str) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(f"?at_ms={at_ms}") as page:
        await page.sees(1)
        assert player.calls[0].query["start"] == begins


async def test_quirk_29_two_viewers_are_two_calls(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as one, at.watched(entry=2) as other:
        await one.sees()
        await other.sees()
        assert len({call.port for call in player.calls}) == 2
        await one.socket.close()
        await wait(lambda: sum(call.closed.is_set() for call in player.calls) == 1)
        await other.sees()


async def test_pause_and_resume(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("pause")
        await wait(lambda: player.paused)
        await wait(lambda: page.positions[-1]["paused"])
        for _ in range(PAUSE_S - 2):
            at.second()
            await page.socket.send('{"type":"heartbeat"}')
            await (await page.socket.ping())
        await page.say("resume")
        await page.sees()
        assert player.orders() == [("pause", None), ("resume", None)]
        assert len(player.calls) == 1


async def test_a_pause_at_the_beginning_shows_the_picture_at_which_it_stands(tmp_path: Path) -> None:
    """A wall that is paused is switched over to the device's storage."""
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.say("pause")
        await page.sees(1)
        await wait(lambda: player.paused)
        assert page.states[-1] == ("live", None)
        assert player.orders() == [("pause", None)]


async def test_quirk_30_a_long_pause_ends_the_call_and_another_goes_on_from_there(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("seek", at_ms=BEGIN_MS + 600_000)
        await wait(lambda: page.at_ms >= 600_000)
        await page.say("pause")
        await wait(lambda: player.paused and page.positions[-1]["paused"])
        for _ in range(PAUSE_S + 1):
            at.second()
            await page.socket.send('{"type":"heartbeat"}')
            await (await page.socket.ping())
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)
        paused = page.at_ms
        await page.say("resume")
        await page.sees()
        at.second()
        await wait(lambda: page.at_ms > paused)
        assert len(player.calls) == 2
        begins = player.calls[1].query["start"]
        assert begins.startswith("2026-01-01T04:1")
        assert ("live", None) in page.states[-2:]


async def test_a_device_that_ends_a_pause_itself_is_called_again(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("pause")
        await wait(lambda: player.paused)
        before = len(page.states)
        player.calls[0].end("peer")
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)
        assert page.states[before:] == []  # nobody need know
        await page.say("resume")
        await page.sees()
        assert len(player.calls) == 2


@pytest.mark.parametrize("says_where", [True, False])
async def test_a_seek_goes_on_elsewhere_in_the_same_call(tmp_path: Path, *, says_where: bool) -> None:
    player = Player(says_where=says_where)
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("seek", at_ms=BEGIN_MS + 1_800_000)
        await wait(lambda: player.orders() == [("seek", 1800)])
        await page.sees(20)
        at.second()
        await wait(lambda: 1_800_000 <= page.at_ms < 1_860_000)
        assert len(player.calls) == 1


async def test_dragging_does_not_flood_a_device(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        for second in range(200):
            await page.say("seek", at_ms=BEGIN_MS + second * 1000)
        await wait(lambda: ("seek", 199) in player.orders())
        assert len(player.orders()) < 100


async def test_a_seek_that_a_device_cannot_is_another_call(tmp_path: Path) -> None:
    player = Player(refuses=frozenset({"seek"}))
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("seek", at_ms=BEGIN_MS + 1_800_000)
        await wait(lambda: len(player.calls) == 2)
        await page.sees()
        assert player.calls[1].query["start"] == "2026-01-01T04:30:00Z"
        await page.say("seek", at_ms=BEGIN_MS)  # before what this call was asked for
        await wait(lambda: len(player.calls) == 3)
        assert player.calls[2].query["start"] == "2026-01-01T04:00:00Z"
        await page.sees()


async def test_a_device_that_does_not_answer_a_seek_is_called_again(tmp_path: Path) -> None:
    player = Player(silent=True)
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("seek", at_ms=BEGIN_MS + 1_800_000)
        await wait(lambda: len(player.orders()) == 1)
        at.clock.pass_ns((ANSWER_S + 1) * SECOND)
        at.media.each_second()
        await wait(lambda: len(player.calls) == 2)


@pytest.mark.parametrize("speed", [0.25, 2, 16])
async def test_speeds(tmp_path: Path, speed: float) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("speed", speed=speed)
        await wait(lambda: player.orders() == [("speed", speed)])
        await wait(lambda: page.positions[-1]["speed"] == speed)
        await page.sees()
        await page.say("seek", at_ms=BEGIN_MS - 5)  # begins anew, as fast
        await wait(lambda: page.at_ms >= 0)


@pytest.mark.parametrize("goes_on", ["resume", "seek"])
async def test_a_speed_chosen_in_a_pause_waits_for_its_end(tmp_path: Path, goes_on: str) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("pause")
        await wait(lambda: player.paused)
        await page.say("speed", speed=4)
        await page.say(goes_on, at_ms=BEGIN_MS + 600_000)
        await wait(lambda: ("speed", 4.0) in player.orders())
        told = [action for action, _ in player.orders()]
        assert told == ["pause", *(["seek"] if goes_on == "seek" else []), "resume", "speed"]
        await page.sees()


async def test_backwards_after_a_pause_that_ended_the_call(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(f"?at_ms={BEGIN_MS + 1_200_000}") as page:
        await page.sees()  # from 04:20
        await page.say("pause")
        await wait(lambda: player.paused)
        player.calls[0].end("peer")
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)
        await page.say("speed", speed=-1)
        await page.say("resume")
        await wait(lambda: player.backward)
        begins = player.calls[1].query["start"]
        assert begins.startswith("2026-01-01T04:10:"), "a call goes no further back than where it begins"


async def test_backwards_to_the_beginning(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees(40)
        await page.say("speed", speed=-1)
        await wait(lambda: ("reverse", 1.0) in player.orders())
        await page.sees(10)
        assert player.backward
        await page.say("speed", speed=1)
        await wait(lambda: ("speed", 1.0) in player.orders())


async def test_a_speed_that_a_device_does_not_have_is_told(tmp_path: Path) -> None:
    player = Player(refuses=frozenset({"speed", "reverse"}))
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("speed", speed=-1)
        refused = {"type": "refused", "action": "speed", "speed": -1.0}
        await wait(lambda: refused in page.others)
        await wait(lambda: page.positions[-1]["speed"] == 1.0)
        await page.sees()


@pytest.mark.parametrize(
    ("cause", "status", "shown"),
    [
        ("busy", 486, "device_busy"),
        ("refused", 603, "device_refuses"),
        ("refused", 404, "device_no_footage"),
        ("offline", 0, "device_offline"),
        ("not_admitted", 0, "device_refuses"),
        ("no_answer", 408, "device_silent"),
        ("lost", 0, "signal_lost"),
        ("something of a later version", 0, "device_ended"),
    ],
)
async def test_why_a_device_does_not_play_is_a_state(
    tmp_path: Path, cause: str, status: int, shown: str
) -> None:
    player = Player(ends=lambda call: call.end(cause, status))
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.told(("waiting", shown))
        assert page.states[-1] == ("waiting", shown)
        player.ends = None
        await page.say("resume")  # whoever asks again gets it
        await page.sees()


async def test_the_end_of_the_file_is_a_state_and_play_begins_anew(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        player.calls[0].end("file_end")
        await page.told(("waiting", "file_end"))
        await wait(lambda: page.positions[-1]["paused"])
        await page.say("resume")
        await page.sees()
        assert len(player.calls) == 2


async def test_nothing_behind_the_tickets_window_is_shown(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(end_90k=BEGIN_MS * 90 + 90_000) as page:
        await page.told(("waiting", "file_end"))
        assert page.pictures <= 2 + 25  # the init segments, and one second
        assert page.at_ms < 1000
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)
        seen = page.pictures
        await page.say("seek", at_ms=BEGIN_MS + HOUR_MS)  # nor by seeking there
        await wait(lambda: len(player.calls) == 2)
        assert player.calls[1].query["start"] == "2026-01-01T04:00:00Z"
        await wait(lambda: page.states[-1] == ("waiting", "file_end") and page.pictures > seen)


async def test_who_looks_is_shown_out_when_the_right_ends(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(expires=at.clock.utc // SECOND + 5) as page:
        await page.sees()
        at.clock.pass_ns(6 * SECOND)
        at.media.each_second()
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)


@pytest.mark.parametrize("change", ["masked", "elsewhere"])
async def test_R6_2_who_looks_is_shown_out_when_the_camera_is_another_now(
    tmp_path: Path, change: str
) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        main = SourceAddress(ADDRESS if change == "masked" else "rtsp://127.0.0.1:1/x")
        await at.assign(main, 2, masked=change == "masked")
        at.media.each_second()
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"grant": "g"}, 403), ({"masks": "d"}, 403), ({"camera": str(UUID(int=9))}, 404)],
)
async def test_tickets_that_open_no_device(tmp_path: Path, changes: dict[str, str], status: int) -> None:
    player = Player()
    async with stand(tmp_path, player) as at:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with at.watched(**changes):
                pass
        assert refused.value.response.status_code == status
        assert player.calls == []


async def test_a_camera_that_is_no_channel_has_no_device(tmp_path: Path) -> None:
    async with stand(tmp_path, Player(), "rtsp://127.0.0.1:1/x") as at:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with at.watched():
                pass
        assert refused.value.response.status_code == 404


async def test_a_ticket_of_another_kind_opens_no_device(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at:
        with pytest.raises(websockets.InvalidStatus):
            async with at.watched(kind="playback"):
                pass
        async with at.watched(kind="live"):
            await asyncio.sleep(0)
        assert player.calls == []


HOSTILE = [
    "",
    "{",
    "[]",
    "null",
    "[" * 900,
    '{"type":"control"}',
    '{"type":"control","action":"format"}',
    '{"type":"control","action":"seek"}',
    '{"type":"control","action":"seek","at_ms":"x"}',
    '{"type":"control","action":"seek","at_ms":NaN}',
    '{"type":"control","action":"seek","at_ms":1e300}',
    '{"type":"control","action":"seek","at_ms":true}',
    '{"type":"control","action":"speed","speed":3}',
    '{"type":"control","action":"speed","speed":[]}',
    '{"type":"control","action":["pause"]}',
    '{"type":"control","action":"pause","x":"' + "a" * 2000 + '"}',
]


async def test_what_is_no_order_is_a_sign_of_life_and_nothing_else(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        for text in HOSTILE:
            await page.socket.send(text)
        await page.sees()
        assert player.orders() == [] or player.orders() == [("seek", 0)]
        assert len(player.calls) == 1


async def test_a_worker_that_stops_leaves_no_call_behind(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await at.media.close()
        await asyncio.wait_for(player.calls[0].closed.wait(), 10)


async def test_a_device_that_never_says_the_end_is_heard_to_fall_silent(tmp_path: Path) -> None:
    """Quirk 37: near the window's end silence is the end, elsewhere it is a fault."""

    class Stops(Player):
        async def __call__(self, call: Call) -> None:
            if call.query["kind"] == "play":
                call.end("busy", 486)
                return
            self.calls.append(call)
            call.accept()
            _, writer = await asyncio.open_connection(HOST, call.port)
            made = Pictures()
            for _ in range(30):
                writer.write(framed(made.next()))
                await asyncio.sleep(0.004)
            await for_ever()

    for minutes, cause in ((0.2, "file_end"), (60, "no_packets")):
        player = Stops()
        path = tmp_path / cause
        path.mkdir()
        end_90k = int((BEGIN_MS + minutes * 60_000) * 90)
        async with stand(path, player) as at, at.watched(end_90k=end_90k) as page:
            await page.sees(2)
            for _ in range(14):
                at.second()
                await page.socket.send('{"type":"heartbeat"}')
            await page.told(("waiting", cause))
