"""Alarms that somebody has handled: kept like the footage they are about, as any kind of record is (art. 26).

One that nobody has handled stays: what it is kept for is not done yet (Decree 799 art. 17). Who handled one
and when stays in the journal.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, ticks_of
from bingjian.db.session import Database
from bingjian.entries import AlarmsRemoved
from bingjian.inventory.gb28181.alarms import AFTER, BEFORE
from bingjian.inventory.gb28181.models import GbAlarmRow
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.retention.classes import history_of, keeping_since
from bingjian.retention.models import JOB, ClassRow, HoldRow, MarkRow
from bingjian.retention.protections import standing
from bingjian.retention.removal import BelievedTime
from bingjian.rules.decision import Grant
from bingjian.rules.decisions.records import Record, may_remove_record
from bingjian.rules.decisions.retention import Keeping, expirable_before, longest, terms_of
from bingjian.rules.library import law

BATCH = 500  # alarms in one transaction, in which nobody else writes
KIND = "structured"  # of ``data_kind``


@dataclass(frozen=True, slots=True)
class Handled:
    """One of those that may have come to their end."""

    id: UUID
    camera: UUID | None  # None: the channel had none; then the general term binds
    happened_at: datetime

    @property
    def start_90k(self) -> int:
        return ticks_of(self.happened_at - BEFORE)

    @property
    def end(self) -> datetime:
        """Of the footage that shows it."""
        return self.happened_at + AFTER

    @property
    def end_90k(self) -> int:
        return ticks_of(self.end)


class HandledAlarms:
    """Removed by the retention job alone, in the journal first."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._time = BelievedTime(clock)

    async def round(self) -> None:
        """All that may go. Raises DatabaseError, JournalUnavailable: the rest goes in the next round."""
        last: Handled | None = None
        while found := await self._remove_after(last):
            last = found[-1]

    async def _remove_after(self, last: Handled | None) -> Sequence[Handled]:
        """One batch, in one transaction; returns what was looked at, oldest first."""

        async def work(session: AsyncSession) -> Sequence[Handled]:
            found = await self._ended(session, last)
            of_camera = defaultdict[UUID | None, list[Handled]](list)
            for one in found:
                of_camera[one.camera].append(one)
            for camera, several in of_camera.items():
                for rule, free in (await self._free(session, camera, several)).items():
                    await session.execute(
                        delete(GbAlarmRow).where(GbAlarmRow.id.in_([one.id for one in free]))
                    )
                    await self._journal.append(entry_of(camera, free, rule))
            return found

        return await self._database.run(work)

    async def _ended(self, session: AsyncSession, last: Handled | None) -> Sequence[Handled]:
        """Handled ones whose shortest term has ended."""
        table = GbAlarmRow
        before = expirable_before(law(), Keeping(), self._time.now()) - AFTER
        query = select(table.id, table.camera, table.happened_at)
        query = query.where(table.handled_at.is_not(None), table.happened_at < before)
        if last is not None:
            query = query.where(tuple_(table.happened_at, table.id) > (last.happened_at, last.id))
        query = query.order_by(table.happened_at, table.id).limit(BATCH)
        return [Handled(*row) for row in await session.execute(query)]

    async def _free(
        self, session: AsyncSession, camera: UUID | None, several: Sequence[Handled]
    ) -> dict[str, list[Handled]]:
        """Those of one camera that may go, by the code of the term that has ended last."""
        free, now = defaultdict[str, list[Handled]](list), self._time.now()
        keepers = await keepers_of(session, camera, several[0].start_90k, several[-1].end_90k)
        for one in several:
            keeping, marked, holds = keepers.of(one)
            record = Record(str(camera or ""), one.end, KIND)
            if isinstance(may_remove_record(law(), record, keeping, marked, holds, now), Grant):
                term, _ = longest(terms_of(law(), keeping, marked=marked), one.end)
                free[term.code].append(one)
        return free


@dataclass(frozen=True, slots=True)
class Keepers:
    """What keeps footage of one camera; of none nothing but the general term."""

    history: Sequence[ClassRow] = ()
    marks: Sequence[MarkRow] = ()
    holds: Sequence[HoldRow] = ()

    def of(self, one: Handled) -> tuple[Keeping, bool, int]:
        """The terms that bind, whether it is marked important, how many holds are on it."""
        marked, held = (
            sum(row.covers(one.start_90k, one.end_90k) for row in rows) for rows in (self.marks, self.holds)
        )
        return keeping_since(self.history, one.start_90k), marked > 0, held


async def keepers_of(session: AsyncSession, camera: UUID | None, start_90k: int, end_90k: int) -> Keepers:
    if camera is None:
        return Keepers()
    return Keepers(
        await history_of(session, camera),
        await standing(session, MarkRow, camera, start_90k, end_90k),
        await standing(session, HoldRow, camera, start_90k, end_90k),
    )


def entry_of(camera: UUID | None, removed: Sequence[Handled], rule: str) -> AlarmsRemoved:
    first, last = removed[0].happened_at, removed[-1].happened_at
    return AlarmsRemoved(str(JOB), str(camera or ""), rfc3339(first), rfc3339(last), len(removed), rule)
