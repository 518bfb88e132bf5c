"""Cruises of cameras: a number that the camera keeps, our name for it, and the presets that it goes round.

Only those that were set here are known, and so judged before they are started (R9.7, R19.4): what else a
camera keeps under a number is not offered.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.clock import Clock, utc_now
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.entries import CruiseDeleted, CruiseSet
from bingjian.inventory.errors import NotThere
from bingjian.inventory.turntable import Tour
from bingjian.journal.append import Journal

CRUISE_MAX = 255  # GB/T 28181-2022, A.3.5: one byte
POINTS_MAX = 32  # of one cruise: as many as the cameras take that we know of
DWELL_MAX_S = 4095  # twelve bits


class CruiseRow(Base):
    """One cruise of one camera."""

    __tablename__ = "cruises"

    camera: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    points_text: Mapped[str] = mapped_column("points", String(200))  # presets in order, with commas
    speed: Mapped[int]  # percent
    dwell_s: Mapped[int]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def points(self) -> tuple[int, ...]:
        return tuple(map(int, self.points_text.split(",")))


class Cruises:
    """Whoever calls has been let in, and told the camera."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def of(self, camera: UUID) -> list[CruiseRow]:
        """By number."""
        query = select(CruiseRow).where(CruiseRow.camera == camera).order_by(CruiseRow.number)
        async with self._database.read() as session:
            return list(await session.scalars(query))

    async def get(self, camera: UUID, number: int) -> CruiseRow:
        """Raises NotThere."""
        async with self._database.read() as session:
            return await cruise(session, camera, number)

    async def keep(self, camera: UUID, name: str, tour: Tour, by: UUID) -> CruiseRow:
        """Under a number that is free."""

        async def work(session: AsyncSession) -> CruiseRow:
            row = CruiseRow(camera=camera, number=tour.number, name=name)
            row.points_text = ",".join(map(str, tour.points))
            row.speed, row.dwell_s = tour.speed, tour.dwell_s
            row.set_by, row.set_at = by, utc_now(self._clock)
            session.add(row)
            await session.flush()
            told = str(by), str(camera), tour.number, name, list(tour.points)
            await self._journal.append(CruiseSet(*told))
            return row

        return await self._database.run(work)

    async def delete(self, camera: UUID, number: int, by: UUID) -> None:
        """Raises NotThere."""

        async def work(session: AsyncSession) -> None:
            row = await cruise(session, camera, number)
            await session.delete(row)
            await session.flush()
            await self._journal.append(CruiseDeleted(str(by), str(camera), number, row.name))

        await self._database.run(work)


async def cruise(session: AsyncSession, camera: UUID, number: int) -> CruiseRow:
    """Raises NotThere."""
    row = await session.get(CruiseRow, (camera, number))
    if row is None:
        raise NotThere
    return row
