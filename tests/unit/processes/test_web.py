"""The web process as it really runs: keys made, console file written, worker told, stopped cleanly."""

import asyncio
import json
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from bingjian.access.decisions import Role
from bingjian.clock import SystemClock, ticks_of
from bingjian.db.platform import next_epoch
from bingjian.db.session import FINISH_S, TRY_S
from bingjian.db.state import StateInUse
from bingjian.inventory.models import CameraWish
from bingjian.journal.verify import verify
from bingjian.processes.supervisor import STOP_SECONDS
from bingjian.processes.web import GRACE_SECONDS, open_services
from bingjian.processes.web_config import EXIT_CONFIG
from bingjian.settings import Settings
from tests.worker import CREDENTIAL, SpokenWorker

PATIENCE_S = 60  # on a busy machine; what has not ended by then never ends
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # longer than any term


class Web:
    """One run of the process over a state directory."""

    def __init__(self, state: Path, worker: SpokenWorker) -> None:
        self.settings = Settings(state_dir=state, port=0, media_workers=1, admission="warn")
        self.worker = worker

    async def start(self) -> "Web":
        config = {
            "settings": self.settings.model_dump(mode="json"),
            "workers": [
                {
                    "name": "media-0",
                    "control_url": self.worker.url,
                    "public_url": self.worker.url,
                    "credential": CREDENTIAL,
                }
            ],
            "imaging_url": "http://127.0.0.1:1",
            "imaging_credential": "unused",
            "masked_url": "http://127.0.0.1:1",
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bingjian.processes.web",
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(config).encode())
        self.process.stdin.close()
        return self

    async def console(self) -> httpx.AsyncClient:
        path = self.settings.run_dir / "console.json"
        for _ in range(1200):
            if path.exists():
                break
            await asyncio.sleep(0.05)
        assert path.stat().st_mode & 0o777 == 0o600
        found = json.loads(path.read_text())
        headers = {"Authorization": f"Bearer {found['token']}"}
        return httpx.AsyncClient(base_url=found["url"], headers=headers, timeout=30)

    async def end_by_itself(self) -> tuple[int, list[dict[str, object]]]:
        """The same of a process that gives up."""
        _, logged = await self.process.communicate()
        return await self.process.wait(), [json.loads(line) for line in logged.splitlines()]

    def kill(self) -> None:
        """If it still runs."""
        if self.process.returncode is None:
            self.process.kill()

    async def end(self) -> tuple[int, list[dict[str, object]]]:
        """Exit code and log lines."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        _, logged = await self.process.communicate()
        return await self.process.wait(), [json.loads(line) for line in logged.splitlines()]


@pytest_asyncio.fixture
async def worker() -> AsyncIterator[SpokenWorker]:
    spoken = SpokenWorker()
    await spoken.start()
    yield spoken
    await spoken.stop()


async def told(worker: SpokenWorker, cameras: int) -> None:
    for _ in range(600):
        if worker.assignments and len(worker.assignments[-1]["cameras"]) == cameras:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"the worker was never told {cameras} cameras")


async def test_a_life_with_a_restart(tmp_path: Path, worker: SpokenWorker) -> None:
    web = await Web(tmp_path, worker).start()
    async with await web.console() as console:
        added = await console.post(
            "/api/v1/cameras", json={"name": "a", "url": "rtsp://admin:hush@192.0.2.1/x?token=hush2"}
        )
        assert added.status_code == 201
        await told(worker, 1)
        with pytest.raises(StateInUse):
            async with open_services(web.settings, SystemClock()):
                pass
    first = worker.assignments[-1]
    code, lines = await web.end()
    assert code == 0
    assert not (web.settings.run_dir / "console.json").exists()
    assert lines, "there is a log"
    assert "hush" not in json.dumps(lines)
    assert {line["process"] for line in lines} == {"web"}

    worker.assignments.clear()
    again = await Web(tmp_path, worker).start()
    await told(worker, 1)
    second = worker.assignments[-1]
    assert second["cameras"] == first["cameras"]
    assert second["ticket_key"] == first["ticket_key"], "viewers survive a restart of web"
    assert second["epoch"] > first["epoch"]
    assert (await again.end())[0] == 0
    verdict = verify(again.settings.journal_dir, records=True)
    assert (verdict.size, verdict.faults) == (3, ())
    for path in (tmp_path / "keys").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"hush" not in path.read_bytes(), path


async def test_the_first_person_without_a_running_platform(tmp_path: Path, worker: SpokenWorker) -> None:
    settings = Settings(state_dir=tmp_path, port=0, media_workers=1)
    async with open_services(settings, SystemClock()) as services:
        _, password = await services.people.add_person("root", None, frozenset({Role.SYSADMIN}))
    web = await Web(tmp_path, worker).start()
    async with await web.console() as client:
        answer = await client.post("/api/v1/session", json={"name": "root", "password": password})
        assert answer.status_code == 201
    await web.end()


async def test_a_picture_without_imaging_is_one_sentence(tmp_path: Path, worker: SpokenWorker) -> None:
    settings = Settings(state_dir=tmp_path, port=0, media_workers=1)
    async with open_services(settings, SystemClock()) as services:
        _, password = await services.people.add_person("w", None, frozenset({Role.WATCHER}))
    web = await Web(tmp_path, worker).start()
    worker.picture = b"x"
    async with await web.console() as console:
        camera = (await console.post("/api/v1/cameras", json={"name": "a", "url": "rtsp://h/"})).json()["id"]
        async with httpx.AsyncClient(base_url=console.base_url, timeout=30) as watcher:
            await watcher.post("/api/v1/session", json={"name": "w", "password": password})
            answer = await watcher.get(f"/api/v1/cameras/{camera}/snapshot", params={"purpose": "duty_watch"})
        assert (answer.status_code, answer.json()["code"]) == (502, "no_picture")
    await web.end()


def expired_segments() -> Iterator[dict[str, Any]]:
    """Of a minute each, without end."""
    for minute in count():
        start, end = (ticks_of(LONG_AGO + timedelta(minutes=minute + more)) for more in (0, 1))
        ids = {"volume": str(UUID(int=9)), "segment": str(UUID(int=minute + 1))}
        yield {**ids, "start_90k": start, "end_90k": end, "root": "0" * 64}


@pytest.mark.parametrize("then", ["answers", "is silent", "answers, but the database is locked"])
async def test_it_stops_by_itself_while_it_removes(tmp_path: Path, worker: SpokenWorker, then: str) -> None:
    """Whatever the removal job waits for: its transaction, its worker, or another program's transaction."""
    settings = Settings(state_dir=tmp_path, port=0, media_workers=1)
    async with open_services(settings, SystemClock()) as services:
        await services.cameras.add(CameraWish("a", "rtsp://192.0.2.1/"), UUID(int=7))
    web, stopping = Web(tmp_path, worker), asyncio.Event()
    other_program = sqlite3.connect(tmp_path / "bingjian.sqlite3", timeout=PATIENCE_S, isolation_level=None)

    async def removing() -> None:
        stopping.set()
        if then == "is silent":
            await asyncio.Event().wait()
        if then.endswith("locked") and not other_program.in_transaction:
            other_program.execute("BEGIN IMMEDIATE")

    worker.expired, worker.removing = expired_segments(), removing
    await web.start()
    await stopping.wait()
    try:
        async with asyncio.timeout(PATIENCE_S):
            code, lines = await web.end()
    finally:
        web.kill()
    assert code == 0
    assert not [line for line in lines if line["level"] == "error"]
    other_program.close()
    verdict = verify(settings.journal_dir, records=True)
    assert verdict.size >= 200
    assert verdict.faults == ()
    async with open_services(settings, SystemClock()) as services:
        await next_epoch(services.database)


