"""The simulator as a whole, read by libav: several cameras, faults, the control socket."""

import asyncio
import stat
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from bingjian.simulate import live
from bingjian.simulate.camera import CameraSpec, Fault, FaultError
from bingjian.simulate.control import ask, send_fault
from bingjian.simulate.footage import FootageError, LoopName, Source, choose, prepare
from bingjian.simulate.loop import load
from bingjian.simulate.simulator import SimulatedCamera, Simulator, SimulatorConfig
from bingjian.simulate.timecode import read_timecode

PATIENCE_SECONDS = 40.0


@asynccontextmanager
async def simulator(*cameras: CameraSpec, control: Path | None = None) -> AsyncIterator[Simulator]:
    running = Simulator()
    await running.start(SimulatorConfig(cameras, footage="drawn", control_socket=control))
    try:
        await running.prepared()
        yield running
    finally:
        await running.stop()


def address(camera: SimulatedCamera, role: str = "main") -> str:
    url = camera.main_url if role == "main" else camera.sub_url
    assert url
    return url.replace("rtsp://", f"rtsp://{camera.username}:{camera.password}@")


def watch_for(url: str, wanted: Callable[[av.VideoFrame], bool], transport: str = "tcp") -> bool:
    """Decode until a picture is as wanted; False after much more time than it should take."""
    end = time.monotonic() + PATIENCE_SECONDS
    with av.open(url, options={"rtsp_transport": transport}, timeout=10) as film:
        for picture in film.decode(video=0):
            if wanted(picture):
                return True
            if time.monotonic() > end:
                return False
    return False


def look(url: str) -> tuple[str, int, int]:
    """Codec and size of the first picture."""
    with av.open(url, options={"rtsp_transport": "tcp"}, timeout=10) as film:
        picture = next(film.decode(video=0))
        return film.streams.video[0].codec_context.name, picture.width, picture.height


def brightness(picture: av.VideoFrame) -> float:
    return float(np.asarray(picture.to_ndarray(format="gray")).mean())


async def test_cameras_differ_and_both_streams_play() -> None:
    async with simulator(CameraSpec("a"), CameraSpec("b", "h265", "aac")) as running:
        first, second = running.cameras
        sizes = {}
        for name, url in (("a", address(first)), ("a sub", address(first, "sub")), ("b", address(second))):
            sizes[name] = await asyncio.to_thread(look, url)
        assert sizes == {"a": ("h264", 1280, 720), "a sub": ("h264", 640, 360), "b": ("hevc", 1280, 720)}


async def test_the_burnt_in_time_is_the_present() -> None:
    async with simulator(CameraSpec("timecode", "timecode", sub=False)) as running:
        read: list[int] = []

        def has_time(picture: av.VideoFrame) -> bool:
            value = read_timecode(np.asarray(picture.to_ndarray(format="gray"), np.uint8))
            read.extend([value] if value else [])
            return len(read) == 10

        before = time.time_ns() // 1_000_000
        assert await asyncio.to_thread(watch_for, address(running.cameras[0]), has_time)
        assert read == sorted(set(read))
        assert before <= read[0] <= read[-1] <= time.time_ns() // 1_000_000


async def test_a_black_picture_comes_and_goes() -> None:
    async with simulator(CameraSpec("a")) as running:
        loop, seen = asyncio.get_running_loop(), list[bool]()

        def turned_black_and_back(picture: av.VideoFrame) -> bool:
            dark = brightness(picture) < 20
            if not seen:
                loop.call_soon_threadsafe(running.fault, "a", "black", 60)
            elif dark and not seen[-1]:
                loop.call_soon_threadsafe(running.heal, "a", "black")
            seen.append(dark)
            return True in seen and not dark

        assert await asyncio.to_thread(watch_for, address(running.cameras[0]), turned_black_and_back)
        assert seen[0] is False


