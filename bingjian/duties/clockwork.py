"""Does what is due when it is due: claims rows of the due table by lease, and does them at least once.

The loop sleeps until the next instant or until it is woken. A deadline of the law does not hang on it: a duty
is overdue at its instant, whether or not anybody has been told (``DutyRow.state``).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.errors import DatabaseError
from bingjian.db.session import Database
from bingjian.duties.models import DueRow
from bingjian.journal.errors import JournalUnavailable

BATCH = 100  # rows claimed at a time
LEASE = timedelta(minutes=2)  # then another may take what its owner did not finish
LOOK_SECONDS = 30.0  # at most between two looks: a clock that jumped is noticed by then
BACK_OFF = timedelta(seconds=30)  # doubled by every attempt, at most an hour
STUCK = 5  # attempts after which it is shown as stuck; it is tried on
Handler = Callable[[AsyncSession, UUID, datetime], Awaitable[None]]  # session, subject, instant of now
log = structlog.get_logger()


class Clockwork:
    """One loop; several, on several machines, do not do the same row twice at a time."""

    def __init__(self, database: Database, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self._database = database
        self._clock = clock
        self._handlers = dict(handlers)
        self._self = uuid4()
        self.wanted = asyncio.Event()

    async def run(self) -> None:
        """For ever."""
        while True:
            self.wanted.clear()
            wait = LOOK_SECONDS
            try:
                while await self.round():
                    pass
                wait = await self._seconds_to_next()
            except (DatabaseError, JournalUnavailable) as error:
                log.warning("due_postponed", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self.wanted.wait()

    async def round(self) -> int:
        """Do what is due now; how many rows were claimed."""
        claimed = await self._claim()
        for row in claimed:
            await self._do(row)
        return len(claimed)

    async def _claim(self) -> list[DueRow]:
        now = utc_now(self._clock)
        free = or_(DueRow.owner.is_(None), DueRow.lease_until < now)
        due = select(DueRow.id).where(DueRow.done_at.is_(None), DueRow.due_at <= now, free)
        due = due.order_by(DueRow.due_at).limit(BATCH).with_for_update(skip_locked=True)
        claim = update(DueRow).where(DueRow.id.in_(due.scalar_subquery()))
        claim = claim.values(owner=self._self, lease_until=now + LEASE, attempts=DueRow.attempts + 1)

        async def work(session: AsyncSession) -> list[DueRow]:
            return list(await session.scalars(claim.returning(DueRow)))

        rows = await self._database.run(work)
        return sorted(rows, key=lambda row: row.due_at)

    async def _do(self, row: DueRow) -> None:
        async def work(session: AsyncSession) -> None:
            now = utc_now(self._clock)
            await self._handlers[row.kind](session, row.subject, now)
            await session.execute(update(DueRow).where(DueRow.id == row.id).values(done_at=now))

        try:
            await self._database.run(work)
        except (DatabaseError, JournalUnavailable) as error:
            await self._put_off(row, str(error))
        except Exception:
            log.exception("bug", due=row.kind)  # the others must not wait for this one
            await self._put_off(row, "a fault of ours; see the log")

    async def _put_off(self, row: DueRow, error: str) -> None:
        pause = min(BACK_OFF * 2 ** min(row.attempts, 7), timedelta(hours=1))

        async def work(session: AsyncSession) -> None:
            until = utc_now(self._clock) + pause
            values = {"last_error": error, "lease_until": until}
            await session.execute(update(DueRow).where(DueRow.id == row.id).values(values))

        log.warning("due_failed", due=row.kind, attempts=row.attempts, stuck=row.attempts >= STUCK)
        await self._database.run(work)

    async def _seconds_to_next(self) -> float:
        async with self._database.read() as session:
            at = await session.scalar(
                select(func.min(DueRow.due_at)).where(DueRow.done_at.is_(None), DueRow.owner.is_(None))
            )
        if at is None:
            return LOOK_SECONDS
        return min(max((at - utc_now(self._clock)).total_seconds(), 0.0), LOOK_SECONDS)
