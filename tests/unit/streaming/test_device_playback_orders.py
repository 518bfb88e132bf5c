"""A page that orders much: what a device, the ports and our memory bear of it; and where a call begins."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from bingjian.streaming.device_playback import DevicePlayback, DeviceViewer
from bingjian.streaming.live import MIN_BACKLOG
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.sources.gb28181 import Channels
from tests.unit.streaming.gb_devices import ADDRESS, Call
from tests.unit.streaming.test_device_playback import (
    BEGIN_MS,
    HOUR_MS,
    PICTURE_MS,
    Player,
    RunningClock,
    stand,
    wait,
)


async def test_M1_dragging_before_the_device_answers_makes_few_calls(tmp_path: Path) -> None:
    """Each call uses up a port."""
    player = Player()
    calls: list[Call] = []

    async def slow(call: Call) -> None:
        """Answers no call but the last."""
        if call.query["kind"] == "playback":
            calls.append(call)
        if call.query.get("start", "") < "2026-01-01T04:03:19Z":
            await call.closed.wait()
        else:
            await player(call)

    async with stand(tmp_path, slow) as at, at.watched() as page:
        for second in range(200):
            await page.say("seek", at_ms=BEGIN_MS + second * 1000)
            await (await page.socket.ping())  # one by one: each finds the call of the one before
        await page.sees()  # the newest wish counts
        assert len(calls) < 20
        assert page.at_ms >= 199_000


async def test_M1_seeks_before_the_calls_beginning_make_few_calls(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(f"?at_ms={BEGIN_MS + 1_800_000}") as page:
        await page.sees()
        for second in range(200):
            await page.say("seek", at_ms=BEGIN_MS + (1000 - second) * 1000)
            await (await page.socket.ping())
        await wait(lambda: player.calls[-1].query["start"] <= "2026-01-01T04:13:21Z")
        await page.sees()
        assert len(player.calls) < 20


async def test_a_seek_forward_right_after_one_that_is_another_call_counts(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(f"?at_ms={BEGIN_MS + 600_000}") as page:
        await page.sees()
        (one,) = at.media.devices
        for minutes in (5, 20):  # both before the first call has been ended
            one.playback.obey(json.dumps({"type": "control", "action": "seek", "at_ms": at_minute(minutes)}))
        await wait(lambda: len(player.calls) == 2)
        await page.sees()
        assert player.calls[1].query["start"] == "2026-01-01T04:20:00Z"


async def test_a_pause_before_the_call_has_come_about_counts(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(f"?at_ms={BEGIN_MS + 600_000}") as page:
        await page.sees()
        await page.say("seek", at_ms=BEGIN_MS)
        await wait(lambda: player.calls[0].closed.is_set())
        await page.say("pause")
        await wait(lambda: player.paused)
        assert len(player.calls) == 2


def at_minute(minutes: int) -> int:
    return BEGIN_MS + minutes * 60_000


@dataclass
class Reader:
    """A page's socket that counts what it is told."""

    backlog: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    def backlog_bytes(self) -> int:
        return self.backlog

    def send_text(self, text: str) -> None:
        self.heard.append(json.loads(text))


def playback_for(*sockets: Reader) -> DevicePlayback:
    """Not started: it has no call."""
    window = BEGIN_MS * 90, (BEGIN_MS + HOUR_MS) * 90
    made = DevicePlayback(SourceAddress(ADDRESS), window, cast(Channels, None), RunningClock())
    made.broadcast.viewers = [cast(DeviceViewer, SimpleNamespace(socket=socket)) for socket in sockets]
    return made


async def test_M2_many_orders_are_answered_once() -> None:
    page = Reader()
    playback = playback_for(page)
    for second in range(1000):
        seek = {"type": "control", "action": "seek", "at_ms": BEGIN_MS + second * 1000}
        playback.obey(json.dumps(seek))
    await wait(lambda: bool(page.heard))
    assert [told["at_ms"] for told in page.heard] == [BEGIN_MS + 999_000]
    playback.obey(json.dumps({"type": "control", "action": "pause"}))
    await wait(lambda: len(page.heard) == 2)  # and so is the next


async def test_M2_who_does_not_read_is_told_no_more() -> None:
    deaf, other = Reader(MIN_BACKLOG + 1), Reader(MIN_BACKLOG)
    playback = playback_for(deaf, other)
    playback.tick()
    assert (len(deaf.heard), len(other.heard)) == (0, 1)
    deaf.backlog = 0
    playback.tick()
    assert len(deaf.heard) == 1


async def test_M3_the_first_picture_is_that_of_the_second_that_was_asked_for(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched(f"?at_ms={BEGIN_MS + 600_900}") as page:
        await page.sees(1)
        assert player.calls[0].query["start"] == "2026-01-01T04:10:00Z"
        (one,) = at.media.devices
        pictures = player.pictures[0].number
        assert one.playback.course.at_90k // 90 - BEGIN_MS <= 600_000 + pictures * PICTURE_MS


async def test_M3_so_is_the_first_picture_after_a_seek(tmp_path: Path) -> None:
    player = Player()
    async with stand(tmp_path, player) as at, at.watched() as page:
        await page.sees()
        await page.say("pause")
        await wait(lambda: player.paused)
        player.silent = True
        (one,) = at.media.devices
        await page.say("seek", at_ms=BEGIN_MS + 1_800_900)
        await wait(lambda: ("seek", 1800) in player.orders())
        assert one.playback.course.at_90k // 90 == BEGIN_MS + 1_800_000