async def test_faults_over_the_control_socket(tmp_path: Path) -> None:
    async with simulator(CameraSpec("a"), control=tmp_path / "control") as running:
        assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o600
        await send_fault(tmp_path / "control", "a", "drop", 60, status=503)
        with pytest.raises((av.FFmpegError, OSError)):
            await asyncio.to_thread(watch_for, address(running.cameras[0]), lambda _: True)
        await ask(tmp_path / "control", {"do": "heal", "camera": "a", "kind": "drop"})
        assert await asyncio.to_thread(watch_for, address(running.cameras[0]), lambda _: True)


async def test_another_resolution_on_the_same_stream() -> None:
    async with simulator(CameraSpec("a")) as running:
        running.fault("a", "resolution", 30)
        small = await asyncio.to_thread(watch_for, address(running.cameras[0]), lambda p: p.width == 640)
        assert small


async def test_a_dropped_camera_refuses_and_comes_back() -> None:
    async with simulator(CameraSpec("a")) as running:
        url = address(running.cameras[0])
        running.fault("a", "drop", 60)
        with pytest.raises((av.FFmpegError, OSError)):
            await asyncio.to_thread(watch_for, url, lambda _: True)
        running.heal("a", "drop")
        assert await asyncio.to_thread(watch_for, url, lambda _: True)


async def test_lost_packets_are_counted_over_udp() -> None:
    async with simulator(CameraSpec("a")) as running:
        running.fault("a", "loss", 60, {"percent": 20})

        def lost(_: av.VideoFrame) -> bool:
            return running.statistics()["a"]["lost_packets"] > 0

        assert await asyncio.to_thread(watch_for, address(running.cameras[0]), lost, "udp")


async def test_what_cannot_be_simulated_is_said(tmp_path: Path) -> None:
    specs = [CameraSpec("a"), CameraSpec("b"), CameraSpec("c"), CameraSpec("d", "h265")]
    async with simulator(*specs, control=tmp_path / "control") as running:
        for camera in "ab":
            running.fault(camera, "freeze", 5)
        for camera, kind, seconds, reason in (
            ("c", "freeze", 5.0, "only 2 cameras"),
            ("d", "black", 5.0, "H.264"),
            ("x", "drop", 5.0, "no camera"),
            ("a", "fire", 5.0, "no fault"),
            ("a", "drop", float("nan"), "lasts"),
            ("a", "drop", -1.0, "lasts"),
        ):
            with pytest.raises(FaultError, match=reason):
                running.fault(camera, kind, seconds)
        with pytest.raises(FaultError, match='"do" is'):
            await ask(tmp_path / "control", {"do": "dance"})
        answer = await ask(tmp_path / "control", {"do": "cameras"})
        assert [camera["name"] for camera in answer["cameras"]] == ["a", "b", "c", "d"]


async def test_garbage_is_closed_and_others_go_on() -> None:
    async with simulator(CameraSpec("a")) as running:
        for garbage in (b"\xff" * 100, b"GET / HTTP/1.1\r\n\r\n", b"$" + bytes(9), b"PLAY " + b"x" * 40_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(garbage)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 10)
            writer.close()
        assert await asyncio.to_thread(watch_for, address(running.cameras[0]), lambda _: True)


async def test_two_cameras_of_one_name_are_refused() -> None:
    for specs in ((CameraSpec("a"), CameraSpec("a")), (CameraSpec("a/b"),)):
        with pytest.raises(ValueError, match="camera"):
            await Simulator().start(SimulatorConfig(specs, footage="drawn"))


def test_live_effects_keep_the_parameter_sets_of_the_loop() -> None:
    """A covered camera does not change its stream's configuration, so nothing may depend on that."""
    loop = load(prepare(Source(), [LoopName.MAIN]), LoopName.MAIN)
    for effect in set(live.EFFECTS) - {"timecode", "view"}:  # these two are no faults
        assert live.form_of(effect).media == loop.media


def test_every_fault_is_explained() -> None:
    assert all(f"    {fault} " in (Fault.__doc__ or "") for fault in Fault)


def test_a_film_that_is_not_there() -> None:
    with pytest.raises(FootageError, match="no film"):
        choose("/nowhere/film.mp4")


def test_a_film_that_is_none(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"not a film")
    with pytest.raises(FootageError):
        prepare(choose(str(film)), [LoopName.MAIN], tmp_path)
