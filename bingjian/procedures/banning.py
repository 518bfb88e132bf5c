"""A part of a place that becomes forbidden: its cameras stop at once, and are to be removed (art. 9, R9.5).

A camera that has an open duty of this code is neither recorded nor shown; the duty is met when the camera is
gone, and lapses when the ban is, or when the camera no longer stands or looks there.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow, Evidence, Obligation, Subject
from bingjian.duties.owing import lapse, meet, owe
from bingjian.inventory.camera_file_values import standing_of
from bingjian.inventory.camera_files import CameraFileRow, values_of
from bingjian.inventory.coverage import box_of
from bingjian.inventory.models import CameraRow
from bingjian.inventory.place_rows import PartRow
from bingjian.inventory.siting import Standing
from bingjian.inventory.view import DISTANCE_MOST_M, meeting
from bingjian.procedures.lawbook import Lawbook
from bingjian.rules.decision import granted
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.decisions.privacy import Change, is_open, may_record

CODE, CAMERA = "R9.5", "camera_file"


class Banning:
    """Asked by whoever records and shows; told by whoever changes parts and cameras."""

    def __init__(self, database: Database, clock: Clock, lawbook: Lawbook) -> None:
        self._database = database
        self._clock = clock
        self._lawbook = lawbook

    async def on_banned(self, session: AsyncSession, part: PartRow, at: datetime) -> None:
        """A part became forbidden: from now on its cameras are to be removed."""
        for file in await standing_in(session, part):
            await owe(session, removal_of(file, part, at))

    async def stopped(self) -> frozenset[UUID]:
        """The cameras that are not recorded."""
        query = select(DutyRow.subject).where(DutyRow.code == CODE, DutyRow.closed_at.is_(None))
        async with self._database.read() as session:
            return frozenset(await session.scalars(query))

    async def require_open(self, session: AsyncSession, camera: UUID, start: datetime) -> None:
        """Raises Refused: what starts then is recorded or shown no more."""
        query = select(DutyRow).where(DutyRow.subject == camera, DutyRow.code == CODE)
        for duty in await session.scalars(query.where(DutyRow.closed_at.is_(None))):
            part = await session.get(PartRow, UUID(duty.key))
            assert part is not None  # parts are never deleted
            granted(may_record(self._lawbook.at(start), Change(part.judged(), duty.begun_at), start))

    async def look_again(self, part: UUID) -> None:
        """After a part was changed: where the ban is lifted, its cameras may go on."""
        query = select(DutyRow.subject).where(DutyRow.code == CODE, DutyRow.closed_at.is_(None))
        async with self._database.read() as session:
            cameras = list(await session.scalars(query.where(DutyRow.key == str(part))))
        for camera in cameras:
            await self.settle(camera)

    async def settle(self, camera: UUID) -> bool:
        """Look again after a camera or its part was changed; whether anything is stopped or allowed now."""

        async def work(session: AsyncSession) -> bool:
            now, settled = utc_now(self._clock), False
            query = select(DutyRow).where(DutyRow.subject == camera, DutyRow.code == CODE)
            file, stream = await session.get(CameraFileRow, camera), await session.get(CameraRow, camera)
            for duty in list(await session.scalars(query.where(DutyRow.closed_at.is_(None)))):
                if file is None or stream is None or file.state == State.RETIRED:
                    await meet(session, camera, CODE, Evidence(CAMERA, camera), now, duty.key)
                    settled = True
                elif not await self._is_barred(session, file, UUID(duty.key), now):
                    await lapse(session, [duty.id], now)
                    settled = True
            return settled

        return await self._database.run(work)

    async def _is_barred(self, session: AsyncSession, file: CameraFileRow, part: UUID, now: datetime) -> bool:
        row = await session.get(PartRow, part)
        assert row is not None  # parts are never deleted
        return not is_open(self._lawbook.at(now), row.judged()) and is_in(file, row)


def removal_of(file: CameraFileRow, part: PartRow, at: datetime) -> Obligation:
    """At once: no 24 hours of art. 19 run, for the ban wins."""
    subject = Subject(CAMERA, file.id, file.name, file.division)
    owner = file.responsible_body or file.management_unit
    return Obligation(CODE, subject, owner, begun=at, due=None, key=str(part.id))


async def standing_in(session: AsyncSession, part: PartRow) -> Sequence[CameraFileRow]:
    """The cameras that stand in a part, or look into it past their masks; not the retired ones."""
    table = CameraFileRow
    where = [table.part == part.id]
    if part.polygon:
        west, south, east, north = box_of(part.polygon, DISTANCE_MOST_M)
        where.append(and_(table.longitude.between(west, east), table.latitude.between(south, north)))
    query = select(table).where(or_(*where), table.state != State.RETIRED.value)
    return [file for file in await session.scalars(query) if is_in(file, part)]


def is_in(file: CameraFileRow, part: PartRow) -> bool:
    """Whether it stands in the part, or sees any of it that no mask covers."""
    return file.part == part.id or sees(standing_of(values_of(file)), part)


def sees(standing: Standing, part: PartRow) -> bool:
    if standing.view is None or not part.polygon:
        return False
    met = meeting(standing.view, part.polygon, standing.masks)
    return met.uncovered is None or met.uncovered > 0
