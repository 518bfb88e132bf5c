"""Start: how soon a killed worker records again, on a store it left thousands of segments in.

A worker records simulated cameras into a store that holds closed segments of theirs (small real files), and
is killed with SIGKILL while they are all open. Time counts from the exec of the next one: it repairs what was
left open, answers, gets its cameras at once, and counts as recording a camera once it keeps what arrives. The
cameras go on playing throughout, and the page cache is left as the first worker left it.

The peer is one ``ffmpeg -c copy`` per camera, all started at once, until the file of each holds media: no
store, no repair, only the cameras.
"""

import argparse
import asyncio
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.record import ffmpeg_command, ffmpeg_version
from bench.report import Result, pinned
from bench.simulators import Simulators, running_simulators
from bench.store import SEGMENT_S, Rows, with_files
from bench.worker import Camera, Worker, cameras_of, start_worker
from bingjian.clock import TICKS_PER_SECOND
from bingjian.durable import DISK
from bingjian.recording.catalogue import Catalogue
from bingjian.recording.volume import CATALOGUE_FILE, Volume

RECORDER_CORE, SIMULATOR_CORE = 0, 1
FILE_S = 2  # of footage in each closed segment's file
RECORDED_S = 8  # before the kill
LOOK_S = 0.05
PATIENCE_S = 120.0
HEADER_BYTES = 4096  # ffmpeg's file holds more than this once there is media in it


async def run(cameras: int, closed: int, work: Path) -> Result:
    async with running_simulators(cameras, core=SIMULATOR_CORE) as simulators:
        assigned = cameras_of(simulators.urls, simulators.username, simulators.password)
        made = fill(work / "volume", [camera.id for camera in assigned], closed)
        left_open = await record_and_kill(work, assigned)
        ours = await restart(work, assigned)
        theirs = await start_ffmpeg(simulators, work)
    return Result(
        bench="start",
        params={
            "cameras": cameras,
            "closed_segments": made,
            "open_segments": left_open,
            "stream": "1280x720 H.264 3 Mbit/s RTSP/TCP",
        },
        bingjian=ours,
        peer={"name": ffmpeg_version(), **theirs},
        ratios={"all_cameras_vs_ffmpeg": theirs["all_cameras_s"] / ours["all_cameras_s"]},
    )


def fill(root: Path, cameras: Sequence[UUID], closed: int) -> int:
    """A store with so many closed segments, as many of each camera, up to a minute ago; how many they are."""
    volume = Volume.create(root, size_bytes=10**12, reserve_bytes=0)
    volume.close()
    each = closed // len(cameras)
    first_90k = (int(time.time()) - 60 - each * SEGMENT_S) * TICKS_PER_SECOND
    starts = [first_90k + number * SEGMENT_S * TICKS_PER_SECOND for number in range(each)]
    rows = Rows.of("bench start")
    wanted = (rows.row(camera, start_90k, FILE_S) for start_90k in starts for camera in cameras)
    catalogue = Catalogue(root / CATALOGUE_FILE, volume.id)
    with catalogue.transaction():
        catalogue.add_closed(with_files(root, volume.id, wanted))
    catalogue.close()
    DISK.sync_filesystem(root)
    return each * len(cameras)


async def record_and_kill(work: Path, cameras: Sequence[Camera]) -> int:
    """How many segments the killed worker leaves open."""
    worker = start_worker(work / "volume", core=RECORDER_CORE, log=work / "killed.log")
    try:
        await worker.answering()
        await worker.assign(cameras)
        await worker.until_recording(len(cameras), PATIENCE_S)
        await asyncio.sleep(RECORDED_S)
    finally:
        await worker.kill()
    volume = Volume.open(work / "volume", read_only=True)
    with volume.reading() as catalogue:
        found = catalogue.execute("SELECT count(*) FROM segments WHERE state = 'open'").fetchone()
    volume.close()
    return int(found[0])


async def restart(work: Path, cameras: Sequence[Camera]) -> dict[str, Any]:
    """Seconds since exec until the worker answers, records one camera, records all."""
    began = time.monotonic()
    worker = start_worker(work / "volume", core=RECORDER_CORE, log=work / "restarted.log")
    try:
        await worker.answering(PATIENCE_S)
        answering_s = time.monotonic() - began
        await worker.assign(cameras)
        first_s, all_s = await recording_since(began, len(cameras), lambda: recorded_by(worker))
    finally:
        await worker.stop()
    return {"first_camera_s": first_s, "all_cameras_s": all_s, "answering_s": answering_s}


async def recorded_by(worker: Worker) -> int:
    return sum(camera["main"]["recording"] for camera in (await worker.state())["cameras"].values())


async def start_ffmpeg(simulators: Simulators, work: Path) -> dict[str, Any]:
    files = [work / f"{number}.mp4" for number in range(len(simulators.urls))]
    began = time.monotonic()
    processes = [
        subprocess.Popen(pinned(RECORDER_CORE, ffmpeg_command(url, file)))
        for url, file in zip(simulators.urls_with_credentials, files, strict=True)
    ]
    try:
        first_s, all_s = await recording_since(began, len(files), lambda: holding_media(files))
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(20)
    return {"first_camera_s": first_s, "all_cameras_s": all_s}


async def holding_media(files: Sequence[Path]) -> int:
    return sum(file.exists() and file.stat().st_size > HEADER_BYTES for file in files)


async def recording_since(
    began: float, all_of_them: int, ask: Callable[[], Awaitable[int]]
) -> tuple[float, float]:
    """Seconds until the first camera, and until all of them. Raises TimeoutError."""
    first_s: float | None = None
    count, passed_s = 0, 0.0
    while passed_s < PATIENCE_S:
        count, passed_s = await ask(), time.monotonic() - began
        if count and first_s is None:
            first_s = passed_s
        if count == all_of_them and first_s is not None:
            return first_s, passed_s
        await asyncio.sleep(LOOK_S)
    raise TimeoutError(f"{count} of {all_of_them} cameras recorded after {PATIENCE_S:g} s")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench start", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cameras", type=int, default=50)
    parser.add_argument("--closed", type=int, default=10_000, help="segments that the store holds")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bingjian-bench-") as work:
        result = asyncio.run(run(options.cameras, options.closed, Path(work)))
    result.show(as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
