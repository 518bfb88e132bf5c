"""Permission: what one decision costs, and what ticket and journal add to opening a picture.

``decide_us_p95``: one decision of one person about one camera, drawn by chance from a city of ``--cameras``
and ``--people``, with the law of that instant looked up; role, session, area and conditions are all judged,
nothing is remembered from one decision to the next.

``ticket_overhead_ms_p95``: ``POST …/live`` from request to ticket, with its session, permission and durable
entry in the journal, over a database of that size (SQLite): without tickets a viewer would go to the media
worker at once, so all of it is added. No network is in it.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bench.inventory_duties import ROWS, THEN, City, cameras, division, one
from bench.report import Result, percentile
from bingjian import telemetry
from bingjian.access.decisions import Actor, Resource, Role, Verb, decide
from bingjian.access.door import Door
from bingjian.access.guard import Guard
from bingjian.access.known_devices import KnownDevices
from bingjian.access.masking import Masking
from bingjian.access.models import PersonRow
from bingjian.access.passwords import Hasher
from bingjian.access.second_factor import Factors
from bingjian.access.service import People
from bingjian.access.sessions import Sessions
from bingjian.api.app import create_app
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.clock import SystemClock, utc_now
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.models import CameraRow
from bingjian.inventory.service import Cameras
from bingjian.inventory.vault import Vault
from bingjian.inventory.workers import Worker, Workers
from bingjian.journal.append import Journal
from bingjian.procedures.lawbook import Lawbook
from bingjian.rules.decision import Grant

KEY, PASSWORD = bytes(32), "a password of the bench"
ORIGIN = "http://127.0.0.1"
HOUR = timedelta(hours=1)
VERBS = (Verb.LIVE, Verb.PLAYBACK, Verb.PICTURE, Verb.COPY, Verb.BASE_READ, Verb.CAMERA_CHANGE)
SIGNED_IN = 50  # who look; each has a session of their own


def decided_us(people: int, cameras: int, decisions: int) -> tuple[list[float], int]:
    """Of each decision its microseconds; and how many were granted."""
    book, chance, now, roles = Lawbook(None), Random(1), utc_now(SystemClock()), list(Role)
    persons = [
        Actor(one("person", n), f"p{n}", frozenset({roles[n % len(roles)]}), "zh", areas=(division(n),))
        for n in range(people)
    ]
    places = [Resource(str(one("camera", n)), division(n)) for n in range(cameras)]
    took, granted = list[float](), 0
    for _ in range(decisions):
        who, where, verb = chance.choice(persons), chance.choice(places), chance.choice(VERBS)
        began = time.perf_counter_ns()
        answer = decide(book.at(now), who, verb, where, "duty", now, now + HOUR)
        took.append((time.perf_counter_ns() - began) / 1e3)
        granted += isinstance(answer, Grant)
    return took, granted


def streams(count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        yield {
            "id": one("camera", n), "name": f"摄像机{n}", "url_shown": "", "sub_url_shown": None,
            "sealed": b"", "transport": "auto", "verify_tls": True, "worker": "media-0", "search_name": "",
            "search": "", "created_at": THEN,
        }  # fmt: skip


def persons(count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        yield {
            "id": one("person", n), "name": f"值班员{n}", "password_hash": "", "roles": "watcher",
            "organisation": None, "areas": division(n), "language": "zh", "enabled": True, "created_at": THEN,
            "certificate_kind": "", "certificate_number": "",
        }  # fmt: skip


async def room(name: str) -> None:
    """No camera of the bench has masks."""


async def fill(database: Database, city: City, people: int) -> None:
    async def work(session: AsyncSession) -> None:
        for table, rows in (
            (CameraRow, streams(city.cameras)), (CameraFileRow, cameras(city)), (PersonRow, persons(people)),
        ):  # fmt: skip
            every = list(rows)
            for at in range(0, len(every), ROWS):
                await session.execute(insert(table), every[at : at + ROWS])

    await database.run(work)


@asynccontextmanager
async def platform(folder: Path, city: City, people: int) -> AsyncIterator[Platform]:
    """The API over its own database and journal; its one media worker is never asked for anything."""
    clock = SystemClock()
    database = Database(f"sqlite+aiosqlite:///{folder / 'db.sqlite3'}")
    await database.migrate()
    await fill(database, city, people)
    journal = Journal.open(folder / "journal", clock)
    parts = Parts.open(database, journal, clock, folder, None)
    vault, nothing = Vault(KEY), cast(Any, None)
    registered = Cameras(database, journal, vault, clock)
    worker = Worker("media-0", f"{ORIGIN}:1", f"{ORIGIN}:1", "x")
    workers = Workers([worker], registered, clock, epoch=1, ticket_key=KEY, origins=[ORIGIN], receipt_key=KEY)
    factors = Factors(database, journal, vault, clock, "optional")
    cheap = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    guard = Guard(database, journal, clock, KnownDevices(KEY))
    masking = Masking(parts.picture_masks, parts.lawbook.at, room)
    asked = parts.lawbook.at, masking
    yield Platform(
        clock=clock,
        people=People(database, journal, cheap, clock),
        sessions=Sessions(database, journal, cheap, clock, factors, guard),
        factors=factors,
        door=Door(journal, workers, nothing, clock, KEY, nothing, parts.grants, *asked, is_marked=False),
        cameras=registered,
        masked_url="",
        workers=workers,
        journal=journal,
        parts=parts,
        admission="enforce",
        console_token="x",
        metrics_token="x",
        **dict.fromkeys(("first", "retention", "probe", "gb"), nothing),
    )
    await workers.close()
    journal.close()
    await database.close()


async def opened_ms(folder: Path, city: City, people: int, looks: int) -> list[float]:
    """Of each look: milliseconds from the request to its ticket."""
    chance, took = Random(2), list[float]()
    async with platform(folder, city, people) as served:
        transport = httpx.ASGITransport(create_app(served))
        cookies = [await signed_in(served, transport, number) for number in range(SIGNED_IN)]
        headers = {"Origin": ORIGIN}
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
            for _ in range(looks):
                client.cookies = chance.choice(cookies)
                path = f"/api/v1/cameras/{one('camera', chance.randrange(city.cameras))}/live"
                began = time.perf_counter()
                answer = await client.post(path, json={"stream": "main", "purpose": "duty_watch"})
                took.append((time.perf_counter() - began) * 1e3)
                assert answer.status_code == 201, answer.text
    return took


async def signed_in(served: Platform, transport: httpx.ASGITransport, number: int) -> httpx.Cookies:
    name = f"观看者{number}"
    await served.people.add_person(name, PASSWORD, frozenset({Role.WATCHER}), organisation=UUID(int=number))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        answer = await client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return client.cookies


async def run(cameras: int, people: int, decisions: int, looks: int) -> Result:
    took, granted = decided_us(people, cameras, decisions)
    with tempfile.TemporaryDirectory() as name:
        waited = await opened_ms(Path(name), City(cameras), people, looks)
    return Result(
        bench="decide",
        params={"cameras": cameras, "people": people, "decisions": decisions, "looks": looks},
        bingjian={
            "decide_us_p50": percentile(took, 50),
            "decide_us_p95": percentile(took, 95),
            "granted": granted / decisions,
            "ticket_overhead_ms_p50": percentile(waited, 50),
            "ticket_overhead_ms_p95": percentile(waited, 95),
        },
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench decide", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cameras", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--looks", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    telemetry.configure("bench", "warning")
    result = asyncio.run(run(options.cameras, options.people, options.decisions, options.looks))
    result.show(as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
