"""Every duty computed anew from what is registered: daily at 00:05 in China, and when somebody asks.

Steps of procedures open and close duties as they are taken; this makes good whatever no step sees: a camera
that went out of service, a term that a new edition of the law changed, somebody given a post. It says the
same however often it is asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.duties.models import DueRow
from bingjian.duties.owing import Reconciled, reconcile
from bingjian.duties.service import JOB
from bingjian.entries import DutiesRecomputed
from bingjian.journal.append import Journal
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.owed.coverage import COVERAGE
from bingjian.procedures.owed.source import Facts, Source
from bingjian.procedures.owed.systems import FILINGS, QUALIFICATIONS, RESPONSIBLE
from bingjian.procedures.owed.upkeep import CHECKS, INSPECTIONS, REVIEWS, SHIFTS, TRAININGS
from bingjian.rules.civil import DAY, civil_date, start_of_day

SOURCES: tuple[Source, ...] = (
    *(COVERAGE, FILINGS, RESPONSIBLE, QUALIFICATIONS),
    *(SHIFTS, REVIEWS, TRAININGS, INSPECTIONS, CHECKS),
)
RECOMPUTE = "duties.recompute"  # kind of the due row
AT = timedelta(minutes=5)  # after midnight in China: the terms that end at 24:00 have ended


class Recomputing:
    """What everybody owes, made so in one transaction."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        lawbook: Lawbook,
        sources: Sequence[Source] = SOURCES,
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._lawbook = lawbook
        self._sources = sources
        self.handlers = {RECOMPUTE: self._daily}

    async def prepare(self) -> None:
        """Have the next daily one planned."""

        async def work(session: AsyncSession) -> None:
            planned = select(DueRow.id).where(DueRow.kind == RECOMPUTE, DueRow.done_at.is_(None))
            if await session.scalar(planned.limit(1)) is None:
                session.add(next_one(utc_now(self._clock)))

        await self._database.run(work)

    async def run(self, by: UUID) -> Reconciled:
        """Now. Raises JournalUnavailable."""

        async def work(session: AsyncSession) -> Reconciled:
            return await self._recompute(session, by, utc_now(self._clock))

        return await self._database.run(work)

    async def _daily(self, session: AsyncSession, _subject: UUID, now: datetime) -> None:
        session.add(next_one(now))
        await self._recompute(session, JOB, now)

    async def _recompute(self, session: AsyncSession, by: UUID, now: datetime) -> Reconciled:
        facts = Facts(session, self._lawbook, now)
        done = Reconciled()
        for source in self._sources:
            expected = [one async for one in source.owed(facts)]
            done += await reconcile(session, source.codes, expected, now, source.about)
        await self._journal.append(DutiesRecomputed(str(by), done.opened, done.changed, done.lapsed))
        return done


def next_one(now: datetime) -> DueRow:
    """At the first 00:05 in China that is still to come."""
    today = start_of_day(civil_date(now)) + AT
    due = today if now < today else today + DAY
    return DueRow(id=uuid4(), kind=RECOMPUTE, subject=JOB, due_at=due, attempts=0)
