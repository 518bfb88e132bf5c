"""The clockwork: rows claimed by lease, done once, tried again when they fail, whatever the clock does."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database
from bingjian.duties.clockwork import BACK_OFF, BATCH, LEASE, STUCK, Clockwork, Handler
from bingjian.duties.models import DueRow
from bingjian.duties.owing import owe
from bingjian.duties.service import Duties
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from tests.backend import StillClock, kinds
from tests.unit.duties.owed import NOW, dues, duties, open_all, owes

KIND = "test.bell"


async def planned(database: Database, *after_s: float) -> list[UUID]:
    """Rows due so many seconds from the tests' noon; their subjects count from 0."""
    ids = [uuid4() for _ in after_s]
    rows = [
        DueRow(id=one, kind=KIND, subject=UUID(int=n), due_at=NOW + timedelta(seconds=after), attempts=0)
        for n, (one, after) in enumerate(zip(ids, after_s, strict=True))
    ]

    async def work(session: AsyncSession) -> None:
        session.add_all(rows)

    await database.run(work)
    return ids


class Bell:
    """Notes whose turn it was; fails as often as it is told."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.rung = list[int]()
        self.failures, self.error = failures, error or ValueError("broken")

    async def ring(self, session: AsyncSession, subject: UUID, now: datetime) -> None:
        self.rung.append(subject.int)
        if self.failures:
            self.failures -= 1
            raise self.error


def works(database: Database, clock: StillClock, handler: Handler) -> Clockwork:
    return Clockwork(database, clock, {KIND: handler})


@pytest.mark.parametrize(("seconds", "rung"), [(-1e-6, []), (0.0, [0]), (1e-6, [0])])
async def test_it_rings_at_the_instant_and_once(
    database: Database, clock: StillClock, seconds: float, rung: list[int]
) -> None:
    await planned(database, 60)
    bell = Bell()
    clock.now_ns += round((60 + seconds) * 1e6) * 1000
    for _ in range(3):
        await works(database, clock, bell.ring).round()
    assert bell.rung == rung


async def test_what_is_due_first_comes_first_and_many_come_in_batches(
    database: Database, clock: StillClock
) -> None:
    await planned(database, *range(BATCH + 2, 0, -1))
    clock.wait(1000)
    bell = Bell()
    clockwork = works(database, clock, bell.ring)
    assert await clockwork.round() == BATCH
    assert await clockwork.round() == 2
    assert bell.rung == list(range(BATCH + 1, -1, -1))
    assert await clockwork.round() == 0


async def test_two_loops_never_do_a_row_twice_at_a_time(database: Database, clock: StillClock) -> None:
    await planned(database, *[0.0] * 30)
    bell, other = Bell(), Bell()
    first, second = works(database, clock, bell.ring), works(database, clock, other.ring)
    await asyncio.gather(first.round(), second.round(), first.round(), second.round())
    assert sorted(bell.rung + other.rung) == list(range(30))


async def test_what_another_has_claimed_is_his_until_the_lease_ends(
    database: Database, clock: StillClock
) -> None:
    """As if a process had died after it claimed the row."""
    (row,) = await planned(database, 0)
    lease = update(DueRow).where(DueRow.id == row).values(owner=uuid4(), lease_until=NOW + LEASE, attempts=1)

    async def claim(session: AsyncSession) -> None:
        await session.execute(lease)

    await database.run(claim)
    bell = Bell()
    clock.wait(LEASE.total_seconds())
    await works(database, clock, bell.ring).round()
    assert bell.rung == []
    clock.now_ns += 1000
    await works(database, clock, bell.ring).round()
    assert bell.rung == [0]


async def test_one_that_fails_is_tried_again_later_and_holds_up_nobody(
    database: Database, clock: StillClock
) -> None:
    await planned(database, 0, 0)
    bell = Bell(failures=1)
    clockwork = works(database, clock, bell.ring)
    await clockwork.round()
    assert sorted(bell.rung) == [0, 1]
    (row,) = await dues(database)
    assert (row.attempts, row.last_error, row.done_at) == (1, "a fault of ours; see the log", None)
    clock.wait((2 * BACK_OFF).total_seconds())
    assert await clockwork.round() == 0
    clock.wait(0.001)
    assert await clockwork.round() == 1
    assert await dues(database) == []


async def test_the_pause_doubles_up_to_an_hour(database: Database, clock: StillClock) -> None:
    await planned(database, 0)
    clockwork, pauses = works(database, clock, Bell(failures=99).ring), list[float]()
    for _ in range(STUCK + 4):
        await clockwork.round()
        (row,) = await dues(database)
        assert row.lease_until is not None
        pause = (row.lease_until - NOW).total_seconds() - (clock.now_ns / 1e9 - NOW.timestamp())
        pauses.append(round(pause))
        clock.wait(pause + 0.001)
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


async def test_a_journal_that_cannot_be_written_undoes_the_row_and_says_so(
    database: Database, clock: StillClock
) -> None:
    await planned(database, 0)
    bell = Bell(1, JournalUnavailable("the journal cannot be written"))
    await works(database, clock, bell.ring).round()
    (row,) = await dues(database)
    assert row.last_error == "the journal cannot be written"


async def test_what_a_failed_handler_wrote_is_undone(database: Database, clock: StillClock) -> None:
    await planned(database, 0)

    async def half(session: AsyncSession, subject: UUID, now: datetime) -> None:
        await owe(session, owes())
        raise ValueError("in the middle")

    await works(database, clock, half).round()
    assert await duties(database) == []


async def test_a_clock_that_jumps_forward_does_all_of_it_once(database: Database, clock: StillClock) -> None:
    await planned(database, 60, 86_400, 30 * 86_400)
    bell = Bell()
    clock.wait(400 * 86_400)
    while await works(database, clock, bell.ring).round():
        pass
    assert bell.rung == [0, 1, 2]


async def test_a_clock_that_jumps_back_repeats_nothing_and_goes_on(
    database: Database, clock: StillClock
) -> None:
    await planned(database, 60, 120)
    bell = Bell()
    clockwork = works(database, clock, bell.ring)
    clock.wait(60)
    await clockwork.round()
    clock.wait(-86_400)
    assert await clockwork.round() == 0
    clock.wait(86_400 + 60)
    await clockwork.round()
    assert bell.rung == [0, 1]


async def test_the_loop_wakes_when_it_is_wanted(database: Database, clock: StillClock) -> None:
    bell = Bell()
    clockwork = works(database, clock, bell.ring)
    running = asyncio.create_task(clockwork.run())
    try:
        await planned(database, 0)
        async with asyncio.timeout(20):
            while not bell.rung:
                clockwork.wanted.set()
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert bell.rung == [0]


async def test_reminded_and_overdue_are_noted_once_at_their_instants(
    database: Database, clock: StillClock, journal: Journal
) -> None:
    at = [NOW + timedelta(seconds=after) for after in (60, 120)]
    await open_all(database, owes(due=at[1], reminders=(at[0],)))
    clockwork = Clockwork(database, clock, Duties(database, journal, clock).handlers)
    for wait, noted in ((59, []), (1, ["reminded"]), (59, ["reminded"]), (1, ["reminded", "overdue"])):
        clock.wait(wait)
        await clockwork.round()
        assert await kinds(journal) == [f"duty.{one}" for one in noted]
    (row,) = await duties(database)
    assert (row.reminded_at, row.overdue_noted_at) == (at[0], at[1])
    async with database.read() as session:
        assert len(list(await session.scalars(select(DueRow).where(DueRow.done_at.is_(None))))) == 0
