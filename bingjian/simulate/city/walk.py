"""The clock that walks through the city's past, and the day's work in one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database
from bingjian.entries import Entry
from bingjian.journal.append import Journal, Receipt

Result = TypeVar("Result")
NS = 10**9


class WalkingClock:
    """Time as the story tells it; it goes forward only."""

    def __init__(self, start: datetime) -> None:
        self._ns = int(start.timestamp()) * NS

    def utc_ns(self) -> int:
        return self._ns

    def monotonic_ns(self) -> int:
        return self._ns

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._ns / NS, UTC)

    def walk_to(self, instant: datetime) -> None:
        self._ns = max(self._ns, int(instant.timestamp()) * NS)

    def walk(self, step: timedelta) -> None:
        self._ns += int(step.total_seconds()) * NS


class Gathered(Database):
    """The same database; what is done ``together`` shares one transaction.

    Each service's own transaction becomes a savepoint of it: one that is refused undoes only itself. Nothing
    else runs in this process yet, so SQLite is asked on the spot: thousands of small statements through the
    driver's thread would take ten times as long.
    """

    def __init__(self, database: Database) -> None:
        self._whole = database
        self._session: AsyncSession | None = None
        self.url, self.is_sqlite = database.url, database.is_sqlite
        self._engine = engine_on_the_spot(database.url) if database.is_sqlite else None

    async def together(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Everything that ``work`` does through services over this database, or nothing of it."""

        async def within(session: AsyncSession) -> Result:
            self._session = session
            try:
                return await work()
            finally:
                self._session = None

        if self._engine is None:
            return await self._whole.run(within)
        async with AsyncSession(expire_on_commit=False) as session:
            session.sync_session.bind = self._engine
            result = await within(session)
            await session.commit()
            return result

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        if self._session is not None:
            yield self._session
            return
        async with self._whole.read() as session:
            yield session

    async def run(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        session = self._session
        if session is None:
            return await self._whole.run(work)
        async with session.begin_nested():
            return await work(session)

    def leave(self) -> None:
        """What was opened here is closed; the database itself stays open."""
        if self._engine is not None:
            self._engine.dispose()


def engine_on_the_spot(url: str) -> Engine:
    """SQLite in this thread, in transactions that begin as those of ``Database`` do."""
    engine = create_engine(make_url(url).set(drivername="sqlite"))

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class GatheredJournal(Journal):
    """The same journal; a day shares one fsync, before the transaction that it tells of ends."""

    def __init__(self, journal: Journal) -> None:
        self._whole = journal
        self._told: list[Entry] = []

    @property
    def length(self) -> int:
        return self._whole.length + len(self._told)

    async def append(self, entry: Entry) -> Receipt:
        """Taken down; it is durable, and holds its place, after ``settle``."""
        self._told.append(entry)
        return Receipt(self.length - 1, "")

    async def settle(self) -> None:
        """Make all of them durable, in order. Raises JournalUnavailable."""
        told, self._told = self._told, []
        await asyncio.gather(*(self._whole.append(entry) for entry in told))
