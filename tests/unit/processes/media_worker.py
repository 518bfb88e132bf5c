"""A media worker as its own process, for tests that talk to it from outside."""

import asyncio
import json
import re
import signal
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bingjian.streaming.ticket import Ticket, sign

KEY = b"k" * 32
CREDENTIAL = "c" * 32
PAGE = "http://127.0.0.1:8800"
PROGRAM = "import sys; from bingjian.processes.media import main; main(); "


def config(volume: Path, **changes: object) -> dict[str, object]:
    return {
        "worker": "media-0",
        "port": 0,
        "volumes": [{"path": str(volume), "size_bytes": 1 << 30, "reserve_bytes": 0}],
        "reserve_bytes": 0,
        "credential": CREDENTIAL,
        **changes,
    }


@dataclass
class Worker:
    """A running worker."""

    process: asyncio.subprocess.Process
    port: int
    lines: list[dict[str, Any]] = field(default_factory=list)  # its log

    def client(self, credential: str = CREDENTIAL) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {credential}"},
            trust_env=False,
        )

    async def assign(self, *cameras: dict[str, object], epoch: int = 1) -> None:
        body = {
            "epoch": epoch,
            "ticket_key": b64encode(KEY).decode(),
            "origins": [PAGE],
            "cameras": list(cameras),
        }
        async with self.client() as web:
            assert (await web.put("/control/assignment", json=body)).status_code == 204

    async def state(self) -> dict[str, Any]:
        async with self.client() as web:
            state: dict[str, Any] = (await web.get("/control/state")).json()
            return state

    async def terminate(self) -> int:
        """SIGTERM; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


def ticket(kind: str, camera: str, role: str = "main", start_90k: int = 0, end_90k: int = 0) -> str:
    now = int(time.time())
    fields: Any = (kind, camera, role, start_90k, end_90k, "person", 1, now + 60, now + 3600)
    return sign(Ticket(*fields), KEY)


@asynccontextmanager
async def worker_at(volume: Path, tail: str = "", **changes: object) -> AsyncIterator[Worker]:
    """A started worker; ``tail``: Python that it runs after a clean end. Killed if still there afterwards."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM + tail),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps(config(volume, **changes)).encode())
    process.stdin.close()
    lines = [json.loads(await process.stderr.readline())]
    while lines[-1]["event"] == "volume refused":  # it starts with the others
        lines.append(json.loads(await process.stderr.readline()))
    assert lines[-1]["event"] == "media_started", lines
    worker = Worker(process, lines[-1]["port"], lines)
    reading = asyncio.create_task(_read(process.stderr, worker.lines))
    try:
        yield worker
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(stream: asyncio.StreamReader, lines: list[dict[str, Any]]) -> None:
    async for line in stream:
        lines.append(json.loads(line) if re.match(rb"\{", line) else {"event": line.decode()})
