"""Recording interrupted by order (art. 31(7)): with a reason, an order and an end, at which it goes on."""

from datetime import datetime
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import RecordingPaused, RecordingPauseEnded
from bingjian.inventory.errors import NoSuchCamera
from bingjian.inventory.models import CameraRow
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.retention.errors import AlreadyPaused, NotPaused
from bingjian.retention.models import JOB, PauseRow, Person
from bingjian.rules.decision import Refusal, Refused
from bingjian.rules.decisions.retention import may_pause
from bingjian.rules.library import law

log = structlog.get_logger()


class Pauses:
    """Every change is in the journal before it holds."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def begin(
        self, camera: UUID, reason: str, order: str, until: datetime | None, person: Person
    ) -> PauseRow:
        """Pause a camera from now on.

        Raises:
            Refused: no reason, no order or no end.
            NoSuchCamera, AlreadyPaused, JournalUnavailable.
        """

        async def work(session: AsyncSession) -> PauseRow:
            now = utc_now(self._clock)
            if await session.get(CameraRow, camera) is None:
                raise NoSuchCamera
            answer = may_pause(law(), reason, order, until, now)
            if isinstance(answer, Refusal) or until is None:
                assert isinstance(answer, Refusal)  # without an end the rules refuse
                raise Refused(answer)
            if await open_pause(session, camera, now) is not None:
                raise AlreadyPaused
            row = PauseRow(
                id=uuid4(),
                camera=camera,
                reason=reason,
                order=order,
                until=until,
                by=person.id,
                by_name=person.name,
                at=now,
            )
            session.add(row)
            await session.flush()
            entry = RecordingPaused(str(person.id), str(row.id), str(camera), reason, order, rfc3339(until))
            await self._journal.append(entry)
            return row

        return await written_down(self._journal, self._database.run(work), person, "camera.pause", camera)

    async def end(self, camera: UUID, person: Person) -> PauseRow:
        """End it before its time. Raises NotPaused, JournalUnavailable."""

        async def work(session: AsyncSession) -> PauseRow:
            now = utc_now(self._clock)
            row = await open_pause(session, camera, now)
            if row is None:
                raise NotPaused
            await self._end(row, now, person.id)
            return row

        return await self._database.run(work)

    async def settle(self) -> list[UUID]:
        """Write down the end of pauses whose time is over; returns their cameras."""

        async def work(session: AsyncSession) -> list[UUID]:
            now = utc_now(self._clock)
            query = select(PauseRow).where(PauseRow.ended_at.is_(None), PauseRow.until <= now)
            over = list(await session.scalars(query))
            for row in over:
                log.warning("pause_over", camera=str(row.camera), until=rfc3339(row.until))
                await self._end(row, row.until, JOB)
            return [row.camera for row in over]

        return await self._database.run(work)

    async def in_force(self, now: datetime) -> dict[UUID, PauseRow]:
        """Which cameras are paused at an instant."""
        query = select(PauseRow).where(PauseRow.ended_at.is_(None), PauseRow.at <= now, PauseRow.until > now)
        async with self._database.read() as session:
            return {row.camera: row for row in await session.scalars(query)}

    async def _end(self, row: PauseRow, at: datetime, by: UUID) -> None:
        row.ended_at, row.ended_by = at, by
        await self._journal.append(RecordingPauseEnded(str(by), str(row.id), str(row.camera)))


async def open_pause(session: AsyncSession, camera: UUID, now: datetime) -> PauseRow | None:
    """The pause that is in force, if there is one."""
    query = select(PauseRow).where(
        PauseRow.camera == camera, PauseRow.ended_at.is_(None), PauseRow.until > now
    )
    return (await session.scalars(query)).first()
