"""R28.6: a mark or hold and the removal job at the same time, in both orders, on real transactions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database
from bingjian.inventory.service import Cameras
from bingjian.journal.append import Journal
from bingjian.retention.errors import Gone
from bingjian.retention.protections import Holds, Marks
from bingjian.retention.removal import Removal, Signer
from bingjian.retention.service import Retention
from tests.backend import KEY, StillClock, kinds
from tests.unit.retention.conftest import ME
from tests.unit.retention.shelf import Shelf
from tests.unit.retention.times import DAY, at, set_to, wish

Result = TypeVar("Result")
A_MOMENT = 0.3  # seconds in which the other would have finished if nothing held it


class SlowToCommit:
    """The same database; transactions that wrote wait at their end until they may commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.inside, self.may_commit = asyncio.Event(), asyncio.Event()

    async def run(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        async def slow(session: AsyncSession) -> Result:
            result = await work(session)
            await session.flush()
            self.inside.set()
            await self.may_commit.wait()
            return result

        return await self._database.run(slow)


@pytest.mark.parametrize("kind", [Marks, Holds])
async def test_R28_6_a_mark_committed_first_wins(
    kind: type[Marks] | type[Holds],
    database: Database,
    journal: Journal,
    retention: Retention,
    shelf: Shelf,
    clock: StillClock,
    camera: UUID,
) -> None:
    """The job has asked its worker and waits for the lock; what it finds then is the mark."""
    one = shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    set_to(clock, at("2026-04-01 00:00"))
    slow = SlowToCommit(database)
    protections = kind(slow, journal, clock)  # type: ignore[arg-type]
    wanted = wish(camera, at("2026-03-01 12:04"), at("2026-03-02 00:00"))
    setting = asyncio.create_task(protections.set(wanted, ME))
    await slow.inside.wait()
    removing = asyncio.create_task(retention.removal.round())
    async with asyncio.timeout(10):
        while not shelf.asked:  # it finds the segment before the mark is there
            await asyncio.sleep(A_MOMENT)
    await asyncio.sleep(A_MOMENT)
    assert not removing.done()
    slow.may_commit.set()
    await setting
    await removing
    assert one.segment not in shelf.removed
    set_to(clock, at("2026-04-01 00:00") + 300 * DAY)
    await retention.removal.round()
    assert one.segment not in shelf.removed


@pytest.mark.parametrize("kind", [Marks, Holds])
async def test_R28_6_after_the_receipt_transaction_it_is_gone(
    kind: type[Marks] | type[Holds],
    database: Database,
    journal: Journal,
    cameras: Cameras,
    shelf: Shelf,
    clock: StillClock,
    camera: UUID,
) -> None:
    """Given up is gone, though the worker has not even heard of it; the rest can still be protected."""
    gone = shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    set_to(clock, at("2026-04-01 00:00"))
    slow = SlowToCommit(database)
    ordering = Removal(slow, journal, cameras, shelf, Signer(KEY), clock)  # type: ignore[arg-type]
    giving_up = asyncio.create_task(ordering._order(camera, [gone]))
    await slow.inside.wait()
    protections = kind(database, journal, clock)
    wanted = wish(camera, at("2026-03-01 12:04"), at("2026-03-02 00:00"))
    setting = asyncio.create_task(protections.set(wanted, ME))
    await asyncio.sleep(A_MOMENT)
    assert not setting.done()
    slow.may_commit.set()
    await giving_up
    with pytest.raises(Gone) as refused:
        await setting
    (part,) = refused.value.parts
    assert (part.start, part.end, part.first_entry) == (at("2026-03-01 12:00"), at("2026-03-01 12:05"), None)
    assert (refused.value.refusal.code, str(refused.value.refusal.article)) == ("R28.6", "28¶2")
    assert await kinds(journal) == ["camera.added", "refusal"]
    assert (await protections.page(10, None)).items == []
    await protections.set(wish(camera, at("2026-03-01 12:05"), at("2026-03-02 00:00")), ME)
    assert shelf.removed == {}


async def test_R28_6_touching_is_not_overlapping(
    retention: Retention, shelf: Shelf, clock: StillClock, camera: UUID
) -> None:
    """[start, end): one millisecond decides, on both sides."""
    shelf.put(camera, at("2026-03-01 12:00"), at("2026-03-01 12:05"))
    set_to(clock, at("2026-04-01 00:00"))
    await retention.removal.round()
    millisecond = (at("2026-03-01 12:05") - at("2026-03-01 12:00")) / 300_000
    for start, end in (("11:00", "12:00"), ("12:05", "13:00")):
        await retention.marks.set(wish(camera, at(f"2026-03-01 {start}"), at(f"2026-03-01 {end}")), ME)
    for start, end in (
        (at("2026-03-01 11:00"), at("2026-03-01 12:00") + millisecond),
        (at("2026-03-01 12:05") - millisecond, at("2026-03-01 13:00")),
    ):
        with pytest.raises(Gone):
            await retention.marks.set(wish(camera, start, end), ME)
