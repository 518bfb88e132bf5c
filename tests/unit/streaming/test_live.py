"""Live viewers over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import websockets

from bingjian.formats import mp4_reader
from bingjian.formats.mp4 import Sample
from bingjian.streaming import live
from bingjian.streaming.http import Request, Upgrade
from bingjian.streaming.http_server import HttpServer
from bingjian.streaming.live import Broadcast, Viewer
from tests.unit.streaming.footage import GOP, SOUND, START, VIDEO, sample


@dataclass
class AlwaysRight:
    """Counts signs of life."""

    signs: int = 0

    def renew(self) -> None:
        self.signs += 1

    def holds(self) -> bool:
        return True

    def left(self) -> None:
        return


@asynccontextmanager
async def broadcast_over(right: AlwaysRight | None = None) -> AsyncIterator[tuple[Broadcast, str]]:
    broadcast = Broadcast()

    async def handle(request: Request) -> Upgrade:
        return Upgrade(lambda socket: Viewer(socket, broadcast, right or AlwaysRight()))

    server = HttpServer(handle)
    await server.start("127.0.0.1", 0)
    try:
        yield broadcast, f"ws://127.0.0.1:{server.port}/live"
    finally:
        await server.stop(0.2)


def watch(address: str) -> websockets.connect:
    return websockets.connect(address, proxy=None, compression=None, max_size=None)


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.002)


def sound(number: int) -> Sample:
    at = START // 90_000 * 8000 + number * 160
    return Sample(1, at, at, 160, b"\xd5" * 160, True, False)


def times(message: str | bytes) -> list[int]:
    """Presentation times of the pictures in a binary message, in frames since the start."""
    assert isinstance(message, bytes)
    runs = mp4_reader.read_fragment(message).runs
    return [(one.pts - START) // 3600 for run in runs if run.track == 0 for one in run.samples]


async def test_a_viewer_gets_state_format_init_and_everything_since_the_key_frame() -> None:
    async with broadcast_over() as (broadcast, address):
        broadcast.set_tracks((VIDEO, SOUND))
        broadcast.set_state("live", None)
        for n in range(GOP + 4):
            broadcast.push([sample(n)])
        async with watch(address) as viewer:
            assert json.loads(await viewer.recv()) == {"type": "state", "state": "live", "cause": None}
            form = json.loads(await viewer.recv())
            init = mp4_reader.read_init(await viewer.recv())  # type: ignore[arg-type]  # bytes
            assert form == {
                "type": "format",
                "mime": f'video/mp4; codecs="{VIDEO.codec_string}"',
                "video": {"codec": "h264", "width": VIDEO.width, "height": VIDEO.height},
                "audio": {"codec": "pcma", "rate": 8000, "channels": 1},
                "playable": True,
            }
            assert len(init.tracks) == 2
            assert times(await viewer.recv()) == [10, 11, 12, 13]
            broadcast.push([sample(14)])
            assert times(await viewer.recv()) == [14]


async def test_later_viewers_share_what_was_built_for_the_first() -> None:
    async with broadcast_over() as (broadcast, address):
        broadcast.set_tracks((VIDEO,))
        broadcast.push([sample(0)])
        async with watch(address) as first:
            await until(lambda: len(broadcast.viewers) == 1)
            broadcast.push([sample(1)])
            built = broadcast.built
            async with watch(address) as second:
                for viewer in (first, second):
                    for _ in range(3):
                        await viewer.recv()
                    assert times(await viewer.recv()) == [0]
                    assert times(await viewer.recv()) == [1]
            assert broadcast.built == built == 2


async def test_nothing_is_built_while_nobody_watches() -> None:
    broadcast = Broadcast()
    broadcast.set_tracks((VIDEO,))
    for n in range(100):
        broadcast.push([sample(n)])
    assert broadcast.built == 0


async def test_a_viewer_before_the_first_key_frame_waits_for_it() -> None:
    async with broadcast_over() as (broadcast, address), watch(address) as viewer:
        assert json.loads(await viewer.recv())["state"] == "waiting"
        broadcast.set_tracks((VIDEO,))
        assert json.loads(await viewer.recv())["type"] == "format"
        await viewer.recv()
        broadcast.push([sample(9)])
        broadcast.push([sample(10)])
        assert times(await viewer.recv()) == [10]


async def test_sound_shares_a_message_with_the_next_picture() -> None:
    async with broadcast_over() as (broadcast, address):
        broadcast.set_tracks((VIDEO, SOUND))
        broadcast.push([sample(0)])
        async with watch(address) as viewer:
            for _ in range(4):
                await viewer.recv()
            for n in (0, 1):
                broadcast.push([sound(n)])
            broadcast.push([sample(1)])
            message = await viewer.recv()
            assert isinstance(message, bytes)
            runs = mp4_reader.read_fragment(message).runs
            assert {run.track: len(run.samples) for run in runs} == {0: 1, 1: 2}


async def test_sound_does_not_wait_long_for_a_picture() -> None:
    async with broadcast_over() as (broadcast, address):
        broadcast.set_tracks((VIDEO, SOUND))
        broadcast.push([sample(0)])
        async with watch(address) as viewer:
            for _ in range(4):
                await viewer.recv()
            for n in range(5):
                broadcast.push([sound(n)])
            message = await viewer.recv()
            assert isinstance(message, bytes)
            assert [run.track for run in mp4_reader.read_fragment(message).runs] == [1]


async def test_a_slow_viewer_is_moved_on_and_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MIN_BACKLOG", 100_000)
    monkeypatch.setattr(live, "SEND_BUFFER", 16_384)
    async with broadcast_over() as (broadcast, address):
        broadcast.set_tracks((VIDEO,))
        broadcast.set_bit_rate(0)
        broadcast.push([sample(0)])
        async with watch(address) as quick, watch(address) as slow:
            await until(lambda: len(broadcast.viewers) == 2)
            reading = asyncio.create_task(collect(quick))
            slow.transport.pause_reading()
            n = 0
            while not any(viewer.skipping for viewer in broadcast.viewers):
                n += 1
                broadcast.push([sample(n, size=50_000)])
                await asyncio.sleep(0.002)
            slow.transport.resume_reading()
            received = asyncio.create_task(collect(slow))
            while broadcast.skips == 0:
                n += 1
                broadcast.push([sample(n, size=50_000)])
                await asyncio.sleep(0.002)
            n += 1
            broadcast.push([sample(n)])
            await asyncio.sleep(0.05)
        seen_quick, seen_slow = await reading, await received
        assert "skip" not in seen_quick
        assert [one for one in seen_quick if isinstance(one, int)] == list(range(n + 1))
        after = seen_slow[seen_slow.index("skip") + 1 :]
        assert isinstance(after[0], int)
        assert after[0] % GOP == 0  # it goes on with a key frame …
        assert after == list(range(after[0], n + 1))  # … and then whole


async def collect(viewer: websockets.ClientConnection) -> list[int | str]:
    """Picture numbers and the types of text messages, until the connection ends."""
    seen: list[int | str] = []
    try:
        async for message in viewer:
            if isinstance(message, str):
                seen.append(json.loads(message)["type"])
            elif b"moof" in message[:8]:
                seen += times(message)
    except websockets.ConnectionClosed:
        pass
    return seen


async def test_another_format_is_announced_and_waits_for_its_key_frame() -> None:
    async with broadcast_over() as (broadcast, address):
        broadcast.set_tracks((VIDEO,))
        broadcast.push([sample(0)])
        async with watch(address) as viewer:
            await until(lambda: len(broadcast.viewers) == 1)
            broadcast.set_tracks((VIDEO, SOUND))
            for n in range(1, 11):
                broadcast.push([sample(n)])
            kinds = [await viewer.recv() for _ in range(7)]
            texts = [json.loads(one)["type"] for one in kinds if isinstance(one, str)]
            assert texts == ["state", "format", "format"]
            assert times(kinds[3]) == [0]
            assert times(kinds[6]) == [10]


async def test_a_gop_too_long_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MAX_GOP_BYTES", 10_000)
    broadcast = Broadcast()
    broadcast.set_tracks((VIDEO,))
    for n in range(9):
        broadcast.push([sample(n, size=2000)])
        assert broadcast.cached_bytes <= 10_000


async def test_whatever_a_viewer_says_is_a_sign_of_life() -> None:
    right = AlwaysRight()
    async with broadcast_over(right) as (_, address), watch(address) as viewer:
        await viewer.send('{"type":"heartbeat"}')
        await viewer.send("nonsense")
        await until(lambda: right.signs == 2)


async def test_a_viewer_whose_ticket_ends_is_told() -> None:
    async with broadcast_over() as (broadcast, address), watch(address) as viewer:
        await until(lambda: len(broadcast.viewers) == 1)
        broadcast.viewers[0].close("the ticket has ended")
        await viewer.recv()  # the state
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await viewer.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "the ticket has ended")
        await until(lambda: not broadcast.viewers)
