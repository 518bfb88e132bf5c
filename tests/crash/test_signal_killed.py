"""``kill -9`` of the signalling process while its devices are recorded: it costs no footage."""

import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from bingjian.protocols.sip.dialog import DialogKey
from bingjian.recording import presence, reader
from bingjian.recording.volume import Volume
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import DeviceSpec, Platform, make_devices
from tests.unit.processes import signal_process
from tests.unit.processes.media_worker import Worker, worker_at
from tests.unit.signalling.scripted import DOMAIN, PASSWORD, PLATFORM

HOST = "127.0.0.1"
AWAY_S = 3.0
PATIENCE_S = 30.0  # a simulated device over TCP connects again after 5 s
WAYS = [(signalling, media) for signalling in ("UDP", "TCP") for media in ("udp", "tcp")]


@dataclass
class Scene:
    """Devices, each over another way, and who records them."""

    fleet: Fleet
    worker: Worker
    specs: dict[UUID, DeviceSpec]
    config: dict[str, Any]
    signal: asyncio.subprocess.Process | None = None

    def device(self, camera: UUID) -> Device:
        return self.fleet.devices[self.specs[camera].id]

    async def assign_devices(self, epoch: int = 1, *, admitted: Iterable[UUID] | None = None) -> None:
        """``admitted``: cameras whose channel has its place; None: all."""
        devices = [
            {"id": spec.id, "password": spec.password, "media": WAYS[camera.int - 1][1]}
            | {"admitted": [one.id for one in spec.channels if admitted is None or camera in admitted]}
            for camera, spec in self.specs.items()
        ]
        bearer = {"Authorization": f"Bearer {signal_process.CREDENTIAL}"}
        url, told = f"http://{HOST}:{self.config['port']}", {"epoch": epoch, "devices": devices}
        async with httpx.AsyncClient(base_url=url, headers=bearer, trust_env=False) as web:
            assert (await web.put("/control/assignment", json=told)).status_code == 204

    async def assign_cameras(self, *cameras: UUID, epoch: int = 1) -> None:
        await self.worker.assign(*(_camera(one, self.specs[one]) for one in cameras), epoch=epoch)

    async def live(self) -> set[UUID]:
        """Cameras whose pictures come."""
        told = (await self.worker.state())["cameras"]
        return {UUID(id) for id, one in told.items() if one["main"]["state"] == "live"}

    async def until_live(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while await self.live() != set(self.specs):
                await asyncio.sleep(0.1)

    def calls(self) -> dict[UUID, set[DialogKey]]:
        """As the devices know them."""
        return {camera: set(self.device(camera).sessions) for camera in self.specs}

    def all_registered(self) -> bool:
        return all(self.device(camera).registered for camera in self.specs)

    async def start_signalling(self) -> None:
        """On the same ports as before."""
        self.signal = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bingjian.processes.signal"),
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self.signal.stdin is not None
        assert self.signal.stderr is not None
        self.signal.stdin.write(json.dumps(self.config).encode())
        self.signal.stdin.close()
        while json.loads(await self.signal.stderr.readline())["event"] != "signal_started":
            pass
        self._reading = asyncio.create_task(self.signal.stderr.read())

    async def kill_signalling(self) -> None:
        if self.signal is not None and self.signal.returncode is None:
            self.signal.kill()
            await self.signal.wait()
            await self._reading

    async def begin(self) -> None:
        await self.start_signalling()
        await self.assign_devices()
        platform = Platform(HOST, self.config["sip_port"], PLATFORM)
        await self.fleet.start(FleetConfig(platform, tuple(self.specs.values()), footage="drawn"))
        await self.fleet.ready()
        await self.assign_cameras(*self.specs)
        await self.until_live()

    def told(self, event: str) -> int:
        return sum(line["event"] == event for line in self.worker.lines)


def _camera(camera: UUID, spec: DeviceSpec) -> dict[str, object]:
    url = f"gb28181://{spec.id}/{spec.channels[0].id}"
    main = {"url": url, "username": "", "password": "", "transport": "auto", "verify_tls": True}
    return {"id": str(camera), "name": spec.name, "main": main, "sub": None}


async def until(true: Callable[[], bool], what: str) -> None:
    for _ in range(int(PATIENCE_S / 0.05)):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never came: {what}")


def free_port() -> int:
    """For UDP and TCP: bound again by the process that is started anew."""
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        stream.bind((HOST, 0))
        datagrams.bind((HOST, stream.getsockname()[1]))
        return int(stream.getsockname()[1])


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """All cameras are live when this begins."""
    config = asdict(signal_process.config(folder, port=free_port(), sip_port=free_port()))
    made = [
        make_devices(DOMAIN, 1, 1, PASSWORD, first=number, transport=signalling, keep_alive_s=2.0)[0]
        for number, (signalling, _) in enumerate(WAYS, 1)
    ]
    specs = {UUID(int=number): spec for number, spec in enumerate(made, 1)}
    line = {
        "signal_url": f"http://{HOST}:{config['port']}",
        "signal_credential": signal_process.MEDIA_CREDENTIAL,
        "gb_host": HOST,
    }
    fleet = Fleet()
    async with worker_at(folder / "volume", **line) as worker:
        one = Scene(fleet, worker, specs, config)
        try:
            await one.begin()
            yield one
        finally:
            await one.kill_signalling()
            await fleet.stop()


def unbroken_s(root: Path, camera: UUID) -> float:
    """The length of what was recorded, in which nothing is missing."""
    volume = Volume.open(root)
    try:
        kept = reader.segments([volume], camera, 0, 1 << 62)
        start, end = kept[0].start_90k, kept[-1].end_90k
        spans = presence.spans([volume], camera, start, end)
        assert [(span.kind, span.cause) for span in spans] == [("present", None)], spans
        return (end - start) / 90_000
    finally:
        volume.close()


async def test_it_costs_no_footage_and_afterwards_devices_are_told_to_stop(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        began, calls = time.monotonic(), one.calls()
        assert {len(keys) for keys in calls.values()} == {1}
        await one.kill_signalling()
        await asyncio.sleep(AWAY_S)
        assert await one.live() == set(one.specs), "while it is away"
        await one.start_signalling()
        await until(lambda: one.told("call_taken_up") == len(WAYS), "calls taken up")
        await until(one.all_registered, "devices over TCP")
        await asyncio.sleep(1.0)
        assert one.calls() == calls, "the same ones go on"
        lasted_s = time.monotonic() - began
        await one.assign_cameras(epoch=2)
        await until(lambda: not any(one.calls().values()), "BYE to each")
        assert await one.worker.terminate() == 0
        assert min(unbroken_s(tmp_path / "volume", camera) for camera in one.specs) > lasted_s - 1.0


async def test_r9_6_what_is_not_to_be_received_any_more_ends_as_soon_as_it_is_back(tmp_path: Path) -> None:
    """One camera is recorded no longer, the channel of another has lost its place; both send over UDP."""
    async with scene(tmp_path) as one:
        calls = one.calls()
        unassigned, homeless, *others = sorted(one.specs, key=lambda camera: WAYS[camera.int - 1][1] != "udp")
        await one.kill_signalling()
        await one.assign_cameras(homeless, *others, epoch=2)
        await asyncio.sleep(1.0)
        assert one.calls() == calls, "nobody can tell them"
        await one.start_signalling()
        await one.assign_devices(2, admitted=others)
        await until(lambda: not one.calls()[unassigned] and not one.calls()[homeless], "BYE to both")
        await until(one.all_registered, "devices over TCP")
        assert {camera: one.calls()[camera] for camera in others} == {
            camera: calls[camera] for camera in others
        }
        assert await one.live() == set(others)
