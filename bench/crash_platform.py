"""``kill -9`` of the whole platform while it records and takes marks and holds: see ``bench.crash``."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psutil

from bench import store_check as store
from bench.browser import recorded
from bench.report import pinned
from bench.worker import Camera
from bingjian.commands.console import Console, console, running_platform
from bingjian.commands.outcome import CommandFailed
from bingjian.settings import GIB, Settings, VolumeSettings

CORE = 0
READY_S = 60.0
ENDED_S = 20.0  # for children whose supervisor has died
LONGEST_PAUSE_S = 2.0
KEEPER = "keeper"
HOLD_S = 60.0  # the interval of a hold or mark reaches so far back


class Platform:
    """``bingjian serve`` over all its lives, and what it has accepted."""

    def __init__(self, state_dir: Path) -> None:
        volume = VolumeSettings(path=state_dir / "volume", size_bytes=50 * GIB, reserve_bytes=0)
        self.settings = Settings(
            state_dir=state_dir,
            port=0,
            media_port_base=0,
            media_workers=1,
            volumes=[volume],
            admission="warn",
        )
        self.accepted: dict[str, set[str]] = {"marks": set(), "holds": set()}
        self._password = ""
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns when the platform answers."""
        given = json.loads(self.settings.model_dump_json(exclude_none=True))
        set_so = {f"BINGJIAN_{name.upper()}": _as_text(value) for name, value in given.items() if value != []}
        self.settings.state_dir.mkdir(exist_ok=True)
        with (self.settings.state_dir.parent / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                pinned(CORE, [sys.executable, "-m", "bingjian.cli", "serve"]),
                env={**os.environ, **set_so},
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(READY_S):
            while not await self._answers():
                if self._process.poll() is not None:
                    raise RuntimeError(f"the platform ended with {self._process.returncode}")
                await asyncio.sleep(0.1)

    async def _answers(self) -> bool:
        if running_platform(self.settings) is None:
            return False
        with suppress(CommandFailed):
            async with console(self.settings) as desk:
                await desk.ask("GET", "/cameras")
                return True
        return False

    def kill(self, *, children_too: bool) -> None:
        """The supervisor, or everything at once; returns when nothing of it runs any more. Blocks."""
        assert self._process is not None
        supervisor = psutil.Process(self._process.pid)
        children = supervisor.children(recursive=True)
        for one in (supervisor, *(children if children_too else ())):
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        self._process.wait()
        _, alive = psutil.wait_procs(children, timeout=ENDED_S)
        for one in alive:
            one.kill()
        if alive:
            raise RuntimeError(f"{len(alive)} processes outlived their supervisor by {ENDED_S} s")

    async def hire(self) -> None:
        """Somebody who may set marks and holds: the console may not."""
        async with console(self.settings) as desk:
            wish = {"name": KEEPER, "roles": ["custodian"]}
            self._password = (await desk.ask("POST", "/people", json=wish))["generated_password"]

    @asynccontextmanager
    async def keeper(self) -> AsyncIterator[Console]:
        """Signed in as that person."""
        found = running_platform(self.settings)
        assert found is not None
        async with httpx.AsyncClient(
            base_url=found["url"], headers={"Origin": found["url"]}, timeout=READY_S, trust_env=False
        ) as http:
            keeper = Console(http, running=True)
            await keeper.ask("POST", "/session", json={"name": KEEPER, "password": self._password})
            yield keeper

    async def promise(self, camera: str) -> None:
        """A mark and a hold; what has been answered is accepted."""
        now = datetime.now(UTC)
        wish = {"reason": "bench", "article": "28", "end": now.isoformat()}
        wish["start"] = (now - timedelta(seconds=HOLD_S)).isoformat()
        async with self.keeper() as keeper:
            for kind, accepted in self.accepted.items():
                accepted.add((await keeper.ask("POST", f"/cameras/{camera}/{kind}", json=wish))["id"])

    async def forgotten(self) -> list[str]:
        """Accepted once, and not in the list any more."""
        async with self.keeper() as keeper:
            known = {kind: await _ids(keeper, kind) for kind in self.accepted}
        return [f"{kind} {id}: forgotten" for kind, ids in self.accepted.items() for id in ids - known[kind]]


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


async def _ids(desk: Console, kind: str) -> set[str]:
    found: set[str] = set()
    cursor: str | None = None
    while True:
        wish = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = await desk.ask("GET", f"/{kind}", params=wish)
        found |= {one["id"] for one in page["items"]}
        cursor = page["next"]
        if cursor is None:
            return found


async def register(platform: Platform, cameras: Sequence[Camera]) -> list[str]:
    """Returns when all are recorded."""
    async with console(platform.settings) as desk:
        known = []
        for number, one in enumerate(cameras):
            wish: dict[str, Any] = {"name": f"cam{number}", "url": one.url}
            wish |= {"username": one.username, "password": one.password}
            known.append((await desk.ask("POST", "/cameras", json=wish))["id"])
        for camera in known:
            await recorded(desk, camera)
    return known


async def kill_supervisors(
    kills: int, cameras: Sequence[Camera], place: Path, chance: Random
) -> tuple[list[str], list[str], list[str]]:
    """What was forgotten, what is corrupt, and files that are nobody's."""
    place.mkdir()
    platform = Platform(place / "state")
    volume = platform.settings.effective_volumes[0].path
    forgotten: list[str] = []
    await platform.start()
    try:
        await platform.hire()
        known = await register(platform, cameras)
        for number in range(kills):
            await platform.promise(chance.choice(known))
            await asyncio.sleep(chance.uniform(0, LONGEST_PAUSE_S))
            await asyncio.to_thread(platform.kill, children_too=number % 2 == 0)
            await platform.start()
            forgotten += await platform.forgotten()
        await asyncio.sleep(LONGEST_PAUSE_S)
    except BaseException:
        await asyncio.to_thread(platform.kill, children_too=True)
        raise
    faults, strangers = store.corrupt(volume, store.rows_of(volume)), store.unaccounted(volume)
    await asyncio.to_thread(platform.kill, children_too=True)
    return forgotten, faults, strangers
