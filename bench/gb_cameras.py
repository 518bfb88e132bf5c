"""Simulated GB/T 28181 cameras in a process of their own, of the same footage as those that speak RTSP.

``python -m bench.gb_cameras HOST PORT COUNT``, the password in the environment, plays until SIGTERM.
"""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import uvloop

from bench.report import pinned
from bench.signal_process import DOMAIN, PLATFORM, Signal
from bench.worker import Camera
from bingjian.protocols.gb28181 import ids
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import ChannelSpec, DeviceSpec, Platform

PASSWORD = "BINGJIAN_BENCH_PASSWORD"
FROM_NVR = 1  # serial of the first


def device_of(number: int) -> str:
    return ids.make(DOMAIN, ids.Type.NVR, number)


def channel_of(number: int) -> str:
    return ids.make(DOMAIN, ids.Type.CAMERA, number)


def specs(count: int, password: str) -> tuple[DeviceSpec, ...]:
    """One channel each: 1280x720 H.264 at 3 Mbit/s, no sound."""
    return tuple(
        DeviceSpec(device_of(n), f"NVR {n}", password, (ChannelSpec(channel_of(n), f"Gate {n}", "main", ""),))
        for n in range(FROM_NVR, FROM_NVR + count)
    )


@asynccontextmanager
async def running_gb_cameras(
    signal_process: Signal, count: int, transport: str, *, core: int
) -> AsyncIterator[list[Camera]]:
    """Registered and with their footage ready."""
    password = secrets.token_urlsafe(12)
    await signal_process.assign(
        [
            {"id": one.id, "password": password, "admitted": [channel.id for channel in one.channels]}
            for one in specs(count, password)
        ]
    )
    command = [
        sys.executable,
        "-m",
        "bench.gb_cameras",
        "127.0.0.1",
        str(signal_process.sip_port),
        str(count),
    ]
    environment = {**os.environ, PASSWORD: password}
    process = subprocess.Popen(pinned(core, command), stdout=subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)  # "ready"
        await signal_process.until("online", count)
        urls = [f"gb28181://{one.id}/{one.channels[0].id}" for one in specs(count, password)]
        yield [Camera(uuid4(), url, "", "", transport) for url in urls]
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


async def play(host: str, port: int, count: int, password: str) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    fleet = Fleet()
    platform = Platform(host, port, PLATFORM)
    await fleet.start(FleetConfig(platform, specs(count, password), own_sockets=True, footage="drawn"))
    try:
        await fleet.ready()
        print("ready", flush=True)
        await stopped.wait()
    finally:
        await fleet.stop()


def main(arguments: Sequence[str]) -> int:
    host, port, count = arguments
    uvloop.run(play(host, int(port), int(count), os.environ[PASSWORD]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
