"""Many cameras in one process: footage, RTSP server, faults."""

import asyncio
import json
import re
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from bingjian.simulate import footage as footage_module
from bingjian.simulate.camera import Camera, CameraSpec, Fault, FaultError, start_offset_ns
from bingjian.simulate.control import serve_control
from bingjian.simulate.footage import Footage, FootageError, LoopName, Progress
from bingjian.simulate.loop import Track, load
from bingjian.simulate.server import Access, listen

FAULT_SECONDS_LIMIT = 24 * 3600.0
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MIXED = (("h264", "aac"), ("h264", "g711"), ("h265", "aac"), ("h264", None))


def mixed_cameras(count: int) -> tuple[CameraSpec, ...]:
    """cam01, cam02, …: H.264 and H.265, with AAC, G.711 and no sound, in turn; all have a sub stream."""
    kinds = (_MIXED[number % len(_MIXED)] for number in range(count))
    return tuple(CameraSpec(f"cam{n:02d}", video, audio) for n, (video, audio) in enumerate(kinds, 1))


def equal_cameras(count: int) -> tuple[CameraSpec, ...]:
    """cam01, cam02, …: 1280x720 H.264 at 3 Mbit/s and nothing else, for benchmarks."""
    return tuple(CameraSpec(f"cam{n:02d}", sub=False) for n in range(1, count + 1))


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """What to simulate."""

    cameras: tuple[CameraSpec, ...] = field(default_factory=lambda: mixed_cameras(4))
    host: str = "127.0.0.1"
    port: int = 0  # 0: any free one
    username: str = "camera"
    password: str = ""  # empty: one is drawn at random
    algorithm: str = "MD5"  # of Digest; or "SHA-256"
    footage: str = "auto"  # or "drawn", "debian", a film's file name: see footage.choose
    footage_directory: Path | None = None
    control_socket: Path | None = None
    faults: bool = True  # prepare the loops that faults need, too


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """How to reach one of them. URLs carry no credentials."""

    name: str
    main_url: str
    sub_url: str | None
    username: str
    password: str


