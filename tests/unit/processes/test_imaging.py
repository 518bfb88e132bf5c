"""The imaging process as it really runs: started, asked, refused, stopped."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio

from bingjian.imaging.client import Imaging
from bingjian.processes.imaging import NICENESS
from tests.unit.imaging.test_still import PICTURES, START_90K, STEP_90K, movie, shown_in

CREDENTIAL = "a credential of the test"
NICEST = 19  # setpriority(2)


@dataclass
class Running:
    http: httpx.AsyncClient
    process: asyncio.subprocess.Process


def free_port() -> int:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


@pytest_asyncio.fixture
async def imaging() -> AsyncIterator[Running]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bingjian.processes.imaging", stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"port": port, "credential": CREDENTIAL}).encode())
    process.stdin.close()
    headers = {"Authorization": f"Bearer {CREDENTIAL}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
        for _ in range(600):
            try:
                await http.get("/healthz")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        yield Running(http, process)
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_it_decodes_at_low_priority_and_ends_when_told(imaging: Running) -> None:
    at = START_90K + 4 * STEP_90K
    answer = await imaging.http.post("/still", params={"at_90k": at}, content=movie("libx265"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert shown_in(answer.content) == 4
    last = await imaging.http.post("/still", content=movie("libx264"))
    assert shown_in(last.content) == PICTURES - 1
    ours, its = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, imaging.process.pid))
    assert its == min(ours + NICENESS, NICEST)
    imaging.process.send_signal(signal.SIGTERM)
    assert await imaging.process.wait() == 0


async def test_it_makes_sprites(imaging: Running) -> None:
    answer = await imaging.http.post("/sprite", params={"columns": 4, "width": 80}, content=movie("libx264"))
    assert (answer.status_code, answer.headers["x-layout"]) == (200, f"80 48 4 {PICTURES}")
    assert answer.content[:2] == b"\xff\xd8"
    made = await Imaging(str(imaging.http.base_url), CREDENTIAL).sprite_of(movie("libx264"), 6, 40)
    assert (made.tile_width, made.tile_height, made.columns, made.tiles) == (40, 24, 6, PICTURES)
    for columns, width in (("", ""), ("0", "80"), ("65", "80"), ("4", "9999"), ("x", "9")):
        wrong = f"columns={columns}&width={width}"
        assert (await imaging.http.post(f"/sprite?{wrong}", content=b"")).status_code == 400
    nonsense = await imaging.http.post("/sprite", params={"columns": 4, "width": 80}, content=b"nonsense")
    assert nonsense.status_code == 422


async def test_strangers_and_nonsense(imaging: Running) -> None:
    post = imaging.http.post
    assert (await post("/still", content=b"", headers={"Authorization": "Bearer no"})).status_code == 401
    assert (await post("/still", content=b"nonsense")).status_code == 422
    assert (await post("/still", params={"at_90k": "x"}, content=b"")).status_code == 400
    assert (await post("/other", content=b"")).status_code == 404
    assert (await imaging.http.get("/healthz", headers={"Authorization": ""})).text == "ok"
