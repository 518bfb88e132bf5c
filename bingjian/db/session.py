"""Transactions on the platform database: ``run()`` for those that change, ``read()`` for those that don't.

SQLite through SQLAlchemy loses updates silently unless a writing transaction takes the lock before it reads:
the driver sends BEGIN only before the first write. So writers begin IMMEDIATE, readers use an engine of their
own that cannot write. PostgreSQL's READ COMMITTED loses them as well, so writers there first take one
advisory lock. Either way one writer at a time, which costs nothing while the web process is the only one, and
no transaction is ever repeated, so no journal entry either.

A cancelled writer stops waiting for its turn; once it has it, its transaction is carried to its end first. So
whoever was cancelled leaves nothing under way behind, and no driver is disturbed in the middle of a change.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bingjian.db.errors import DatabaseBusy, DatabaseRefuses, DatabaseUnavailable
from bingjian.db.migrate import upgrade
from bingjian.tasks import carried_out

Result = TypeVar("Result")

BUSY_S = 10  # a writer waits this long for another; then the request fails with one sentence
FINISH_S = 2  # for a transaction whose caller is cancelled: far more than it takes; then it is undone
TRY_S = 1  # SQLite's thread waits so long at a time: while it does, nobody can call it back
WRITER_LOCK = 0x62696E67  # "bing": our one advisory lock
LOCK_NOT_AVAILABLE = "55P03"  # SQLSTATE
WRONG_VALUE = "22"  # class of SQLSTATE: too long, out of range, no such character
WRONG_TYPE = "binding parameter"  # as SQLite says it, under the same error as a connection that is closed


class Database:
    """One platform database, SQLite or PostgreSQL; models and statements are the same."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = backend_of(url) == "sqlite"
        if self.is_sqlite:
            self._writer = sqlite_engine(url, "BEGIN IMMEDIATE", query_only=False)
            self._reader = sqlite_engine(url, "BEGIN", query_only=True)
        else:
            self._writer = create_async_engine(url, pool_pre_ping=True)
            self._reader = create_async_engine(url, pool_pre_ping=True)
        self._write_sessions = async_sessionmaker(self._writer, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self._reader, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads."""
        with translated():
            async with self._read_sessions() as session:
                yield session

    async def run(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Run ``work`` alone among writers, in one transaction, and commit unless it raises.

        Cancelled while it waits for its turn it does nothing; later all is done or undone before it is told.
        """
        with translated():
            async with self._write_sessions() as session:  # closing undoes what is not committed
                await self._take_turn(session)
                return await carried_out(committed(session, work), FINISH_S)

    async def _take_turn(self, session: AsyncSession) -> None:
        await session.connection()  # SQLite: BEGIN IMMEDIATE
        if not self.is_sqlite:
            await session.execute(text(f"SET LOCAL lock_timeout = '{BUSY_S}s'"))
            await session.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))

    async def migrate(self) -> None:
        """Bring the schema to this version. Raises DatabaseUnavailable."""
        file = make_url(self.url).database
        if self.is_sqlite and file and not Path(file).parent.is_dir():
            raise DatabaseUnavailable(f"the folder {Path(file).parent} for the database does not exist")
        with translated():
            async with self._writer.connect() as connection:
                await connection.run_sync(upgrade)
                await connection.commit()

    async def run_sync(self, work: Callable[[Connection], Result]) -> Result:
        """For inspection by tests and tools: ``work`` gets a synchronous connection."""
        async with self._reader.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


async def committed(session: AsyncSession, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    result = await work(session)
    await session.commit()
    return result


def backend_of(url: str) -> str:
    """Raises DatabaseUnavailable if this is no database URL that we know."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise DatabaseUnavailable("the database URL is not of the form driver://…") from error
    if backend not in ("sqlite", "postgresql"):
        raise DatabaseUnavailable(f"the database must be sqlite or postgresql, not {backend}")
    return backend


def sqlite_engine(url: str, begin: str, *, query_only: bool) -> AsyncEngine:
    """An engine whose transactions begin as we say, not as the driver thinks."""
    engine = create_async_engine(url, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine.sync_engine, "connect", insert=True)  # before anything there can be cancelled
    def on_connect(connection: Any, _record: object) -> None:
        connection.driver_connection.stop = once(connection.driver_connection.stop)
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        else:
            cursor.execute(f"PRAGMA busy_timeout={TRY_S * 1000}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        for left in reversed(range(BUSY_S // TRY_S)):
            try:
                connection.exec_driver_sql(begin)
                return
            except OperationalError as error:
                if not left or "locked" not in str(error.orig):
                    raise

    return engine


def once(stop: Callable[[], Any]) -> Callable[[], Any]:
    """``aiosqlite.Connection.stop``, asked once; later callers get None, for which nobody waits.

    The connection's thread answers the first and ends; a second answer never comes. SQLAlchemy asks twice if
    it is cancelled while it closes a connection after a cancellation, and whatever awaits that second answer,
    even the end of the event loop, waits for ever.
    """
    asked = False

    def ask() -> Any:
        nonlocal asked
        if asked:
            return None
        asked = True
        return stop()

    return ask


def is_refused(error: DBAPIError) -> bool:
    """Whether a value is at fault: of the wrong type, too long, out of range."""
    state = str(getattr(error.orig, "sqlstate", ""))
    return isinstance(error, DataError) or state.startswith(WRONG_VALUE) or WRONG_TYPE in str(error.orig)


@contextmanager
def translated() -> Iterator[None]:
    """Foreign errors leave as ours; a broken constraint stays, for the service knows what it means."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE or "locked" in str(error.orig):
            raise DatabaseBusy("the database is locked by another program") from error
        if is_refused(error):
            raise DatabaseRefuses("the database takes no such value") from error
        raise DatabaseUnavailable("the database does not answer as it should") from error
    except StatementError as error:  # none of the database's own: the value never came so far
        raise DatabaseRefuses("a value is not of its column's type") from error
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseUnavailable("the database cannot be reached") from error