class Simulator:
    """``start``, then read ``cameras``; those whose footage is still being made answer 503 until it is."""

    def __init__(self) -> None:
        self.port = 0
        self.cameras: list[SimulatedCamera] = []
        self._by_name: dict[str, Camera] = {}
        self._loops: dict[LoopName, Track] = {}
        self._loaded = asyncio.Event()
        self._preparing: asyncio.Task[None] | None = None
        self._stops: list[Callable[[], Any]] = []

    async def start(self, config: SimulatorConfig, progress: Progress | None = None) -> None:
        """Returns when the port is open and the first loop is loaded; the others follow in the background.

        Args:
            progress: told while loops are being encoded.

        Raises:
            FootageError: there is nothing to play.
            OSError: the port is taken.
            ValueError: two cameras of one name, or a name that fits no URL.
        """
        _check_names(config.cameras)
        source = await asyncio.to_thread(footage_module.choose, config.footage, config.footage_directory)
        footage = Footage.of(source, config.footage_directory)
        self._add_cameras(config, footage)
        access = Access(config.username, config.password or secrets.token_urlsafe(9), config.algorithm)
        server, close_all = await listen(self._by_name, access, config.host, config.port)
        self._stops += [close_all, server.close]
        self.port = server.sockets[0].getsockname()[1]
        self.cameras = [self._reach(config.host, spec, access) for spec in config.cameras]
        if config.control_socket:
            self._stops.append(await serve_control(config.control_socket, self.handle))
        clip = str(source.clip) if source.clip else "drawn"
        prepare = self._prepare(footage, clip, config.footage_directory, _needed(config), progress)
        self._preparing = asyncio.create_task(prepare)
        try:
            await self._until(lambda: LoopName.MAIN in self._loops)
        except BaseException:
            await self.stop()
            raise

    async def ready(self) -> None:
        """Returns when every camera plays; raises FootageError if its footage could not be made."""
        await self._until(lambda: all(camera.offer("main") != 503 for camera in self._by_name.values()))

    async def prepared(self) -> None:
        """Returns when all loops are there, those for faults too; raises FootageError."""
        if self._preparing:
            await asyncio.shield(self._preparing)

    async def stop(self) -> None:
        """Close all connections and end all processes."""
        if self._preparing:
            self._preparing.cancel()
            await asyncio.gather(self._preparing, return_exceptions=True)
        for camera in self._by_name.values():
            camera.stop()
        for stop in self._stops:
            if asyncio.iscoroutine(pending := stop()):
                await pending
        self._stops.clear()
        await asyncio.gather(*(camera.stopped() for camera in self._by_name.values()))

    def fault(
        self, camera: str, kind: str, seconds: float, parameters: Mapping[str, float] | None = None
    ) -> None:
        """Make something go wrong for a while (see ``camera.Fault``). Raises FaultError."""
        target, fault = self._find(camera, kind)
        if not (isfinite(seconds) and 0 < seconds <= FAULT_SECONDS_LIMIT):
            raise FaultError(f"a fault lasts more than 0 and at most {FAULT_SECONDS_LIMIT:.0f} seconds")
        others = sum(other.encodes_live for other in self._by_name.values() if other is not target)
        target.begin(fault, seconds, parameters or {}, others)

    def heal(self, camera: str, kind: str) -> None:
        """End a fault before its time. Raises FaultError if there is no such camera or kind."""
        target, fault = self._find(camera, kind)
        target.end(fault)

    def statistics(self) -> dict[str, dict[str, int]]:
        """What each camera has sent since the start."""
        return {name: asdict(camera.statistics) for name, camera in self._by_name.items()}

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request of the control socket (see ``control``). Raises FaultError."""
        do = request.get("do")
        if do == "cameras":
            return {"cameras": [asdict(camera) for camera in self.cameras]}
        if do == "statistics":
            return {"statistics": self.statistics()}
        camera, kind = str(request.get("camera", "")), str(request.get("kind", ""))
        if do == "heal":
            self.heal(camera, kind)
        elif do == "fault":
            self.fault(
                camera, kind, _number(request.get("seconds", 10)), _numbers(request.get("parameters", {}))
            )
        else:
            raise FaultError('"do" is "cameras", "statistics", "fault" or "heal"')
        return {}

    # Setting up

    def _add_cameras(self, config: SimulatorConfig, footage: Footage) -> None:
        now, main_loop = time.monotonic_ns(), footage.path(LoopName.MAIN)
        for number, spec in enumerate(config.cameras):
            self._by_name[spec.name] = Camera(spec, now - start_offset_ns(number), self._loops, main_loop)

    def _reach(self, host: str, spec: CameraSpec, access: Access) -> SimulatedCamera:
        shown = f"[{host}]" if ":" in host else host
        base = f"rtsp://{shown}:{self.port}/{spec.name}"
        sub = f"{base}/sub" if spec.sub else None
        return SimulatedCamera(spec.name, f"{base}/main", sub, access.username, access.password)

    async def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            if self._preparing and self._preparing.done():
                await self._preparing
                if not done():
                    raise FootageError("not all footage was made")
                return
            self._loaded.clear()
            waiting = asyncio.ensure_future(self._loaded.wait())
            await asyncio.wait(
                {waiting, *filter(None, [self._preparing])}, return_when=asyncio.FIRST_COMPLETED
            )
            waiting.cancel()

    async def _prepare(
        self,
        footage: Footage,
        source: str,
        directory: Path | None,
        names: list[LoopName],
        progress: Progress | None,
    ) -> None:
        """Load what the cache has, and have the rest made by another process."""
        missing = footage.missing(names)
        for name in names:
            if name not in missing:
                await self._load(footage, name)
        if not missing:
            return
        arguments = ["--source", source, *(["--directory", str(directory)] if directory else []), *missing]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bingjian.simulate.footage", *arguments, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                await self._note(json.loads(line), footage, missing, progress)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
        if process.returncode:
            raise FootageError("the process that prepares footage failed")

    async def _note(
        self, line: dict[str, Any], footage: Footage, missing: list[LoopName], progress: Progress | None
    ) -> None:
        """One line of the preparing process."""
        if "error" in line:
            raise FootageError(line["error"])
        name = LoopName(line["loop"])
        if progress:
            progress(name, line["part"])
        if line["part"] == 1.0 and name in missing and name not in self._loops:
            await self._load(footage, name)

    async def _load(self, footage: Footage, name: LoopName) -> None:
        self._loops[name] = await asyncio.to_thread(load, footage, name)
        self._loaded.set()

    def _find(self, camera: str, kind: str) -> tuple[Camera, Fault]:
        if camera not in self._by_name:
            raise FaultError(f"there is no camera {camera!r}")
        if kind not in set(Fault):
            raise FaultError(f"there is no fault {kind!r}; there are {', '.join(Fault)}")
        return self._by_name[camera], Fault(kind)


def _needed(config: SimulatorConfig) -> list[LoopName]:
    """In the order they are made; the main loop always, since the others come from it."""
    played = {LoopName.MAIN, *(name for spec in config.cameras for name in spec.loops)}
    return [name for name in LoopName if config.faults or name in played]


def _check_names(cameras: tuple[CameraSpec, ...]) -> None:
    names = [spec.name for spec in cameras]
    if len(set(names)) < len(names):
        raise ValueError("two simulated cameras have the same name")
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"a simulated camera's name is letters, digits, - and _, not {name!r}")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise FaultError(f"expected a number, not {value!r}")
    return float(value)


def _numbers(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise FaultError('"parameters" is an object of numbers')
    return {str(name): _number(number) for name, number in value.items()}
