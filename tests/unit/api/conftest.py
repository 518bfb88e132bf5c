"""One platform with a spoken media worker, and clients of each kind of person."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from bingjian.access.closing import Closing
from bingjian.access.decisions import WHOLE_CITY, Role
from bingjian.access.door import Door
from bingjian.access.first import FirstAdministrator
from bingjian.access.masking import Covering, Masking
from bingjian.access.second_factor import Factors
from bingjian.access.service import People
from bingjian.access.sessions import Sessions
from bingjian.api.app import create_app
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.imaging.client import Tiles
from bingjian.inventory.gb28181.service import Gb28181, Listens
from bingjian.inventory.gb28181.signal_client import SignalPlace
from bingjian.inventory.service import Cameras
from bingjian.inventory.vault import Vault
from bingjian.inventory.workers import Worker, Workers
from bingjian.journal.append import Journal
from bingjian.retention.remote import WorkerStores
from bingjian.retention.removal import Signer
from bingjian.retention.service import Retention
from bingjian.streaming.sources.base import SourceAddress
from tests.backend import (  # noqa: F401  # pytest finds fixtures by name
    KEY,
    StillClock,
    cameras,
    clock,
    database,
    empty_url,
    factors,
    guard,
    hasher,
    journal,
    pauses,
    people,
    postgres,
    sessions,
)
from tests.signal import CREDENTIAL as SIGNAL_CREDENTIAL
from tests.signal import SpokenSignal
from tests.unit.retention.shelf import KeepingWorker, Shelf
from tests.worker import CREDENTIAL

HOST = "127.0.0.1:8800"
ORIGIN = f"http://{HOST}"
PASSWORD = "correct horse battery"
LISTENS = Listens("23010000002000000001", "2301000000", "192.0.2.8", 5060, 5061)
Enter = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def worker(journal: Journal) -> AsyncIterator[KeepingWorker]:  # noqa: F811
    spoken = KeepingWorker(shelf=Shelf(Signer(KEY).public_key, journal))
    await spoken.start()
    yield spoken
    await spoken.stop()


@pytest_asyncio.fixture
async def signal() -> AsyncIterator[SpokenSignal]:
    spoken = SpokenSignal()
    await spoken.start()
    yield spoken
    await spoken.stop()


async def decode(fmp4: bytes, at_90k: int, covering: Covering) -> bytes:
    return b"JPEG of " + covering.digest.encode() + fmp4


async def tile(movies: bytes, columns: int, width: int, covering: Covering) -> Tiles:
    return Tiles(b"JPEG of " + movies, width, width * 9 // 16, columns, 2)


async def room(name: str) -> None:
    """There is always room for one rendition more."""


async def look(address: SourceAddress) -> object:
    track = SimpleNamespace(kind="video", codec="h264", width=1280, height=720)
    return SimpleNamespace(
        ok=True, transport="tcp", tracks=[track], clock_offset_ms=3.0, packets_lost=0, findings=[]
    )


@pytest_asyncio.fixture
async def platform(  # a platform has that many parts
    worker: KeepingWorker,
    signal: SpokenSignal,
    database: Database,  # noqa: F811
    cameras: Cameras,  # noqa: F811
    people: People,  # noqa: F811
    sessions: Sessions,  # noqa: F811
    factors: Factors,  # noqa: F811
    journal: Journal,  # noqa: F811
    clock: StillClock,  # noqa: F811
    tmp_path: Path,
) -> AsyncIterator[Platform]:
    parts = Parts.open(database, journal, clock, tmp_path, None)
    await parts.prepare()
    workers = Workers(
        [Worker("media-0", worker.url, "http://127.0.0.1:8810", CREDENTIAL)],
        cameras,
        clock,
        epoch=1,
        ticket_key=KEY,
        origins=[ORIGIN],
        receipt_key=bytes(32),
    )
    place = SignalPlace(signal.url, SIGNAL_CREDENTIAL)
    files, law_at = parts.camera_files, parts.lawbook.at
    gb = Gb28181(database, journal, Vault(KEY), cameras, files, clock, law_at, place, 1, LISTENS)
    gb.attend(workers, parts.banning.stopped)
    workers.revoked = parts.grants.revoked
    workers.hidden = parts.picture_masks.hidden
    workers.closed = Closing(database, clock, parts.lawbook.at, is_marked=False).cameras
    masking = Masking(parts.picture_masks, parts.lawbook.at, room)
    workers.changed = people.changed_lately
    yield Platform(
        clock=clock,
        people=people,
        sessions=sessions,
        factors=factors,
        first=FirstAdministrator(database, journal, people, sessions.guard, clock),
        door=Door(
            *(journal, workers, decode, clock, KEY, tile, parts.grants),
            *(parts.lawbook.at, masking),
            is_marked=False,
        ),
        cameras=cameras,
        workers=workers,
        journal=journal,
        retention=Retention(database, journal, cameras, WorkerStores(workers), Signer(KEY), clock),
        parts=parts,
        gb=gb,
        admission="enforce",
        probe=look,
        masked_url="http://127.0.0.1:8809",
        console_token="console-token",
        metrics_token="metrics-token",
    )
    await workers.close()
    await gb.close()


@pytest.fixture
def marked(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform stands in a domain that is marked for state secrets (R27.6)."""
    monkeypatch.setattr(platform.door, "_is_marked", True)


@cache
def application() -> FastAPI:
    """One for all tests: its routes are worked out at the first request of each, which takes longest."""
    return create_app(None)


def served(platform: Platform) -> ASGIApp:
    """The application over this platform."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        application().state.platform = platform
        await application()(scope, receive, send)

    return serve


@pytest_asyncio.fixture
async def enter(platform: Platform) -> AsyncIterator[Enter]:
    """`await enter(Role.WATCHER)`: a browser signed in with these roles; without roles, a stranger's.

    ``organisation``: whom the person acts for; ``areas``: prefixes of division codes.
    """
    opened, known = list[httpx.AsyncClient](), set[str]()

    async def come(
        *roles: Role,
        bearer: str | None = None,
        over: Platform = platform,
        organisation: UUID | None = None,
        areas: tuple[str, ...] = WHOLE_CITY,
    ) -> httpx.AsyncClient:
        headers = {"Origin": ORIGIN} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        transport = httpx.ASGITransport(served(over))
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        opened.append(client)
        if roles:
            name = "+".join(sorted(roles))
            if organisation is not None or areas != WHOLE_CITY:
                name = " ".join([name, *areas, str(organisation)])
            if name not in known:
                await platform.people.add_person(
                    name, PASSWORD, frozenset(roles), organisation=organisation, areas=areas
                )
            known.add(name)
            answer = await client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
            assert answer.status_code == 201, answer.text
        return client

    yield come
    for client in opened:
        await client.aclose()


def broken_door(platform: Platform, book: object) -> Platform:
    """The same platform, but its door writes into this journal."""
    parts = platform.parts
    masking = Masking(parts.picture_masks, parts.lawbook.at, room)
    told = platform.workers, decode, platform.clock, KEY, tile, parts.grants
    asked = platform.parts.lawbook.at, masking
    door = Door(book, *told, *asked, is_marked=False)  # type: ignore[arg-type]  # that is the test
    return replace(platform, door=door)


@pytest_asyncio.fixture
async def document(enter: Enter) -> str:
    """A paper of the city that steps can refer to."""
    archivist = await enter(Role.ARCHIVIST)
    wish = {"kind": "opinion", "title": "函", "holds_base_info": "false", "division": ""}
    answer = await archivist.post("/api/v1/documents", params=wish, content="同意\n".encode())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