def test_all_patience_together_is_less_than_the_supervisors() -> None:
    """First for answers, then for work; a database under way is given up before that."""
    assert FINISH_S + TRY_S <= GRACE_SECONDS
    assert GRACE_SECONDS + GRACE_SECONDS + TRY_S < STOP_SECONDS


@pytest.mark.parametrize("fault", ["port", "journal", "database", "key"])
async def test_what_cannot_start_says_why_in_one_line(
    tmp_path: Path, worker: SpokenWorker, fault: str
) -> None:
    web = Web(tmp_path, worker)
    taken = socket.create_server(("127.0.0.1", 0))
    if fault == "port":
        web.settings = web.settings.model_copy(update={"port": taken.getsockname()[1]})
    elif fault == "journal":
        (tmp_path / "journal").mkdir()
        (tmp_path / "journal" / "journal.jsonl").write_text('{"changed":1}\n')
    elif fault == "database":
        (tmp_path / "bingjian.sqlite3").write_bytes(b"this is no database" * 100)
    else:
        (tmp_path / "keys").mkdir()
        (tmp_path / "keys" / "cameras.key").write_bytes(b"short")
    await web.start()
    code, lines = await web.end_by_itself()
    taken.close()
    assert code == EXIT_CONFIG
    assert [line["event"] for line in lines if line["level"] == "error"] == ["web_cannot_start"]
    assert "Traceback" not in json.dumps(lines)
