"""Simulated cameras in a process of their own, pinned apart from what is measured."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

from bench.report import pinned

PACKET_BYTES = 1400  # RTP payload of the simulator's packets: what one lost packet counts for


@dataclass(frozen=True, slots=True)
class Simulators:
    """Where the cameras are and how to be let in."""

    urls: list[str]
    username: str
    password: str
    pid: int
    packet_bytes: int = PACKET_BYTES

    @property
    def urls_with_credentials(self) -> list[str]:
        access = f"{quote(self.username)}:{quote(self.password)}@"
        return [url.replace("rtsp://", f"rtsp://{access}", 1) for url in self.urls]


@asynccontextmanager
async def running_simulators(
    cameras: int, *, core: int, more: Sequence[str] = (), only: str = ""
) -> AsyncIterator[Simulators]:
    """``cameras`` equal ones (720p H.264 3 Mbit/s, no sound) that play; ``only``: names that begin so."""
    command = [sys.executable, "-m", "bingjian.simulate", "--cameras", str(cameras), "--kind", "equal"]
    command += ["--footage", "drawn", "--no-faults", *more]
    process = subprocess.Popen(pinned(core, command), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.to_thread(process.stdout.readline))
        await asyncio.to_thread(process.stdout.readline)  # {"ready": true}
        chosen = [camera for camera in told["cameras"] if camera["name"].startswith(only)]
        yield Simulators(
            [camera["main_url"] for camera in chosen],
            chosen[0]["username"],
            chosen[0]["password"],
            process.pid,
        )
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)
