"""Both databases keep what they were given, and lose no update."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Dialect, Executable, String, Uuid, insert, literal, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.base import Instant
from bingjian.db.errors import DatabaseBusy, DatabaseRefuses, DatabaseUnavailable
from bingjian.db.platform import PlatformValue, next_epoch
from bingjian.db.session import TRY_S, Database

DIALECT: Dialect = sqlite.dialect()


async def test_read_then_write_in_parallel_loses_nothing(database: Database) -> None:
    """4 tasks × 25 increments; the drivers' defaults lose most of them without a word."""

    async def increment(session: AsyncSession) -> None:
        row = await session.get(PlatformValue, "count")
        assert row is not None
        row.value = str(int(row.value) + 1)

    async def many() -> None:
        for _ in range(25):
            await database.run(increment)

    async def begin(session: AsyncSession) -> None:
        session.add(PlatformValue(key="count", value="0"))

    await database.run(begin)
    await asyncio.gather(*(many() for _ in range(4)))
    async with database.read() as session:
        row = await session.get(PlatformValue, "count")
    assert row is not None
    assert row.value == "100"


async def test_an_exception_leaves_nothing_behind(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        session.add(PlatformValue(key="a", value="1"))
        await session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.run(work)
    async with database.read() as session:
        assert await session.get(PlatformValue, "a") is None


async def test_a_broken_constraint_comes_out_as_such(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        await session.execute(text("insert into platform(key, value) values ('a', '1'), ('a', '2')"))

    with pytest.raises(IntegrityError):
        await database.run(work)


async def test_a_value_that_it_will_never_take_is_told_from_a_database_that_is_away(
    database: Database,
) -> None:
    wrong: list[Executable] = [
        select(literal("no id", Uuid())),
        insert(PlatformValue).values(key=literal(["no text"], String()), value="1"),
    ]
    if not database.is_sqlite:  # which takes what is too long
        wrong += [insert(PlatformValue).values(key=key, value="1") for key in ("k" * 5000, "a\0b")]
    for statement in wrong:

        async def work(session: AsyncSession, statement: Executable = statement) -> None:
            await session.execute(statement)

        with pytest.raises(DatabaseRefuses):
            await database.run(work)


async def test_whoever_waits_too_long_for_a_turn_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever waits longer than SQLite's thread does at a time is not."""
    inside, let_go = asyncio.Event(), asyncio.Event()

    async def hold(session: AsyncSession) -> None:
        inside.set()
        await let_go.wait()

    holder = asyncio.create_task(database.run(hold))
    await inside.wait()
    patient = asyncio.create_task(next_epoch(database))
    await asyncio.sleep(1.2 * TRY_S)
    monkeypatch.setattr("bingjian.db.session.BUSY_S", TRY_S)
    with pytest.raises(DatabaseBusy, match="locked"):
        await next_epoch(database)
    let_go.set()
    await holder
    assert await patient == 1


async def test_epochs_never_repeat(database: Database) -> None:
    assert [await next_epoch(database) for _ in range(3)] == [1, 2, 3]


async def test_sqlite_is_durable_and_its_readers_cannot_write(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite's settings")
    async with database.read() as session:
        assert (await session.execute(text("pragma synchronous"))).scalar() == 2  # FULL
        assert (await session.execute(text("pragma journal_mode"))).scalar() == "wal"
    with pytest.raises(DatabaseUnavailable):
        async with database.read() as session:
            await session.execute(text("delete from platform"))


async def test_an_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such' / 'folder'}")
    with pytest.raises(DatabaseUnavailable, match="folder"):
        await database.migrate()
    await database.close()
    with pytest.raises(DatabaseUnavailable, match="sqlite or postgresql"):
        Database("mysql://x/y")
    with pytest.raises(DatabaseUnavailable, match="driver"):
        Database("nonsense")


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 2, 28, 23, 59, 59, 1, tzinfo=timezone(timedelta(hours=8))),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_instants_are_exact(instant: datetime) -> None:
    column = Instant()
    kept = column.process_bind_param(instant, DIALECT)
    assert column.process_result_value(kept, DIALECT) == instant
    assert isinstance(column.impl_instance, BigInteger)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Instant().process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001  # the very fault
