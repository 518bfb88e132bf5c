"""Live pictures, masked: one encoder however many look; every trouble is a state, never the original."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import websockets

from bingjian.clock import SystemClock
from bingjian.formats.mp4 import Sample
from bingjian.processes.imaging import MaskedViews
from bingjian.streaming.live import Broadcast
from tests.unit.processes.masked import CAMERA, assignment, is_covered, pictures_in, ticket, views_over
from tests.unit.streaming.footage import FRAME, START, coded
from tests.unit.streaming.test_live import broadcast_over, until, watch

CLOCK = SystemClock()


@asynccontextmanager
async def showing(**more: int) -> AsyncIterator[tuple[MaskedViews, Broadcast]]:
    """A camera that really sends, and the masked side over it."""
    async with broadcast_over() as (broadcast, address):
        config, units = coded(100)
        broadcast.set_tracks((config,))
        broadcast.set_state("live", None)
        samples = [
            Sample(0, START + n * FRAME, START + n * FRAME, FRAME, unit.data, unit.sync, False)
            for n, unit in enumerate(units)
        ]

        async def play() -> None:
            for turn in range(1000):
                later = turn * len(samples) * FRAME
                for one in samples:
                    broadcast.push([one._replace(pts=one.pts + later, dts=one.dts + later)])
                    await asyncio.sleep(0.01)

        playing = asyncio.create_task(play())
        async with views_over(address.replace("ws:", "http:").removesuffix("/live"), CLOCK, **more) as masked:
            yield masked, broadcast
        playing.cancel()


def url(masked: MaskedViews, person: str = "p", **more: str) -> str:
    return f"ws://127.0.0.1:{masked.server.port}/m/{ticket('live', CLOCK, person=person, **more)}/live"


async def taken(socket: websockets.ClientConnection, pictures: int) -> tuple[list[dict[str, object]], bytes]:
    """What is said, and init and fragments until there are so many."""
    said: list[dict[str, object]] = []
    movie, got = b"", -1
    while got < pictures:
        message = await socket.recv()
        if isinstance(message, str):
            said.append(json.loads(message))
        else:
            movie, got = movie + message, got + 1
    return said, movie


async def test_R6_2_what_is_live_is_masked_and_made_once_for_twenty() -> None:
    async with showing() as (masked, broadcast), asyncio.timeout(30):
        sockets = [await watch(url(masked, f"p{n}")) for n in range(20)]
        told = [await taken(socket, 12) for socket in sockets]
        for said, movie in told:
            pictures = pictures_in(movie)
            assert pictures
            assert all(map(is_covered, pictures))
            assert next(one for one in said if one["type"] == "format")["playable"]
        (rendition,) = masked.lives.running.values()
        assert (len(rendition.broadcast.viewers), rendition.started) == (20, 1)
        assert len(broadcast.viewers) == 1
        for socket in sockets:
            await socket.close()


async def test_R27_6_a_camera_that_is_closed_meanwhile_is_shown_masked_neither() -> None:
    async with showing() as (masked, _), asyncio.timeout(30):
        address = url(masked)
        viewer = await watch(address)
        await taken(viewer, 2)
        told = json.loads(assignment("http://127.0.0.1:1"))
        masked.views.assign(json.dumps({**told, "closed_cameras": [str(CAMERA)]}).encode())
        await masked.lives.each_second()
        with pytest.raises(websockets.ConnectionClosed):
            await taken(viewer, 1_000_000)
        with pytest.raises(websockets.InvalidStatus):
            await watch(url(masked))


async def test_R6_2_above_the_quota_a_state_says_so() -> None:
    async with showing(masked_streams=1) as (masked, _), asyncio.timeout(30):
        masked.rooms.enter("something else", stays=True)
        async with watch(url(masked)) as socket:
            said = json.loads(await socket.recv())
            assert (said["type"], said["cause"]) == ("state", "masked_streams_full")
            await socket.wait_closed()
        masked.rooms.leave("something else")
        async with watch(url(masked)) as socket:
            assert (await taken(socket, 1))[1]


async def test_a_broken_original_is_a_state_and_goes_on_when_it_is_back() -> None:
    async with showing() as (masked, broadcast), asyncio.timeout(30), watch(url(masked)) as socket:
        await taken(socket, 3)
        for viewer in broadcast.viewers:
            viewer.socket.cut()
        while json.loads(await text(socket)).get("cause") != "masked_original_away":
            continue
        said, movie = await taken(socket, 3)
        assert any(one["type"] == "format" for one in said)
        assert all(map(is_covered, pictures_in(movie)))


async def text(socket: websockets.ClientConnection) -> str:
    while not isinstance(message := await socket.recv(), str):
        continue
    return message


async def test_R6_2_viewers_of_other_masks_are_shown_out_within_a_second() -> None:
    async with showing() as (masked, _), asyncio.timeout(30):
        async with watch(url(masked)) as socket:
            await taken(socket, 1)
            masked.views.assign(assignment("http://127.0.0.1:1", ()))
            await masked.lives.each_second()
            await socket.wait_closed()
            assert socket.close_code == 1008
        await until(lambda: not next(iter(masked.lives.running.values())).broadcast.viewers)
