"""A device's own storage from end to end: a simulated device, our signalling process, our media worker."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bingjian.processes.media import Media, MediaConfig
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.quirks import Quirk
from bingjian.simulate.gb28181.spec import Platform, make_devices
from bingjian.streaming.sources.base import SourceAddress
from tests.unit.processes.signal_process import MEDIA_CREDENTIAL, running
from tests.unit.signalling.scripted import DOMAIN, PASSWORD, PLATFORM, assignment
from tests.unit.streaming import test_device_playback as scripted
from tests.unit.streaming.gb_devices import HOST
from tests.unit.streaming.test_device_playback import RunningClock, Stand, Watching, wait

MINUTE_MS = 60_000


def recorded_ms() -> int:
    """Ten minutes into a file of the simulated device, some hours ago."""
    return (int(time.time()) // 3600 - 3) * 3_600_000 + 25 * MINUTE_MS


@asynccontextmanager
async def playing(tmp_path: Path, *quirks: Quirk) -> AsyncIterator[tuple[Stand, int]]:
    devices = make_devices(DOMAIN, 1, 1, PASSWORD, quirks=frozenset(quirks))
    (spec,) = devices
    channel = spec.channels[0].id
    clock, fleet = RunningClock(), Fleet()
    volume = Volume.create(tmp_path / "volume", size_bytes=1 << 30, reserve_bytes=0, clock=clock)
    async with running() as asking:
        await asking.assign(assignment(spec.id, admitted=[channel]))
        await fleet.start(
            FleetConfig(Platform("127.0.0.1", asking.sip_port, PLATFORM), devices, footage="drawn")
        )
        url = f"http://127.0.0.1:{asking.process.server.port}"
        config = MediaConfig(
            *("w", 0, [], "c" * 32), signal_url=url, signal_credential=MEDIA_CREDENTIAL, gb_host=HOST
        )
        media = Media(config, Volumes([volume]), clock)
        stand = Stand(media, clock, None)  # type: ignore[arg-type]  # the process is the real one
        try:
            await fleet.ready()
            await asking.event("registered")
            await stand.assign(SourceAddress(f"gb28181://{spec.id}/{channel}"), 1)
            await media.server.start("127.0.0.1", 0)
            yield stand, recorded_ms()
        finally:
            await media.close()
            await fleet.stop()
            await asyncio.to_thread(volume.close)


@asynccontextmanager
async def looking(stand: Stand, begin_ms: int, minutes: float = 30) -> AsyncIterator[Watching]:
    window = {"start_90k": begin_ms * 90, "end_90k": int((begin_ms + minutes * MINUTE_MS) * 90)}
    async with stand.watched(**window) as page:
        yield page


def at_s(page: Watching, begin_ms: int) -> float:
    return (page.at_ms + scripted.BEGIN_MS - begin_ms) / 1000


@pytest.mark.parametrize("quirks", [(), (Quirk.ZERO_SSRC,)], ids=["plain", "SSRC 0"])
async def test_plays_pauses_seeks_and_plays_faster(tmp_path: Path, quirks: tuple[Quirk, ...]) -> None:
    async with playing(tmp_path, *quirks) as (stand, begin_ms), looking(stand, begin_ms) as page:
        await page.sees(25)
        stand.media.each_second()
        await wait(lambda: 0 <= at_s(page, begin_ms) < 10)
        await page.say("speed", speed=4)
        await wait(lambda: page.positions[-1]["speed"] == 4)
        began, at = time.monotonic(), at_s(page, begin_ms)
        await asyncio.sleep(2)
        await page.say("pause")
        await wait(lambda: page.positions[-1]["paused"])
        passed = (at_s(page, begin_ms) - at) / (time.monotonic() - began)
        assert 2 < passed < 6
        await page.say("seek", at_ms=begin_ms + 5 * MINUTE_MS)
        await page.sees(10)
        stand.media.each_second()
        await wait(lambda: 290 < at_s(page, begin_ms) < 330)


async def test_backwards_and_two_viewers(tmp_path: Path) -> None:
    async with playing(tmp_path) as (stand, begin_ms), looking(stand, begin_ms) as page:
        await page.say("seek", at_ms=begin_ms + MINUTE_MS)
        await page.sees(25)
        async with looking(stand, begin_ms) as other:
            await other.sees(25)
            await page.say("speed", speed=-1)
            await wait(lambda: page.positions[-1]["speed"] == -1)
            await page.sees(60)
            stand.media.each_second()
            await wait(lambda: at_s(page, begin_ms) < 61)
            await other.sees(10)


async def test_the_end_of_the_window_is_the_end_of_the_file(tmp_path: Path) -> None:
    async with playing(tmp_path) as (stand, begin_ms), looking(stand, begin_ms, 0.05) as page:
        await page.told(("waiting", "file_end"))
        assert at_s(page, begin_ms) < 3


async def test_where_nothing_was_recorded_the_device_plays_nothing(tmp_path: Path) -> None:
    async with playing(tmp_path) as (stand, begin_ms):
        hole_ms = begin_ms + 31 * MINUTE_MS  # from the 55th minute on it has nothing
        async with looking(stand, hole_ms, 3) as page:
            await wait(lambda: page.states[-1] not in (("waiting", None), ("waiting", "device_connecting")))
            assert page.states[-1][0] == "waiting"
            assert page.pictures == 0
