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

ASK_AGAIN_S = 0.05
SIZE_BYTES = 50 * 10**9
WRITTEN = "bingjian_volume_written_bytes_total{"


@dataclass(frozen=True, slots=True)
class Camera:
    """What a worker is told of one camera."""

    id: UUID
    url: str
    username: str
    password: str
    transport: str = "tcp"

    def assignment(self) -> dict[str, Any]:
        main = {
            "url": self.url,
            "username": self.username,
            "password": self.password,
            "transport": self.transport,
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
    """The running process, and what a benchmark asks of it."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, credential: str, ticket_key: bytes
    ) -> None:
        self.pid = process.pid
        self.port = port
        self.credential = credential
        self.ticket_key = ticket_key
        self._process = process
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {credential}"},
            timeout=30,
            trust_env=False,
        )

    async def assign(self, cameras: Sequence[Camera], **more: object) -> None:
        """Returns when cameras that are no longer among them are durable to their last sample."""
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

    async def volume_written_bytes(self) -> int:
        """Given to write calls for segments and indexes, as the worker itself counts."""
        answer = await self._http.get("/metrics")
        answer.raise_for_status()
        lines = [line for line in answer.text.splitlines() if line.startswith(WRITTEN)]
        return int(sum(float(line.rpartition(" ")[2]) for line in lines))

    def given_to_write_calls(self) -> int:
        """Bytes, of all threads and whatever they went to: files, the catalogue, the log, sockets."""
        told = Path(f"/proc/{self.pid}/io").read_text()
        return int(told.partition("wchar: ")[2].partition("\n")[0])

    async def answering(self, patience_s: float = 30) -> None:
        """Raises RuntimeError if it has ended, TimeoutError."""
        for _ in range(int(patience_s / ASK_AGAIN_S)):
            if self._process.poll() is not None:
                raise RuntimeError(f"the media worker ended with {self._process.returncode}")
            try:
                if (await self._http.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(ASK_AGAIN_S)
        raise TimeoutError("the media worker does not answer")

    async def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is written."""
        await self._http.aclose()
        self._process.kill()
        await asyncio.to_thread(self._process.wait, 20)

    async def stop(self) -> None:
        await self._http.aclose()
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, 20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


@asynccontextmanager
async def running_worker(
    volume: Path, *, core: int, log: Path | None = None, **more: object
) -> AsyncIterator[Worker]:
    """A worker pinned to ``core``, recording into ``volume``; stopped cleanly at the end.

    ``log``: where it writes its log; beside the volume if nothing is said. ``more`` of its configuration.
    """
    worker = start_worker(volume, core=core, log=log or volume.parent / f"{volume.name}.log", **more)
    try:
        await worker.answering()
        yield worker
    finally:
        await worker.stop()


def start_worker(volume: Path, *, core: int, log: Path, name: str = "bench", **more: object) -> Worker:
    """The process, just begun; ``more`` of its configuration."""
    port, credential = free_port(), secrets.token_urlsafe()
    config = {
        "worker": name,
        "port": port,
        "credential": credential,
        "volumes": [{"path": str(volume), "size_bytes": SIZE_BYTES, "reserve_bytes": 10**8}],
        **more,
    }
    command = pinned(core, [sys.executable, "-m", "bingjian.processes.media"])
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output)
    assert process.stdin is not None
    process.stdin.write(json.dumps(config).encode())
    process.stdin.close()
    return Worker(process, port, credential, secrets.token_bytes(32))
