"""The clock that walks through the city's past, and the day's work in one transaction."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database

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

    Each service's own transaction becomes a savepoint of it: one that is refused undoes only itself.
    """

    def __init__(self, database: Database) -> None:
        self._whole = database
        self._session: AsyncSession | None = None
        self.url, self.is_sqlite = database.url, database.is_sqlite

    async def together(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Everything that ``work`` does through services over this database, or nothing of it."""

        async def within(session: AsyncSession) -> Result:
            self._session = session
            try:
                return await work()
            finally:
                self._session = None

        return await self._whole.run(within)

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
