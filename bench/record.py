"""CPU, memory and loss of recording N cameras, against one ``ffmpeg -c copy`` per camera in the same run.

Simulators play 720p 3 Mbit/s over RTSP/TCP on one core; whoever records runs on the other. Rounds alternate
(ours, ffmpeg, ffmpeg, ours), so that drift of a shared machine falls on both alike. Figures are medians of
the rounds. CPU counts user and system time of the recording processes over the window, once all cameras play.

Write amplification is what the recorder gave to write calls, from its start until all segments are closed,
divided by the bytes of the samples in its files. The kernel counts the calls (``wchar``), so segments,
indexes, catalogue with its log and checkpoints, the worker's own log and what it says to cameras are all in
it: it can only be too high. ``catalogue_share`` is what of that is not segments and indexes. For ffmpeg its
files count, which it writes once.

``--protocol gb28181``: the same cameras as GB/T 28181 devices, over ``--transport``, against ourselves over
RTSP/TCP in the same run. The signalling process runs on the simulators' core and is not in the figure per
camera; ``signal_cpu_percent`` of a core is what it used in those rounds.
"""

import argparse
import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.gb_cameras import running_gb_cameras
from bench.report import Result, cpu_seconds, median, memory_mb, pinned
from bench.signal_process import running_signal
from bench.simulators import PACKET_BYTES, Simulators, running_simulators
from bench.worker import Camera, cameras_of, running_worker
from bingjian.recording.index import entries_of

RECORDER_CORE, SIMULATOR_CORE = 0, 1
SETTLE_S = 4  # after the last camera plays: join bursts and first segments are over
ORDER = ("bingjian", "ffmpeg", "ffmpeg", "bingjian")


@dataclass(frozen=True, slots=True)
class Round:
    cpu_per_camera_second: float
    memory_mb_per_camera: float
    lost_bytes: int
    recorded_bytes: int
    write_amplification: float
    catalogue_share: float  # of the media bytes: given to write calls, but not for segments and indexes


async def run(cameras: int, seconds: float, work: Path) -> Result:
    """All rounds; ``work`` receives the recordings and is emptied after each round."""
    rounds: dict[str, list[Round]] = {"bingjian": [], "ffmpeg": []}
    async with running_simulators(cameras, core=SIMULATOR_CORE) as simulators:
        for number, who in enumerate(ORDER):
            place = work / f"{number}-{who}"
            place.mkdir()
            record = record_ourselves if who == "bingjian" else record_with_ffmpeg
            rounds[who].append(await record(simulators, seconds, place))
            shutil.rmtree(place)
    ours, theirs = (middle(rounds[who]) for who in ("bingjian", "ffmpeg"))
    return Result(
        bench="record",
        params={
            "cameras": cameras,
            "seconds": seconds,
            "stream": "1280x720 H.264 3 Mbit/s RTSP/TCP",
            "rounds": len(ORDER),
        },
        bingjian={
            "cpu_percent_per_camera": 100 * ours.cpu_per_camera_second,
            "memory_mb_per_camera": ours.memory_mb_per_camera,
            "lost_bytes": sum(each.lost_bytes for each in rounds["bingjian"]),
            "recorded_bytes": ours.recorded_bytes,
            "write_amplification": ours.write_amplification,
            "catalogue_share": ours.catalogue_share,
        },
        peer={
            "name": ffmpeg_version(),
            "cpu_percent_per_camera": 100 * theirs.cpu_per_camera_second,
            "memory_mb_per_camera": theirs.memory_mb_per_camera,
            "recorded_bytes": theirs.recorded_bytes,
            "write_amplification": theirs.write_amplification,
        },
        ratios={
            "cpu_vs_ffmpeg": theirs.cpu_per_camera_second / ours.cpu_per_camera_second,
            "memory_vs_ffmpeg": theirs.memory_mb_per_camera / max(ours.memory_mb_per_camera, 0.001),
        },
    )


