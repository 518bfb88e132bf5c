"""A media worker of its own for a benchmark: started, given cameras, asked for its state, stopped."""

import asyncio
import base64
import json
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from bench.report import pinned


@dataclass(frozen=True, slots=True)
class Camera:
    """What a worker is told of one camera."""

    id: UUID
    url: str
    username: str
    password: str

    def assignment(self) -> dict[str, Any]:
        main = {
            "url": self.url,
            "username": self.username,
            "password": self.password,
            "transport": "tcp",
            "verify_tls": True,
        }
        return {"id": str(self.id), "name": str(self.id), "main": main, "sub": None}


def cameras_of(urls: Sequence[str], username: str, password: str) -> list[Camera]:
    return [Camera(uuid4(), url, username, password) for url in urls]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Worker:
    """The running process and the only two questions a benchmark has for it."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, credential: str, ticket_key: bytes
    ) -> None:
        self.pid = process.pid
        self.port = port
        self.ticket_key = ticket_key
        self._process = process
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {credential}"},
            timeout=30,
            trust_env=False,
        )

    async def assign(self, cameras: Sequence[Camera], **more: object) -> None:
        body = {
            "epoch": 1,
            "ticket_key": base64.b64encode(self.ticket_key).decode(),
            "origins": [],
            "cameras": [camera.assignment() for camera in cameras],
            **more,
        }
        (await self._http.put("/control/assignment", json=body)).raise_for_status()

    async def state(self) -> dict[str, Any]:
        return await self.ask("GET", "/control/state")

    async def ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = await self._http.request(method, path, **more)
        answer.raise_for_status()
        return dict(answer.json())

    async def kill(self) -> None:
        """``kill -9``; returns when nothing of it is left."""
        self._process.kill()
        await self._http.aclose()
        await asyncio.to_thread(self._process.wait)

    async def until_recording(self, count: int, seconds: float = 60) -> None:
        """Raises TimeoutError, naming the first camera that is not recorded yet."""
        for _ in range(int(seconds * 5)):
            state = await self.state()
            waiting = [
                camera["main"] for camera in state["cameras"].values() if not camera["main"]["recording"]
            ]
            if len(state["cameras"]) == count and not waiting:
                return
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{len(waiting)} cameras not recorded after {seconds} s; the first: {waiting[:1]}")

    async def stop(self) -> None:
        await self._http.aclose()
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, 20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


@asynccontextmanager
async def running_worker(volume: Path, *, core: int) -> AsyncIterator[Worker]:
    """A worker pinned to ``core``, recording into ``volume``; stopped cleanly at the end."""
    worker = await start_worker(volume, core=core)
    try:
        yield worker
    finally:
        await worker.stop()


async def start_worker(volume: Path, *, core: int, name: str = "bench", **more: object) -> Worker:
    """The same, to be stopped by whoever asked; ``more`` of its configuration."""
    port, credential = free_port(), secrets.token_urlsafe()
    config = {
        "worker": name,
        "port": port,
        "credential": credential,
        "volumes": [{"path": str(volume), "size_bytes": 50 * 10**9, "reserve_bytes": 10**8}],
        **more,
    }
    with (volume.parent / f"{volume.name}.log").open("ab") as log:
        process = subprocess.Popen(
            pinned(core, [sys.executable, "-m", "bingjian.processes.media"]),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    assert process.stdin is not None
    process.stdin.write(json.dumps(config).encode())
    process.stdin.close()
    worker = Worker(process, port, credential, secrets.token_bytes(32))
    try:
        await _answering(port, process)
    except BaseException:
        await worker.kill()
        raise
    return worker


async def _answering(port: int, process: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(300):
            if process.poll() is not None:
                raise RuntimeError(f"the media worker ended with {process.returncode}")
            try:
                if (await http.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise TimeoutError("the media worker does not answer")
