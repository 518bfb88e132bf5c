"""From a gap to footage that FFmpeg reads: signalling process, simulated recorder, media worker, all real."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bingjian.clock import SystemClock
from bingjian.recording import check, presence
from bingjian.recording.catalogue import segments_between
from bingjian.recording.cause import Cause
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import Platform as Where
from bingjian.simulate.gb28181.spec import make_devices
from bingjian.streaming.assignment import Assignment, CameraAssignment
from bingjian.streaming.gap_filler import GapFiller, Pace
from bingjian.streaming.hub import Hub
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.gb_storage import GbStorage
from bingjian.streaming.sources.media_ports import MediaPorts
from bingjian.streaming.sources.signal_call import Line
from tests.unit.processes.signal_process import MEDIA_CREDENTIAL, running
from tests.unit.recording.footage import CAMERA, GIB, START_90K, video, video_config
from tests.unit.signalling.scripted import DOMAIN, PASSWORD, PLATFORM, assignment

pytestmark = pytest.mark.interop

HOST = "127.0.0.1"
GAP_S = 40
MADE = make_devices(DOMAIN, 1, 1, PASSWORD)
DEVICE, CHANNEL = MADE[0].id, MADE[0].channels[0].id


def began() -> int:
    """Ten past the hour before this one: simulated devices have recorded there, on the whole second."""
    return int(time.time()) // 3600 * 3600 - 3600 + 600


async def record_around(root: Path, at_s: int) -> Volume:
    """Twenty seconds before the gap and twenty after it."""
    volume = Volume.create(root, size_bytes=GIB, reserve_bytes=0)
    one = Recorder(Volumes([volume]), CAMERA, worker="w", epoch=1, clock=SystemClock())
    one.set_tracks((video_config(),))
    moved = (at_s - 20) * 90_000 - START_90K
    one.write([one._replace(pts=one.pts + moved, dts=one.dts + moved) for one in video(0, 20)])
    one.gap_begin(Cause.UNREACHABLE, "away", at_s * 90_000)
    one._finish_segment()
    one.write([one._replace(pts=one.pts + moved, dts=one.dts + moved) for one in video(20 + GAP_S, 20)])
    await one.close()
    return volume


@asynccontextmanager
async def city(volume: Volume) -> AsyncIterator[GapFiller]:
    """A signalling process, a registered recorder, and a worker that has its channel as a camera."""
    async with running() as asking:
        assert await asking.assign(assignment(DEVICE, admitted=[CHANNEL])) == 204
        fleet, clock = Fleet(), SystemClock()
        await fleet.start(FleetConfig(Where(HOST, asking.sip_port, PLATFORM), MADE, footage="drawn"))
        try:
            await fleet.ready()
            assert (await asking.event("registered"))["device"] == DEVICE
            line = Line(str(asking.http.base_url).rstrip("/"), MEDIA_CREDENTIAL)
            channels = Channels(line, MediaPorts(clock, HOST), HOST)
            hub = Hub(Volumes([volume]), worker="w", clock=clock, receive=channels.receive)
            camera = CameraAssignment(CAMERA, "南门", SourceAddress.of(f"gb28181://{DEVICE}/{CHANNEL}"), None)
            await hub.assign(Assignment(3, b"k" * 32, frozenset(), {CAMERA: camera}))
            yield GapFiller(hub, GbStorage(line, channels, clock), clock, Pace(speed=8, days=1))
            await hub.close()
        finally:
            await fleet.stop()


async def test_a_gap_is_filled_from_a_recorders_own_storage(tmp_path: Path) -> None:
    at_s = began()
    volume = await record_around(tmp_path / "v", at_s)
    async with city(volume) as filler:
        kept_90k = await asyncio.wait_for(filler.round(), 60)
    assert (GAP_S - 3) * 90_000 < kept_90k <= GAP_S * 90_000, "all but what comes before the first key frame"
    told = presence.spans([volume], CAMERA, (at_s - 20) * 90_000, (at_s + GAP_S + 20) * 90_000)
    (one,) = [span for span in told if span.source is not None]
    assert one.source is not None
    assert (one.source.device, one.source.channel) == (DEVICE, CHANNEL)
    assert [span.cause for span in told if span.kind == "missing"][:1] in ([], [Cause.UNREACHABLE])
    assert list(check.Check(volume, deep=True)) == []
    pictures = sum(map(probed, recovered_files(volume)))
    assert abs(pictures - kept_90k // 3600) <= 1
    volume.close()


def recovered_files(volume: Volume) -> list[Path]:
    with volume.reading() as rows:
        found = segments_between(rows, CAMERA, 0, 1 << 62)
    return [volume.path / row.path for row in found if row.recovered is not None]


def probed(path: Path) -> int:
    """Pictures that decode."""
    asked = [
        "ffprobe",
        "-v",
        "error",
        "-count_frames",
        "-select_streams",
        "v",
        "-show_streams",
        "-of",
        "json",
    ]
    result = subprocess.run([*asked, path], capture_output=True, text=True, timeout=120, check=True)
    assert result.stderr == ""
    return int(json.loads(result.stdout)["streams"][0]["nb_read_frames"])