def middle(rounds: Sequence[Round]) -> Round:
    """Figure by figure the median of the rounds."""
    return Round(
        median([each.cpu_per_camera_second for each in rounds]),
        median([each.memory_mb_per_camera for each in rounds]),
        sum(each.lost_bytes for each in rounds),
        int(median([each.recorded_bytes for each in rounds])),
        median([each.write_amplification for each in rounds]),
        median([each.catalogue_share for each in rounds]),
    )


async def run_gb28181(cameras: int, transport: str, seconds: float, work: Path) -> Result:
    """GB/T 28181 and RTSP in turn, both by us; the same footage."""
    rounds: dict[str, list[Round]] = {"rtsp": [], "gb28181": []}
    signal_cpu: list[float] = []
    async with (
        running_simulators(cameras, core=SIMULATOR_CORE) as simulators,
        running_signal(work, core=SIMULATOR_CORE) as signal,
        running_gb_cameras(signal, cameras, transport, core=SIMULATOR_CORE) as devices,
    ):
        line = {"signal_url": signal.line.url, "signal_credential": signal.line.credential}
        for number, protocol in enumerate(("gb28181", "rtsp", "rtsp", "gb28181")):
            place = work / f"{number}-{protocol}"
            place.mkdir()
            before, began = cpu_seconds([signal.pid]), time.monotonic()
            if protocol == "rtsp":
                one = await record_ourselves(simulators, seconds, place)
            else:
                one = await record_cameras(devices, PACKET_BYTES, seconds, place, **line)
                signal_cpu.append((cpu_seconds([signal.pid]) - before) / (time.monotonic() - began))
            rounds[protocol].append(one)
            shutil.rmtree(place)
    ours, rtsp = middle(rounds["gb28181"]), middle(rounds["rtsp"])
    return Result(
        bench="record",
        params={
            "cameras": cameras,
            "seconds": seconds,
            "stream": f"1280x720 H.264 3 Mbit/s GB/T 28181 PS/{transport.upper()}",
            "rounds": 4,
        },
        bingjian={
            "cpu_percent_per_camera": 100 * ours.cpu_per_camera_second,
            "memory_mb_per_camera": ours.memory_mb_per_camera,
            "lost_bytes": ours.lost_bytes,
            "recorded_bytes": ours.recorded_bytes,
            "signal_cpu_percent": 100 * median(signal_cpu),
        },
        peer={
            "name": "bingjian RTSP/TCP",
            "cpu_percent_per_camera": 100 * rtsp.cpu_per_camera_second,
            "memory_mb_per_camera": rtsp.memory_mb_per_camera,
            "lost_bytes": rtsp.lost_bytes,
            "recorded_bytes": rtsp.recorded_bytes,
        },
        ratios={"cpu_vs_rtsp": ours.cpu_per_camera_second / rtsp.cpu_per_camera_second},
    )


async def record_ourselves(simulators: Simulators, seconds: float, place: Path) -> Round:
    """Over RTSP."""
    cameras = cameras_of(simulators.urls, simulators.username, simulators.password)
    return await record_cameras(cameras, simulators.packet_bytes, seconds, place)


async def record_cameras(
    cameras: Sequence[Camera], packet_bytes: int, seconds: float, place: Path, **config: object
) -> Round:
    """One media worker records all; memory is what it grew beyond the idle process."""
    async with running_worker(place / "volume", core=RECORDER_CORE, **config) as worker:
        await asyncio.sleep(1)
        idle = memory_mb([worker.pid])
        await worker.assign(cameras)
        await worker.until_recording(len(cameras))
        await asyncio.sleep(SETTLE_S)
        before = cpu_seconds([worker.pid])
        await asyncio.sleep(seconds)
        used = cpu_seconds([worker.pid]) - before
        grown = memory_mb([worker.pid]) - idle
        lost_packets = sum(
            camera["main"]["packets_lost"] for camera in (await worker.state())["cameras"].values()
        )
        await worker.assign([])
        given, footage = worker.given_to_write_calls(), await worker.volume_written_bytes()
    media = media_bytes(place)
    lost = lost_packets * packet_bytes + sum(lost_bytes(index) for index in place.rglob("*.idx"))
    return Round(
        *(used / (len(cameras) * seconds), grown / len(cameras), lost, recorded_bytes(place)),
        *(given / media, (given - footage) / media),
    )


