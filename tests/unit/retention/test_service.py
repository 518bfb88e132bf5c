"""Work in the background: goes on whatever goes wrong, and is there at once when it is wanted."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from bingjian.db.errors import DatabaseUnavailable
from bingjian.retention.service import Retention, repeat
from tests.backend import StillClock
from tests.unit.retention.conftest import ME
from tests.unit.retention.shelf import Shelf
from tests.unit.retention.times import at, set_to, wish

NOON = at("2026-01-01 12:00")


async def until(condition: object) -> None:
    for _ in range(500):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never happened")


async def test_everything_is_done_by_itself(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    shelf.put(camera, NOON, NOON + timedelta(minutes=5))
    await retention.pauses.begin(camera, "检修", "工单 5", NOON + timedelta(hours=1), ME)
    set_to(clock, at("2026-02-01 00:00"))
    resumed = asyncio.Event()

    async def reassign() -> None:
        resumed.set()

    running = asyncio.create_task(retention.run(reassign))
    await until(lambda: shelf.removed and resumed.is_set())
    row = await retention.holds.set(wish(camera, NOON + timedelta(days=1), NOON + timedelta(days=2)), ME)
    retention.copying.wanted.set()
    await until(lambda: shelf.copies == [row.id])
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_it_ends_whenever_it_is_cancelled(retention: Retention, shelf: Shelf, camera: UUID) -> None:
    """In the middle of a transaction too; and when it has ended, so has all that it began."""

    async def reassign() -> None:
        return None

    for n in range(40):
        shelf.put(camera, NOON - timedelta(days=90, minutes=n + 1), NOON - timedelta(days=90, minutes=n))
        running = asyncio.create_task(retention.run(reassign))
        await asyncio.sleep(n * 0.002)
        running.cancel()
        _, still = await asyncio.wait([running], timeout=20)
        assert not still
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_bug_does_not_end_the_rounds() -> None:
    done = 0

    async def work() -> None:
        nonlocal done
        done += 1
        raise KeyError("a bug")

    running = asyncio.create_task(repeat("x", work, 0.01, asyncio.Event()))
    await until(lambda: done > 2)
    running.cancel()


async def test_a_cancellation_that_comes_out_as_an_error_ends_the_rounds() -> None:
    """As some drivers do; it must not wait for the next round to be believed."""
    begun = asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise DatabaseUnavailable("connection closed") from None

    running = asyncio.create_task(repeat("x", work, 900, asyncio.Event()))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 20)
    assert running.cancelled()
