"""A signalling process of its own for a benchmark: started, told of devices, asked, stopped."""

import asyncio
import json
import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.report import pinned
from bench.worker import free_port
from bingjian.streaming.sources.signal_call import Line

DOMAIN = "3402000000"
PLATFORM = f"{DOMAIN}2000000001"


@dataclass(frozen=True, slots=True)
class Signal:
    """The running process."""

    pid: int
    sip_port: int
    line: Line = field(repr=False)  # for calls
    http: httpx.AsyncClient

    async def assign(self, devices: Sequence[dict[str, Any]]) -> None:
        """All accounts at once."""
        answer = await self.http.put("/control/assignment", json={"epoch": 1, "devices": list(devices)})
        answer.raise_for_status()

    async def state(self) -> dict[str, Any]:
        answer = await self.http.get("/control/state")
        answer.raise_for_status()
        return dict(answer.json())

    async def until(self, name: str, number: int, patience_s: float = 60) -> None:
        """Until the state says so. Raises TimeoutError."""
        async with asyncio.timeout(patience_s):
            while (await self.state())[name] != number:
                await asyncio.sleep(0.2)


@asynccontextmanager
async def running_signal(place: Path, *, core: int) -> AsyncIterator[Signal]:
    """Pinned to ``core``; its log goes to ``place``."""
    control, sip = free_port(), free_port()
    credential, media_credential = secrets.token_urlsafe(), secrets.token_urlsafe()
    config = {
        "port": control,
        "credential": credential,
        "media_credential": media_credential,
        "sip_id": PLATFORM,
        "sip_domain": DOMAIN,
        "sip_host": "127.0.0.1",
        "sip_port": sip,
        "bindings_file": str(place / "bindings"),
        "assignment_file": str(place / "assignment"),
        "assignment_key": b64encode(secrets.token_bytes(32)).decode(),
        "log_level": "error",
    }
    process = _started(core, config, place / "signal.log")
    url = f"http://127.0.0.1:{control}"
    bearer = {"Authorization": f"Bearer {credential}"}
    try:
        async with httpx.AsyncClient(base_url=url, headers=bearer, timeout=120, trust_env=False) as http:
            await _answering(http, process)
            yield Signal(process.pid, sip, Line(url, media_credential), http)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


def _started(core: int, config: dict[str, Any], log: Path) -> subprocess.Popen[bytes]:
    command = pinned(core, [sys.executable, "-m", "bingjian.processes.signal"])
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output)
    assert process.stdin is not None
    process.stdin.write(json.dumps(config).encode())
    process.stdin.close()
    return process


async def _answering(http: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    """Raises RuntimeError if it has ended, TimeoutError."""
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"the signalling process ended with {process.returncode}")
        with suppress(httpx.TransportError):
            if (await http.get("/healthz")).status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise TimeoutError("the signalling process does not answer")