def lost_bytes(index: Path) -> int:
    """Bytes that holes between consecutive fragments of one segment stand for, at the segment's own rate."""
    entries = [entry for entry in entries_of(index.read_bytes()) if entry.duration_90k]
    held = sum(entry.duration_90k for entry in entries)
    hole = sum(
        max(0, after.start_90k - before.start_90k - before.duration_90k)
        for before, after in pairwise(entries)
    )
    return hole * sum(entry.length for entry in entries) // held if held and hole > held // 10_000 else 0


async def record_with_ffmpeg(simulators: Simulators, seconds: float, place: Path) -> Round:
    """One process per camera, remuxing into fragmented MP4, as people do it by hand."""
    processes = [
        subprocess.Popen(pinned(RECORDER_CORE, ffmpeg_command(url, place / f"{number}.mp4")))
        for number, url in enumerate(simulators.urls_with_credentials)
    ]
    pids = [process.pid for process in processes]
    try:
        await until_growing([place / f"{number}.mp4" for number in range(len(pids))])
        await asyncio.sleep(SETTLE_S)
        before = cpu_seconds(pids)
        await asyncio.sleep(seconds)
        used = cpu_seconds(pids) - before
        memory = memory_mb(pids)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)
    recorded = recorded_bytes(place)
    return Round(
        *(used / (len(pids) * seconds), memory / len(pids), 0, recorded),
        *(recorded / media_bytes(place), 0.0),
    )


def ffmpeg_command(url: str, target: Path) -> list[str]:
    quiet = ["ffmpeg", "-nostdin", "-loglevel", "fatal", "-rtsp_transport", "tcp", "-i", url]
    return [
        *quiet,
        "-c",
        "copy",
        "-movflags",
        "frag_keyframe+empty_moov+default_base_moof",
        "-f",
        "mp4",
        str(target),
    ]


async def until_growing(files: Sequence[Path], seconds: float = 90) -> None:
    """Until every file holds media, not only its header."""
    for _ in range(int(seconds * 5)):
        if all(file.exists() and file.stat().st_size > 50_000 for file in files):
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(f"ffmpeg does not record after {seconds} s")


def recorded_bytes(place: Path) -> int:
    return sum(file.stat().st_size for file in place.rglob("*.mp4"))


def media_bytes(place: Path) -> int:
    """Of the samples: what the ``mdat`` boxes of all files hold."""
    return sum(mdat_bytes(file) for file in place.rglob("*.mp4"))


def mdat_bytes(path: Path) -> int:
    held, at = 0, 0
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            length = int.from_bytes(head[:4])
            held += length - 8 if head[4:] == b"mdat" else 0
            at += length
            file.seek(at)
    return held


def ffmpeg_version() -> str:
    first = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout.split(
        "\n", 1
    )[0]
    return " ".join(first.split()[:3])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench record", description=__doc__)
    parser.add_argument("--cameras", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--protocol", choices=("rtsp", "gb28181"), default="rtsp")
    parser.add_argument("--transport", choices=("tcp", "udp"), default="tcp", help="of GB/T 28181 media")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bingjian-bench-") as place:
        told, work = (options.cameras, options.seconds), Path(place)
        if options.protocol == "gb28181":
            result = asyncio.run(run_gb28181(told[0], options.transport, told[1], work))
        else:
            result = asyncio.run(run(*told, work))
    result.show(as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
