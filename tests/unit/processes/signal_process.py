"""A signalling process on its real ports, with what asks it, for the tests."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bingjian.clock import Clock, SystemClock
from bingjian.processes.signal import Signal, SignalConfig
from tests.unit.signalling.scripted import DOMAIN, PATIENCE_S, PLATFORM

CREDENTIAL, MEDIA_CREDENTIAL = "a" * 32, "b" * 32
KEY = base64.b64encode(b"k" * 32).decode()


def config(folder: Path | None = None, **more: Any) -> SignalConfig:
    given: dict[str, Any] = {
        "port": 0,
        "credential": CREDENTIAL,
        "media_credential": MEDIA_CREDENTIAL,
        "sip_id": PLATFORM,
        "sip_domain": DOMAIN,
        "sip_port": 0,
    }
    if folder is not None:
        given |= {"bindings_file": str(folder / "bindings"), "assignment_file": str(folder / "signal.sealed")}
        given |= {"assignment_key": KEY}
    return SignalConfig.read(json.dumps({**given, **more}).encode())


class Asking:
    """The web process's side."""

    def __init__(self, process: Signal, http: httpx.AsyncClient) -> None:
        self.process, self.http = process, http
        self.sip_port = process.platform.endpoint.port
        self.seq = 0

    async def assign(self, body: bytes) -> int:
        return (await self.http.put("/control/assignment", content=body)).status_code

    async def events(self, wait_s: int = 0) -> list[dict[str, Any]]:
        """Those that have not been read yet."""
        params = {"after": self.seq, "wait_s": wait_s}
        told = (await self.http.get("/control/events", params=params)).json()
        self.seq = max([self.seq, *(event["seq"] for event in told["events"])])
        events: list[dict[str, Any]] = told["events"]
        return events

    async def event(self, kind: str) -> dict[str, Any]:
        """The next of this kind; those before it are passed over."""
        seen: list[str] = []
        for _ in range(20):
            params = {"after": self.seq, "wait_s": int(PATIENCE_S)}
            told = (await self.http.get("/control/events", params=params)).json()
            for event in told["events"]:
                self.seq = event["seq"]
                seen.append(event["kind"])
                if event["kind"] == kind:
                    found: dict[str, Any] = event
                    return found
        raise AssertionError(f"no {kind} among {seen}")

    async def query(self, device: str, command: str, **parameters: Any) -> httpx.Response:
        body = {"command": command, **parameters}
        return await self.http.post(f"/control/devices/{device}/query", json=body)

    async def control(self, device: str, **wish: Any) -> httpx.Response:
        return await self.http.post(f"/control/devices/{device}/control", json=wish)


@asynccontextmanager
async def running(
    folder: Path | None = None, clock: Clock | None = None, **more: Any
) -> AsyncIterator[Asking]:
    process = Signal(config(folder, **more), clock or SystemClock())
    await process.resume()
    await process.platform.start()
    await process.server.start("127.0.0.1", 0)
    url = f"http://127.0.0.1:{process.server.port}"
    headers = {"Authorization": f"Bearer {CREDENTIAL}"}
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
            yield Asking(process, http)
    finally:
        await process.close()
