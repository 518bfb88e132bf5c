"""Whoever is cancelled leaves the database to the others: no lock, no connection, no task, no half."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.platform import PlatformValue, next_epoch
from bingjian.db.session import BUSY_S, Database
from tests.pauses import cancelled_at, nothing_goes_on

PATIENCE_S = 20  # on a busy machine; what goes on so long goes on for ever
SOON_S = BUSY_S / 2  # before a lock's waiter would give up by itself
PAUSES_MAX = 200  # of one transaction, far more than there are

Use = Callable[[Database], Coroutine[None, None, None]]


async def writing(database: Database) -> None:
    """Two rows, or none."""

    async def work(session: AsyncSession) -> None:
        session.add(PlatformValue(key="one", value=""))
        await session.flush()
        await asyncio.sleep(0)
        session.add(PlatformValue(key="two", value=""))

    await database.run(work)


async def reading(database: Database) -> None:
    async with database.read() as session:
        await session.execute(text("select 1"))
        await asyncio.sleep(0)
        await session.execute(text("select 2"))


async def rows(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(PlatformValue)) or 0)


def in_use(database: Database) -> int:
    pools = [engine.sync_engine.pool for engine in (database._writer, database._reader)]
    return sum(pool.checkedout() for pool in pools)  # type: ignore[attr-defined]


async def left_in_order(database: Database) -> None:
    """Nothing of the cancelled work goes on, and others find all as it should be."""
    assert await nothing_goes_on(PATIENCE_S)
    assert in_use(database) == 0
    assert await rows(database) in (0, 2)
    async with asyncio.timeout(SOON_S):
        await database.run(lambda session: session.execute(text("delete from platform")))
    async with asyncio.timeout(PATIENCE_S):
        await database.close()
    assert await nothing_goes_on(0)


@pytest.mark.parametrize("more", [(), (1,), (2,), (1, 2, 3)], ids=["once", "at once again", "again", "often"])
@pytest.mark.parametrize("fresh", [True, False], ids=["new connection", "old connection"])
@pytest.mark.parametrize("use", [writing, reading])
async def test_at_every_await(database: Database, use: Use, fresh: bool, more: tuple[int, ...]) -> None:
    """Also again while it still deals with the first."""
    for pause in count(1):
        assert pause < PAUSES_MAX
        one = Database(database.url)
        if not fresh:
            await rows(one)
            await one.run(lambda session: session.execute(text("delete from platform")))
        pauses = {pause, *(pause + gap for gap in more)}
        cancelled = await cancelled_at(pauses, use(one), PATIENCE_S)
        await left_in_order(one)
        if not cancelled:
            break
    assert pause > 5


@pytest.mark.parametrize("times", [1, 2])
async def test_while_it_waits_for_its_turn(database: Database, times: int) -> None:
    """It ends at once, not when the other has done."""
    inside, let_go = asyncio.Event(), asyncio.Event()

    async def hold(session: AsyncSession) -> None:
        inside.set()
        await let_go.wait()

    other = Database(database.url)
    holder = asyncio.create_task(other.run(hold))
    await inside.wait()
    waiter = asyncio.create_task(writing(database))
    await asyncio.wait([waiter], timeout=0.2)  # by then it waits, on any but the busiest machine
    for _ in range(times):
        waiter.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([waiter], timeout=SOON_S)
    assert waiter.cancelled()
    let_go.set()
    await holder
    assert await rows(database) == 0
    await left_in_order(other)
    await left_in_order(database)


async def test_what_has_begun_is_done_before_the_cancellation_is_told(database: Database) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def work(session: AsyncSession) -> None:
        session.add(PlatformValue(key="one", value=""))
        inside.set()
        await go_on.wait()
        session.add(PlatformValue(key="two", value=""))

    writer = asyncio.create_task(database.run(work))
    await inside.wait()
    writer.cancel()
    asyncio.get_running_loop().call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await writer
    assert await rows(database) == 2
    await left_in_order(database)


async def test_timeouts_in_a_crowd(database: Database) -> None:
    """Many writers and readers, each given less time than the one before."""

    async def one(number: int) -> None:
        async with asyncio.timeout(number * 0.002):
            await next_epoch(database)
            await reading(database)

    ended = await asyncio.gather(*(one(number) for number in range(40)), return_exceptions=True)
    assert all(error is None or isinstance(error, TimeoutError) for error in ended), ended
    assert await nothing_goes_on(PATIENCE_S)
    assert in_use(database) == 0
    async with asyncio.timeout(SOON_S):
        await next_epoch(database)
