"""Programs nobody here wrote read what we play back and show live."""

import asyncio
import json
from pathlib import Path

import pytest
import websockets

from bingjian.recording.cause import Cause
from tests.unit.streaming.footage import SECOND, START, VIDEO, coded, play, sample
from tests.unit.streaming.test_live import broadcast_over
from tests.unit.streaming.test_playback import kept

pytestmark = pytest.mark.interop


async def run(*command: str, data: bytes | None = None) -> str:
    """Standard output; the program must be content and say nothing else."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(data)
    assert (process.returncode, err.decode()) == (0, "")
    return out.decode()


async def frames_of(source: str, data: bytes | None = None, complain: str = "error") -> list[float]:
    """Presentation times in seconds of all pictures that ffmpeg decodes, which must not ``complain``."""
    command = ("ffprobe", "-v", complain, "-of", "json", "-select_streams", "v")
    shown = json.loads(
        await run(*command, "-show_frames", "-show_entries", "frame=pts_time", source, data=data)
    )
    return [float(frame["pts_time"]) for frame in shown["frames"]]


async def test_ffmpeg_plays_our_hls_to_the_last_picture(tmp_path: Path) -> None:
    async with kept(tmp_path) as store:
        await store.stream.stop()
        await store.recorder.close()
        store.clock.pass_ns(60 * SECOND)
        url = f"http://127.0.0.1:{store.media.server.port}/m/{store.ticket(0, 30)}/index.m3u8"
        times = await frames_of(url)
        assert len(times) == 500
        assert times[0] == pytest.approx(START / 90_000, abs=0.001)
        assert times[-1] - times[0] == pytest.approx(499 / 25, abs=0.001)


async def test_ffmpeg_plays_over_a_gap(tmp_path: Path) -> None:
    async with kept(tmp_path, 250) as store:
        await store.stream.stop()
        store.recorder.gap_begin(Cause.DISCONNECTED, "", START + 10 * 90_000)
        store.clock.pass_ns(20 * SECOND)
        config, units = coded(250)
        store.stream.on_tracks((config,))
        play(store.stream, units, store.clock)
        await store.stream.stop()
        await store.recorder.close()
        store.clock.pass_ns(60 * SECOND)
        url = f"http://127.0.0.1:{store.media.server.port}/m/{store.ticket(0, 60)}/index.m3u8"
        assert len(await frames_of(url)) == 500


async def test_ffmpeg_decodes_what_a_live_viewer_receives() -> None:
    config, units = coded(50)
    samples = [
        sample(n)._replace(data=unit.data, sync=unit.sync, pts=START + n * 3600, dts=START + n * 3600)
        for n, unit in enumerate(units)
    ]
    async with broadcast_over() as (broadcast, address):
        broadcast.set_tracks((config,))
        broadcast.push(samples[:30])
        async with websockets.connect(address, proxy=None, max_size=None) as viewer:
            received = [await viewer.recv() for _ in range(4)]
            for one in samples[30:]:
                broadcast.push([one])
                received.append(await viewer.recv())
    stream = b"".join(one for one in received if isinstance(one, bytes))
    assert len(await frames_of("pipe:0", stream)) == 25  # all since the last key frame
    assert config != VIDEO
