"""Presets of cameras: a number that the camera keeps, our name for it, and the view registered for it.

A preset without a registered view is not one of ours, and nobody goes to it (R9.7, R19.4).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.clock import Clock, utc_now
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.entries import PresetDeleted, PresetSet
from bingjian.inventory.errors import NotThere
from bingjian.journal.append import Journal

PRESET_MAX = 255  # GB/T 28181-2022, A.3.4: one byte, 0 is not used


@dataclass(frozen=True, slots=True)
class PresetView:
    """What the camera shows there. Degrees; azimuth clockwise from north."""

    azimuth: float
    h_fov: float
    pitch: float


class PresetRow(Base):
    """One preset of one camera. Its view is base information."""

    __tablename__ = "presets"

    camera: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    azimuth: Mapped[float]
    h_fov: Mapped[float]
    pitch: Mapped[float]
    is_home: Mapped[bool]  # the camera's registered view, where it goes back to
    set_by: Mapped[UUID]
    set_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def view(self) -> PresetView:
        return PresetView(self.azimuth, self.h_fov, self.pitch)


@dataclass(frozen=True, slots=True)
class PresetWish:
    """A preset as somebody wants it kept; it has been judged."""

    number: int
    name: str
    view: PresetView
    is_home: bool


class Presets:
    """Whoever calls has been let in, and told the camera."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def of(self, camera: UUID) -> list[PresetRow]:
        """By number."""
        query = select(PresetRow).where(PresetRow.camera == camera).order_by(PresetRow.number)
        async with self._database.read() as session:
            return list(await session.scalars(query))

    async def get(self, camera: UUID, number: int) -> PresetRow:
        """Raises NotThere."""
        async with self._database.read() as session:
            return await preset(session, camera, number)

    async def keep(self, camera: UUID, wish: PresetWish, by: UUID) -> PresetRow:
        """In place of what had this number, and of what was home if it is to be."""

        async def work(session: AsyncSession) -> PresetRow:
            if wish.is_home:
                for other in await session.scalars(select(PresetRow).where(PresetRow.camera == camera)):
                    other.is_home = False
            row = await session.get(PresetRow, (camera, wish.number))
            if row is None:
                row = PresetRow(camera=camera, number=wish.number)
                session.add(row)
            row.name, row.is_home, row.set_by, row.set_at = wish.name, wish.is_home, by, utc_now(self._clock)
            row.azimuth, row.h_fov, row.pitch = wish.view.azimuth, wish.view.h_fov, wish.view.pitch
            await session.flush()
            told = str(by), str(camera), wish.number, wish.name, wish.is_home
            await self._journal.append(PresetSet(*told))
            return row

        return await self._database.run(work)

    async def delete(self, camera: UUID, number: int, by: UUID) -> None:
        """Raises NotThere."""

        async def work(session: AsyncSession) -> None:
            row = await preset(session, camera, number)
            await session.delete(row)
            await session.flush()
            await self._journal.append(PresetDeleted(str(by), str(camera), number, row.name))

        await self._database.run(work)


async def preset(session: AsyncSession, camera: UUID, number: int) -> PresetRow:
    """Raises NotThere."""
    row = await session.get(PresetRow, (camera, number))
    if row is None:
        raise NotThere
    return row
