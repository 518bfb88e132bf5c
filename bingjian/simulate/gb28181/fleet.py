"""Many simulated devices in one process: footage, sockets, registrations, orders at run time."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bingjian.simulate import footage as footage_module
from bingjian.simulate.camera import FaultError, start_offset_ns
from bingjian.simulate.control import serve_control
from bingjian.simulate.footage import Footage, FootageError, LoopName, Progress
from bingjian.simulate.gb28181 import orders
from bingjian.simulate.gb28181.channel import Channel, Views
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.element import Element
from bingjian.simulate.gb28181.film import Film, load_film
from bingjian.simulate.gb28181.hearing import other_host
from bingjian.simulate.gb28181.outlet import bound
from bingjian.simulate.gb28181.quirks import OWN_SOCKET, Quirk
from bingjian.simulate.gb28181.spec import DeviceSpec, Platform
from bingjian.simulate.gb28181.weather import Weather

OWN_SOCKETS_UP_TO = 200  # devices with a socket each, unless told otherwise; more share one
STARTS_A_SECOND = 200  # registrations begun: a platform is not to be flooded by its own test
FILMS = tuple(
    (picture, sound) for picture in ("main", "h265", "sub") for sound in ("g711", "aac", "")
)  # by loop of pictures and of sound


@dataclass(frozen=True, slots=True)
class FleetConfig:
    platform: Platform
    devices: tuple[DeviceSpec, ...]
    host: str = ""  # our address; empty: the one from which the platform is reached
    own_sockets: bool | None = None  # None: as many as there are devices allow
    footage: str = "auto"
    footage_directory: Path | None = None
    control_socket: Path | None = None


class Fleet:
    """``start``, then ``devices`` by id. INVITEs are refused with 480 until ``ready``."""

    def __init__(self) -> None:
        self.devices: dict[str, Device] = {}
        self.twins: list[Device] = []
        self.films: dict[tuple[str, str], Film] = {}
        self._elements: list[Element] = []
        self._views: Views | None = None
        self._stops: list[Callable[[], Awaitable[None]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._config: FleetConfig | None = None

    async def start(self, config: FleetConfig, progress: Progress | None = None) -> None:
        """Returns when all devices are made; they register one after the other.

        Raises:
            FootageError: there is nothing to play.
            OSError: a socket cannot be opened.
            ValueError: two devices of one id.
        """
        if len({spec.id for spec in config.devices}) < len(config.devices):
            raise ValueError("two simulated devices have the same id")
        self._config = config
        source = await asyncio.to_thread(footage_module.choose, config.footage, config.footage_directory)
        footage = Footage.of(source, config.footage_directory)
        self._views = Views(footage.path(LoopName.MAIN))
        await self._make_devices(config)
        if config.control_socket:
            self._stops.append(await serve_control(config.control_socket, self.handle))
        clip = str(source.clip) if source.clip else "drawn"
        self._tasks.append(asyncio.create_task(self._prepare(footage, clip, config, progress)))
        self._tasks.append(asyncio.create_task(self._begin()))

    async def ready(self) -> None:
        """Returns when there is footage for all; raises FootageError if it could not be made."""
        waiting = asyncio.ensure_future(self._ready.wait())
        await asyncio.wait({waiting, self._tasks[0]}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._tasks[0].done():
            await self._tasks[0]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for stop in self._stops:
            await stop()
        await asyncio.gather(*(device.stop() for device in (*self.devices.values(), *self.twins)))
        for element in self._elements:
            element.close()

    def device(self, id: str) -> Device:
        """Raises FaultError."""
        if id not in self.devices:
            raise FaultError(f"there is no device {id!r}")
        return self.devices[id]

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request of the control socket (see ``orders``). Raises FaultError."""
        return orders.handle(self, request)

    def shares_socket(self, device: Device) -> bool:
        return sum(other.element is device.element for other in self.devices.values()) > 1

    def add_twin(self, device: Device) -> None:
        """The same device once more, at another address."""
        self._tasks.append(asyncio.create_task(self._add_twin(device.spec)))

    def end_twins(self, device: Device) -> None:
        """Whoever else has its id is gone, without a word."""
        ending = [twin for twin in self.twins if twin.spec.id == device.spec.id]
        self.twins = [twin for twin in self.twins if twin not in ending]
        self._tasks += [asyncio.create_task(self._end_twin(twin)) for twin in ending]

    # Setting up

    async def _make_devices(self, config: FleetConfig) -> None:
        host = config.host or local_address(config.platform)
        own = len(config.devices) <= OWN_SOCKETS_UP_TO if config.own_sockets is None else config.own_sockets
        shared: Element | None = None
        for number, spec in enumerate(config.devices):
            if own or spec.connects or spec.quirks & OWN_SOCKET:
                element = await self._element(host, spec)
            else:
                shared = shared or await self._element(host, spec)
                element = shared
            self.devices[spec.id] = self._device(spec, element, number)

    async def _element(self, host: str, spec: DeviceSpec) -> Element:
        element = Element(Weather())
        self._elements.append(element)
        element.host = host
        if not spec.connects:
            await element.open_udp(host)
        return element

    def _device(self, spec: DeviceSpec, element: Element, number: int) -> Device:
        assert self._config
        assert self._views
        now = time.monotonic_ns()
        channels = {
            channel.id: Channel(channel, self.films, self._views, now - start_offset_ns(number + at))
            for at, channel in enumerate(spec.channels)
        }
        return Device(spec, self._config.platform, element, channels)

    async def _begin(self) -> None:
        for number, device in enumerate(list(self.devices.values())):
            await device.start()
            if Quirk.TWIN in device.quirks:
                await self._add_twin(device.spec)
            if number % 10 == 9:
                await asyncio.sleep(10 / STARTS_A_SECOND)

    async def _add_twin(self, spec: DeviceSpec) -> None:
        host = other_host(self.devices[spec.id].element.host)
        alike = replace(spec, quirks=spec.quirks - {Quirk.TWIN})
        twin = self._device(alike, await self._element(host, spec), 0)
        self.twins.append(twin)
        await twin.start()

    async def _end_twin(self, twin: Device) -> None:
        await twin.stop()
        twin.element.close()
        self._elements.remove(twin.element)

    async def _prepare(
        self, footage: Footage, source: str, config: FleetConfig, progress: Progress | None
    ) -> None:
        """Have missing loops made by another process, then load all."""
        wanted = _needed(config.devices)
        if missing := footage.missing(wanted):
            await _make(source, config.footage_directory, missing, progress)
        for picture, sound in FILMS:
            names = {LoopName(picture), *([LoopName(sound)] if sound else [])}
            if names <= set(wanted):
                heard = LoopName(sound) if sound else None
                film = await asyncio.to_thread(load_film, footage, LoopName(picture), heard)
                self.films[picture, sound] = film
        self._ready.set()


def _needed(devices: tuple[DeviceSpec, ...]) -> list[LoopName]:
    """In the order in which they are made."""
    channels = [channel for spec in devices for channel in spec.channels]
    names = {LoopName.MAIN, LoopName.SUB, *(LoopName(channel.picture) for channel in channels)}
    names |= {LoopName(channel.sound) for channel in channels if channel.sound}
    return [name for name in LoopName if name in names]


async def _make(
    source: str, directory: Path | None, missing: list[LoopName], progress: Progress | None
) -> None:
    """Raises FootageError."""
    arguments = ["--source", source, *(["--directory", str(directory)] if directory else []), *missing]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bingjian.simulate.footage", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            _note(json.loads(line), progress)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _note(line: Mapping[str, Any], progress: Progress | None) -> None:
    if "error" in line:
        raise FootageError(str(line["error"]))
    if progress:
        progress(LoopName(line["loop"]), float(line["part"]))


def local_address(platform: Platform) -> str:
    """Ours, as the platform sees it. Raises OSError."""
    probe = bound("::" if ":" in platform.host else "0.0.0.0")  # noqa: S104 (asks for a route, hears nothing)
    try:
        probe.connect((platform.host, platform.port))
        return str(probe.getsockname()[0])
    finally:
        probe.close()
