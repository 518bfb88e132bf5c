"""A real worker and real RTSP cameras: recorded, watched, played back, cut off, stopped, started again."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import websockets

from bingjian.formats import mp4_reader
from bingjian.recording.volume import Volume
from bingjian.simulate.simulator import SimulatedCamera, Simulator, SimulatorConfig, mixed_cameras
from tests.interop.test_playback import frames_of, run
from tests.unit.processes.media_worker import PAGE, Worker, ticket, worker_at

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

H264_AAC, H264_G711, H265_AAC, H264_SILENT = (str(UUID(int=n)) for n in range(1, 5))
CUT_OFF = {"disconnected", "refused", "unreachable"}
BEHIND_SECONDS = 8  # what is that old is in no playlist that still grows
ALL = (H264_AAC, H264_G711, H265_AAC, H264_SILENT)


@asynccontextmanager
async def cameras() -> AsyncIterator[Simulator]:
    simulator = Simulator()
    await simulator.start(SimulatorConfig(cameras=mixed_cameras(4), footage="drawn", faults=False))
    try:
        await simulator.ready()
        yield simulator
    finally:
        await simulator.stop()


def assigned(id: str, one: SimulatedCamera) -> dict[str, object]:
    def address(url: str) -> dict[str, object]:
        return {
            "url": url,
            "username": one.username,
            "password": one.password,
            "transport": "auto",
            "verify_tls": True,
        }

    sub = address(one.sub_url) if one.sub_url else None
    return {"id": id, "name": one.name, "main": address(one.main_url), "sub": sub}


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    while not await true():
        await asyncio.sleep(0.1)


async def all_live(worker: Worker) -> bool:
    mains = [one["main"] for one in (await worker.state())["cameras"].values()]
    return all(main["state"] == "live" and main["recording"] for main in mains)


async def watched(worker: Worker, camera: str, role: str, seconds: float) -> tuple[dict[str, Any], bytes]:
    """The format message, and everything binary until so many seconds after the first picture."""
    address = f"ws://127.0.0.1:{worker.port}/m/{ticket('live', camera, role)}/live"
    form: dict[str, Any] = {}
    received: list[bytes] = []
    async with websockets.connect(address, origin=PAGE, proxy=None, max_size=None) as viewer:
        ends: float | None = None
        while ends is None or time.monotonic() < ends:
            message = await viewer.recv()
            if isinstance(message, bytes):
                received.append(message)
                if len(received) == 2:  # the first pictures, behind the init segment
                    ends = time.monotonic() + seconds
            elif (said := json.loads(message))["type"] == "format":
                form = said
    return form, b"".join(received)


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def ticks(instant: float) -> int:
    return int(instant * 90_000)


async def test_the_whole_way_of_a_picture(tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    async with cameras() as simulator:
        wanted = [assigned(id, one) for id, one in zip(ALL, simulator.cameras, strict=True)]
        async with worker_at(volume) as worker:
            began = time.time()
            await worker.assign(*wanted)
            await until(lambda: all_live(worker))
            await look_at_live(worker)
            back = await drop(worker, simulator)
            await play_back(worker, began, back)
            await look_at_pictures(worker)
            assert await worker.terminate() == 0
        assert not [line for line in worker.lines if line.get("level") in ("error", "critical")]
        await everything_is_closed(volume)
        async with worker_at(volume) as again:
            await again.assign(*wanted, epoch=2)
            await until(lambda: all_live(again))
            await pause_is_explained(again, began)
            assert await again.terminate() == 0


async def look_at_live(worker: Worker) -> None:
    """Main with G.711 and with H.265, and a sub stream that is pulled for us alone."""
    looks = [
        (H264_G711, "main", "h264", "pcma"),
        (H265_AAC, "main", "h265", "aac"),
        (H264_AAC, "sub", "h264", None),
    ]
    await asyncio.gather(*(look(worker, *one) for one in looks))
    assert (await worker.state())["cameras"][H264_AAC]["sub"]["state"] == "live"


async def look(worker: Worker, camera: str, role: str, video: str, audio: str | None) -> None:
    form, data = await watched(worker, camera, role, 2.0)
    ended = time.time()
    assert form["video"]["codec"] == video
    assert (form["audio"] or {}).get("codec") == audio
    assert form["mime"].startswith('video/mp4; codecs="')
    times = await frames_of("pipe:0", data)
    assert len(times) >= 40
    assert abs(times[-1] - ended) < 5


async def drop(worker: Worker, simulator: Simulator) -> float:
    """One camera goes away and comes back (the instant is returned); the others are not cut off."""
    simulator.fault(simulator.cameras[3].name, "drop", 3.0)

    async def causes() -> dict[str, str | None]:
        return {id: one["main"]["cause"] for id, one in (await worker.state())["cameras"].items()}

    async def gone() -> bool:  # on a machine with much else to do, silence may come before the cut
        return (await causes())[H264_SILENT] in CUT_OFF

    await until(gone)
    assert not CUT_OFF & {cause for id, cause in (await causes()).items() if id != H264_SILENT}
    spans: list[dict[str, Any]] = []

    async def recorded_again() -> bool:
        spans[:] = await timeline(worker, H264_SILENT, time.time() - 60)
        return any(span["cause"] in CUT_OFF for span in spans) and spans[-1]["kind"] == "present"

    await until(lambda: all_live(worker))
    await until(recorded_again)
    ends = [span["end"] for span in spans if span["cause"] in CUT_OFF]
    return at(ends[-1])


async def timeline(worker: Worker, camera: str, start: float) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    params = {"start": datetime.fromtimestamp(start, UTC).isoformat(), "end": now.isoformat()}
    async with worker.client() as web:
        answer = await web.get(f"/control/cameras/{camera}/timeline", params=params)
        spans: list[dict[str, Any]] = answer.json()["spans"]
        return spans


async def play_back(worker: Worker, began: float, back: float) -> None:
    """The first camera's playlist still grows; the last one's gap ended at ``back``."""
    await asyncio.gather(*(play(worker, camera, began, back) for camera in ALL))


async def play(worker: Worker, camera: str, began: float, back: float) -> None:
    growing = camera == H264_AAC
    if not growing:
        await asyncio.sleep(back + BEHIND_SECONDS + 5 - time.time())
    end = time.time() - (0 if growing else BEHIND_SECONDS)
    right = ticket("playback", camera, "main", ticks(began), ticks(end))
    url = f"http://127.0.0.1:{worker.port}/m/{right}/index.m3u8"
    # At a reload ffmpeg 5.1 expects more of the init segment than there is, and says so.
    times = await frames_of(url, complain="fatal" if growing else "error")
    assert len(times) > 100
    assert began < times[0] < time.time()
    async with httpx.AsyncClient(trust_env=False) as web:
        text = (await web.get(url)).text
    spans = await timeline(worker, camera, times[0] + 0.1)
    kinds = [span["kind"] for span in spans if at(span["start"]) < end]
    assert "missing" in kinds or camera != H264_SILENT
    assert ("#EXT-X-DISCONTINUITY" in text) == ("missing" in kinds)


async def look_at_pictures(worker: Worker) -> None:
    at = datetime.now(UTC) - timedelta(seconds=3)
    for camera in ALL:
        async with worker.client() as web:
            got = await web.get(f"/control/cameras/{camera}/picture", params={"at": at.isoformat()})
            none = await web.get(
                f"/control/cameras/{camera}/picture", params={"at": "2020-01-01T00:00:00+00:00"}
            )
        taken = datetime.fromisoformat(got.headers["x-picture-time"])
        assert timedelta(0) <= at - taken <= timedelta(seconds=0.1)
        assert await frames_of("pipe:0", got.content)
        assert none.status_code == 404


async def everything_is_closed(path: Path) -> None:
    """Every segment is closed in the catalogue, and stock ffprobe finds nothing wrong in any file."""
    volume = await asyncio.to_thread(Volume.open, path, read_only=True)
    with volume.reading() as catalogue:
        states = [state for (state,) in catalogue.execute("SELECT state FROM segments")]
    assert states
    assert set(states) == {"closed"}
    files = sorted(path.rglob("*.mp4"))
    assert len(files) == len(states)
    command = ("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames")
    for file in files:
        assert mp4_reader.read_init(file.read_bytes()[:4096]).tracks
        assert await run(*command, str(file))


async def pause_is_explained(worker: Worker, began: float) -> None:
    async def explained() -> bool:
        kinds = [(span["kind"], span["cause"]) for span in await timeline(worker, H264_AAC, began)]
        return ("missing", "recorder_stopped") in kinds and kinds[-1] == ("present", None)

    await until(explained)
