"""A process of the platform as its supervisor starts it, seen from outside: log, memory, sockets, files."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil


@dataclass
class Running:
    """``started``: the line of its log that says so."""

    process: asyncio.subprocess.Process
    started: dict[str, Any]
    credential: str = field(repr=False)
    lines: int = 0  # of its log
    complaints: list[str] = field(default_factory=list)  # lines of its log that tell of a fault of ours

    def client(self) -> httpx.AsyncClient:
        url, headers = (
            f"http://127.0.0.1:{self.started['port']}",
            {"Authorization": f"Bearer {self.credential}"},
        )
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False)

    def figures(self) -> dict[str, int]:
        """What a leak would let grow. ``memory``: bytes resident."""
        seen = psutil.Process(self.process.pid)
        sockets = seen.net_connections("inet")
        return {
            "memory": seen.memory_info().rss,
            "files": seen.num_fds(),
            "threads": seen.num_threads(),
            "udp": sum(one.type == socket.SOCK_DGRAM for one in sockets),
            "listening": sum(one.status == psutil.CONN_LISTEN for one in sockets),
        }

    async def read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.lines += 1
            if is_complaint(line):
                self.complaints.append(line.decode("utf-8", "replace")[:2000])


def is_complaint(line: bytes) -> bool:
    """An error, a trace, or something that the interpreter itself says."""
    if not line.startswith(b"{"):
        return True
    told: Mapping[str, Any] = json.loads(line)
    return "exception" in told or told.get("level") in ("error", "critical")


@asynccontextmanager
async def started(module: str, config: Mapping[str, object]) -> AsyncIterator[Running]:
    """Stopped by SIGTERM afterwards, killed if it does not end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "always::ResourceWarning", "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps(config).encode())
    process.stdin.close()
    first: dict[str, Any] = json.loads(await process.stderr.readline())
    assert first["event"].endswith("_started"), first
    running = Running(process, first, str(config["credential"]))
    reading = asyncio.create_task(running.read(process.stderr))
    try:
        yield running
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 20) == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading
