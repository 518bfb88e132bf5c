"""Copies of what is held: asked of the camera's media worker in the background, until they are whole."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import HoldCopied
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.models import Place
from bingjian.inventory.service import Cameras
from bingjian.journal.append import Journal
from bingjian.retention.errors import AlreadyReleased, NoSuchHold
from bingjian.retention.models import JOB, HoldRow
from bingjian.retention.remote import Copied, Stores
from bingjian.tasks import together

AT_ONCE = 4  # holds copied side by side: reading must leave recording its share of the disks
RETRY = timedelta(minutes=1)  # after a worker did not answer
SETTLED = timedelta(
    minutes=10
)  # after its end every segment that touches an interval is closed (at most 5:00)
READ_AGAIN = timedelta(weeks=1)  # a whole copy is read from end to end so often
log = structlog.get_logger()


class Copying:
    """A hold stands from its transaction on, copied or not; the copy makes it outlive the original."""

    def __init__(
        self, database: Database, journal: Journal, cameras: Cameras, stores: Stores, clock: Clock
    ) -> None:
        self._database = database
        self._journal = journal
        self._cameras = cameras
        self._stores = stores
        self._clock = clock
        self.wanted = asyncio.Event()

    async def verify(self, hold: UUID) -> HoldRow:
        """Have the copy completed and read again soon. Raises NoSuchHold, AlreadyReleased."""

        async def work(session: AsyncSession) -> HoldRow:
            row = await session.get(HoldRow, hold)
            if row is None:
                raise NoSuchHold
            if row.confirmed_at is not None:
                raise AlreadyReleased
            row.due_at = utc_now(self._clock)
            return row

        row = await self._database.run(work)
        self.wanted.set()
        return row

    async def round(self) -> None:
        """Copy all that is due; what fails is due again after ``RETRY``."""
        while await self._some():
            pass

    async def _some(self) -> bool:
        """Copy a few; False when nothing was due."""
        due_now = (HoldRow.due_at <= utc_now(self._clock), HoldRow.confirmed_at.is_(None))
        query = select(HoldRow).where(*due_now).order_by(HoldRow.due_at).limit(AT_ONCE)
        async with self._database.read() as session:
            due = list(await session.scalars(query))
        places = {place.camera: place for place in await self._cameras.places([row.camera for row in due])}
        await together(*(self._copy(row, places[row.camera]) for row in due))
        return bool(due)

    async def _copy(self, row: HoldRow, place: Place) -> None:
        try:
            copied = await self._stores.hold(place, row.id, row.start, row.end)
        except WorkerAway:
            log.warning("hold_not_copied", hold=str(row.id), camera=str(row.camera))
            await self._postpone(row.id)
        else:
            await self._note(row.id, copied)

    async def _postpone(self, hold: UUID) -> None:
        async def work(session: AsyncSession) -> None:
            row = await session.get_one(HoldRow, hold)
            row.due_at = utc_now(self._clock) + RETRY

        await self._database.run(work)

    async def _note(self, hold: UUID, copied: Copied) -> None:
        async def work(session: AsyncSession) -> None:
            row = await session.get_one(HoldRow, hold)
            now = utc_now(self._clock)
            row.copied_segments, row.copied_bytes = copied.segments, copied.size_bytes
            row.sha256, row.missing_json = copied.sha256, json.dumps(copied.missing)
            row.verified_at = now
            row.due_at = row.end + SETTLED if now < row.end + SETTLED else now + READ_AGAIN
            figures = (copied.segments, copied.size_bytes, copied.sha256, len(copied.missing))
            await self._journal.append(HoldCopied(str(JOB), str(hold), str(row.camera), *figures))

        await self._database.run(work)
