"""A media worker without anybody above it: no web process, no database, not even a first word."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets

from bingjian.processes.beginning import EXIT_CONFIG
from bingjian.simulate.simulator import Simulator, SimulatorConfig, mixed_cameras
from bingjian.streaming.assignment_store import AssignmentStore
from bingjian.streaming.ticket import Ticket, sign
from tests.unit.processes.media_worker import KEY, PAGE, Worker, config, ticket, worker_at
from tests.unit.processes.test_media import start_badly

CAMERA = "00000000-0000-4000-8000-000000000001"
FILE_KEY = b64encode(b"f" * 32).decode()


@asynccontextmanager
async def camera() -> AsyncIterator[dict[str, object]]:
    """One that plays, as an assignment has it."""
    simulator = Simulator()
    await simulator.start(SimulatorConfig(cameras=mixed_cameras(1), footage="drawn", faults=False))
    try:
        await simulator.ready()
        one = simulator.cameras[0]
        address = {"url": one.main_url, "username": one.username, "password": one.password}
        main = {**address, "transport": "tcp", "verify_tls": True}
        yield {"id": CAMERA, "name": "南门", "main": main, "sub": None}
    finally:
        await simulator.stop()


def told(*cameras: dict[str, object], epoch: int) -> bytes:
    """An assignment as the web process words it."""
    given = {"ticket_key": b64encode(KEY).decode(), "origins": [PAGE], "cameras": cameras}
    return json.dumps({"epoch": epoch, **given}).encode()


async def keep(file: Path, *cameras: dict[str, object], epoch: int) -> None:
    """As a worker before this one did."""
    assert await AssignmentStore(file, FILE_KEY, "media-0").keep(told(*cameras, epoch=epoch), epoch)


def alone(path: Path) -> Any:
    return worker_at(path / "volume", assignment_file=str(path / "assignment"), assignment_key=FILE_KEY)


async def main_of(worker: Worker) -> dict[str, Any]:
    found: dict[str, Any] = (await worker.state())["cameras"].get(CAMERA, {}).get("main", {})
    return found


async def until_recording(worker: Worker) -> None:
    while not (await main_of(worker)).get("recording"):
        await asyncio.sleep(0.05)


async def present_s(worker: Worker) -> float:
    """Seconds of footage of the last minutes."""
    now = datetime.now(UTC)
    asked = {"start": (now - timedelta(minutes=5)).isoformat(), "end": now.isoformat()}
    async with worker.client() as web:
        answer = (await web.get(f"/control/cameras/{CAMERA}/timeline", params=asked)).json()
    instants = [
        (datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]))
        for one in answer["spans"]
        if one["kind"] == "present"
    ]
    return sum((end - start).total_seconds() for start, end in instants)


def troubles(worker: Worker) -> list[str]:
    """What the log complains of, beside the requests that were meant to be refused."""
    complaints = [line["event"] for line in worker.lines if line.get("level") != "info"]
    return [event for event in complaints if event != "request_refused"]


async def first_message(worker: Worker, text: str) -> dict[str, Any]:
    address = f"ws://127.0.0.1:{worker.port}/m/{text}/live"
    async with websockets.connect(address, origin=PAGE, proxy=None, max_size=None) as viewer:
        said: dict[str, Any] = json.loads(await viewer.recv())
        while not isinstance(await viewer.recv(), bytes):
            pass
        return said


def old_ticket(opens_before: int, expires: int) -> str:
    fields: Any = ("live", CAMERA, "main", 0, 0, "person", 1, opens_before, expires)
    return sign(Ticket(*fields), KEY)


async def test_it_records_and_judges_tickets_before_anybody_has_spoken(tmp_path: Path) -> None:
    async with camera() as one:
        await keep(tmp_path / "assignment", one, epoch=3)
        async with alone(tmp_path) as worker:
            await until_recording(worker)
            assert (await first_message(worker, ticket("live", CAMERA)))["type"] in ("state", "format")
            now = int(time.time())
            async with worker.client("nobody") as stranger:
                for text in (old_ticket(now - 1, now + 60), old_ticket(now + 60, now - 1), "forged"):
                    assert (await stranger.get(f"/m/{text}/live")).status_code == 403
            while await present_s(worker) < 2:
                await asyncio.sleep(0.1)
            assert await worker.terminate() == 0
    assert troubles(worker) == []


async def test_a_newer_word_replaces_it_and_is_what_the_next_start_knows(tmp_path: Path) -> None:
    nowhere = {"url": "rtsp://127.0.0.1:1/x", "username": "", "password": "", "transport": "tcp"}
    one = {"id": CAMERA, "name": "南门", "main": {**nowhere, "verify_tls": True}, "sub": None}
    await keep(tmp_path / "assignment", one, epoch=3)
    async with alone(tmp_path) as worker, worker.client() as web:
        while not await main_of(worker):
            await asyncio.sleep(0.01)
        older = await web.put("/control/assignment", content=told(epoch=2))
        assert older.status_code == 409
        assert await main_of(worker)
        await worker.assign(epoch=4)
        assert not await main_of(worker)
        assert await worker.terminate() == 0
    async with alone(tmp_path) as again, again.client() as web:
        older = await web.put("/control/assignment", content=told(one, epoch=3))
        assert older.status_code == 409
        assert await again.terminate() == 0


async def test_a_damaged_file_is_one_line_and_the_next_word_mends_it(tmp_path: Path) -> None:
    file = tmp_path / "assignment"
    await keep(file, epoch=3)
    file.write_bytes(file.read_bytes()[:-1])
    async with alone(tmp_path) as worker, worker.client() as web:
        assert (await web.get("/m/x/live")).status_code == 503
        await worker.assign(epoch=1)
        assert (await web.get("/m/x/live")).status_code == 403
        assert await worker.terminate() == 0
    assert troubles(worker) == ["assignment_file_refused"]
    kept = await AssignmentStore(file, FILE_KEY, "media-0").load()
    assert kept is not None
    assert kept.epoch == 1


@pytest.mark.parametrize("key", ["", "c2hvcnQ="])
async def test_a_file_without_its_key_is_one_sentence(tmp_path: Path, key: str) -> None:
    given = config(tmp_path / "v", assignment_file=str(tmp_path / "assignment"), assignment_key=key)
    code, text = await start_badly(json.dumps(given).encode())
    assert code == EXIT_CONFIG
    assert "32 bytes" in text
    assert text.count("\n") == 1
