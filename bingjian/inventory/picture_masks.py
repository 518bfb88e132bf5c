"""Privacy masks of cameras (R6.2, R31.1): what a picture hides from everybody who may not unmask.

A mask set inside the camera is preferred: it is in the pixels already, so it is only recorded here that it
is. One of the platform is filled in by the imaging process wherever the picture is shown. A mask is never
changed: it ends, and another begins. What was recorded before its end stays hidden; so the masks of a look
are those that stand, and those that stood when its first picture was taken or later.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.clock import Clock, utc_now
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.imaging.masks import MASKS_MAX, Mask, MaskError, told
from bingjian.inventory.errors import MaskNotAccepted, NotThere, TooManyMasks
from bingjian.inventory.history import Subject, Who, differences, remember
from bingjian.inventory.models import CameraRow
from bingjian.journal.append import Journal

KIND = "picture_mask"
Where = Literal["camera", "platform"]  # whose work it is: the camera's own, or ours


class PictureMaskRow(Base):
    """One mask of one camera."""

    __tablename__ = "picture_masks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    camera: Mapped[UUID] = mapped_column(index=True)
    hides: Mapped[str] = mapped_column(String(200))  # what, in words: "windows of the house behind"
    where: Mapped[Where] = mapped_column("made_in", String(10))
    polygon_json: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def mask(self) -> Mask:
        return Mask(tuple((x, y) for x, y in json.loads(self.polygon_json)))

    @property
    def polygon(self) -> tuple[tuple[float, float], ...]:
        return self.mask.polygon


@dataclass(frozen=True, slots=True)
class MaskWish:
    """A mask as somebody draws it; nothing is checked yet."""

    hides: str
    where: Where
    polygon: Sequence[Sequence[float]]


class PictureMasks:
    """Whoever calls has been let in by the door."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def of(self, camera: UUID) -> list[PictureMaskRow]:
        """Those that stand, oldest first."""
        async with self._database.read() as session:
            return await standing(session, camera)

    async def add(self, camera: UUID, wish: MaskWish, who: Who) -> PictureMaskRow:
        """From now on, also over what is recorded. Raises MaskNotAccepted, TooManyMasks, NotThere."""

        async def work(session: AsyncSession) -> PictureMaskRow:
            return await self._add(session, camera, wish, who, utc_now(self._clock))

        return await self._database.run(work)

    async def replace(self, camera: UUID, mask: UUID, wish: MaskWish, who: Who) -> PictureMaskRow:
        """Another in its place. Raises MaskNotAccepted, NotThere."""

        async def work(session: AsyncSession) -> PictureMaskRow:
            now = utc_now(self._clock)
            await self._end(session, camera, mask, who, now)
            return await self._add(session, camera, wish, who, now)

        return await self._database.run(work)

    async def end(self, camera: UUID, mask: UUID, who: Who) -> None:
        """What is recorded from now on is shown without it. Raises NotThere."""

        async def work(session: AsyncSession) -> None:
            await self._end(session, camera, mask, who, utc_now(self._clock))

        await self._database.run(work)

    async def _add(
        self, session: AsyncSession, camera: UUID, wish: MaskWish, who: Who, now: datetime
    ) -> PictureMaskRow:
        if await session.get(CameraRow, camera, with_for_update=True) is None:
            raise NotThere
        if len(await standing(session, camera)) >= MASKS_MAX:
            raise TooManyMasks
        mask = checked(wish)
        row = PictureMaskRow(
            id=uuid4(),
            camera=camera,
            hides=wish.hides,
            where=wish.where,
            polygon_json=json.dumps(mask.polygon),
            since=now,
        )
        session.add(row)
        subject = Subject(KIND, row.id, 1)
        await remember(session, self._journal, subject, "added", differences({}, values_of(row)), who, now)
        return row

    async def _end(self, session: AsyncSession, camera: UUID, mask: UUID, who: Who, now: datetime) -> None:
        row = await session.get(PictureMaskRow, mask, with_for_update=True)
        if row is None or row.camera != camera or row.ended_at is not None:
            raise NotThere
        before = values_of(row)
        row.ended_at = now
        changes = differences(before, values_of(row))
        await remember(session, self._journal, Subject(KIND, row.id, 2), "ended", changes, who, now)

    # --- for the door, and for whoever makes pictures

    async def hiding(self, camera: UUID) -> tuple[PictureMaskRow, ...]:
        """All there have been: which of them a look must show, ``imaging.masks.applied`` says."""
        query = select(PictureMaskRow).where(PictureMaskRow.camera == camera)
        async with self._database.read() as session:
            return tuple(await session.scalars(query.order_by(PictureMaskRow.since, PictureMaskRow.id)))

    async def ours(self) -> Mapping[UUID, Sequence[PictureMaskRow]]:
        """By camera, all that the platform has to fill in, those that have ended too."""
        query = select(PictureMaskRow).where(PictureMaskRow.where == "platform")
        found: dict[UUID, list[PictureMaskRow]] = {}
        async with self._database.read() as session:
            for row in await session.scalars(query.order_by(PictureMaskRow.since, PictureMaskRow.id)):
                found.setdefault(row.camera, []).append(row)
        return found

    async def hidden(self) -> frozenset[UUID]:
        """Cameras of whose pictures the platform has to hide something: workers give no original of them."""
        query = select(PictureMaskRow.camera).distinct()
        query = query.where(PictureMaskRow.where == "platform", PictureMaskRow.ended_at.is_(None))
        async with self._database.read() as session:
            return frozenset(await session.scalars(query))


async def standing(session: AsyncSession, camera: UUID) -> list[PictureMaskRow]:
    query = select(PictureMaskRow).where(PictureMaskRow.camera == camera, PictureMaskRow.ended_at.is_(None))
    return list(await session.scalars(query.order_by(PictureMaskRow.since, PictureMaskRow.id)))


def checked(wish: MaskWish) -> Mask:
    """Raises MaskNotAccepted."""
    try:
        return Mask.checked(wish.polygon)
    except MaskError as error:
        raise MaskNotAccepted(str(error)) from error


def values_of(row: PictureMaskRow) -> dict[str, Any]:
    """The mask as its history has it."""
    ended = row.ended_at.isoformat() if row.ended_at else None
    polygon = told([row.mask])[0]["polygon"]
    camera = str(row.camera)
    return {"camera": camera, "hides": row.hides, "where": row.where, "polygon": polygon, "ended_at": ended}
