"""Live tickets on a worker's own routes: opened once, kept by heartbeats, ended when they fall silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
import websockets

from bingjian.processes.media import Media, MediaConfig
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.assignment import Assignment, CameraAssignment
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.ticket import HEARTBEAT_SECONDS, OPEN_SECONDS, Ticket, sign
from bingjian.streaming.viewing import OVERDUE_S, TOLD_EVERY_S
from tests.unit.streaming.footage import SECOND, SetClock
from tests.unit.streaming.test_live import until

KEY = b"k" * 32
CAMERA = UUID(int=1)
NOWHERE = SourceAddress("rtsp://127.0.0.1:1/x", transport="tcp")  # nothing listens on port 1
PAGE = "http://127.0.0.1:8800"


@asynccontextmanager
async def media_at(tmp_path: Path) -> AsyncIterator[tuple[Media, SetClock]]:
    clock = SetClock()
    volume = Volume.create(tmp_path / "volume", size_bytes=1 << 30, reserve_bytes=0, clock=clock)
    media = Media(MediaConfig("w", 0, [], "c" * 32), Volumes([volume]), clock)
    camera = CameraAssignment(CAMERA, "南门", NOWHERE, NOWHERE)
    await media.hub.assign(Assignment(1, KEY, frozenset({PAGE}), {CAMERA: camera}))
    await media.server.start("127.0.0.1", 0)
    try:
        yield media, clock
    finally:
        await media.close()
        await asyncio.to_thread(volume.close)


def opened(media: Media, clock: SetClock, grant_seconds: int = 3600, **handshake: str) -> websockets.connect:
    now = clock.utc // SECOND
    fields = (str(CAMERA), "sub", 0, 0, "p", 1, now + OPEN_SECONDS, now + grant_seconds)
    text = sign(Ticket("live", *fields), KEY)  # type: ignore[arg-type]  # as in the tuple
    return websockets.connect(f"ws://127.0.0.1:{media.server.port}/m/{text}/live", proxy=None, **handshake)


async def ended(viewer: websockets.ClientConnection) -> int:
    """The code it was closed with."""
    try:
        async for _ in viewer:
            pass
    except websockets.ConnectionClosed:
        pass
    assert viewer.close_code is not None
    return viewer.close_code


async def test_heartbeats_keep_a_viewer_and_silence_ends_it(tmp_path: Path) -> None:
    async with media_at(tmp_path) as (media, clock), opened(media, clock) as viewer:
        for _ in range(5):
            await viewer.send('{"type":"heartbeat"}')
            await (await viewer.ping())  # what was sent before it has been heard
            clock.pass_ns((HEARTBEAT_SECONDS - 1) * SECOND)
            media.viewings.told({one.ticket.entry for one in media.viewings.due()}, (), ())
            media.each_second()
            assert len(media.hub.viewers()) == 1
        clock.pass_ns(2 * SECOND)
        media.each_second()
        assert await ended(viewer) == 1008
        await until(lambda: not media.hub.viewers())


async def test_no_heartbeat_outlives_the_grant(tmp_path: Path) -> None:
    async with media_at(tmp_path) as (media, clock), opened(media, clock, grant_seconds=10) as viewer:
        await viewer.recv()
        clock.pass_ns(10 * SECOND)
        media.each_second()
        assert await ended(viewer) == 1008


async def test_a_viewer_is_shown_out_when_the_camera_is_taken_away(tmp_path: Path) -> None:
    async with media_at(tmp_path) as (media, clock), opened(media, clock) as viewer:
        await viewer.recv()
        await media.hub.assign(Assignment(2, KEY, frozenset(), {}))
        assert await ended(viewer) == 1008


async def test_watching_starts_the_sub_stream(tmp_path: Path) -> None:
    async with media_at(tmp_path) as (media, clock):
        sub = media.hub.cameras[CAMERA].sub
        assert sub is not None
        assert not sub.running
        async with opened(media, clock, origin=PAGE) as viewer:
            assert "waiting" in str(await viewer.recv())
            assert sub.running


async def test_a_ticket_not_opened_in_time_opens_nothing(tmp_path: Path) -> None:
    async with media_at(tmp_path) as (media, clock):
        late = opened(media, clock)
        clock.pass_ns(OPEN_SECONDS * SECOND)
        with pytest.raises(websockets.InvalidStatus) as refused:
            await late
        assert refused.value.response.status_code == 403


async def test_R22_4_pictures_stop_within_seconds_when_the_journal_has_no_entry_of_the_minute(
    tmp_path: Path,
) -> None:
    async with media_at(tmp_path) as (media, clock), opened(media, clock) as viewer:
        for second in range(1, TOLD_EVERY_S + OVERDUE_S + 1):
            await viewer.send('{"type":"heartbeat"}')
            await (await viewer.ping())
            clock.pass_ns(SECOND)
            media.each_second()
            assert len(media.hub.viewers()) == 1, second
        await viewer.send('{"type":"heartbeat"}')
        await (await viewer.ping())
        clock.pass_ns(SECOND)
        media.each_second()
        assert await ended(viewer) == 1008
        await until(lambda: not media.hub.viewers())
        assert [one.ending for one in media.viewings.ended()] == ["not_written"]


async def test_the_end_is_noted_when_the_page_goes(tmp_path: Path) -> None:
    async with media_at(tmp_path) as (media, clock):
        async with opened(media, clock) as viewer:
            await viewer.recv()
            assert [one.ticket.entry for one in media.viewings.open()] == [1]
            clock.pass_ns(9 * SECOND)
        await until(lambda: bool(media.viewings.ended()))
        assert [(one.ending, one.seconds) for one in media.viewings.ended()] == [("closed", 9)]
