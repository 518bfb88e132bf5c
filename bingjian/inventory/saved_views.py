"""Saved views: filters over the camera list that a person keeps, for themselves or for all."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, String, Text, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.clock import Clock, utc_now
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.inventory.camera_files import dumps
from bingjian.inventory.errors import NotThere, TooManyViews
from bingjian.inventory.history import Who

VIEWS_MAX = 100  # of one person; more is a list that nobody reads


class SavedViewRow(Base):
    """One view; ``query_json`` are the query parameters of the list."""

    __tablename__ = "saved_views"
    __table_args__ = (Index("ix_saved_views_person", "person"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    query_json: Mapped[str] = mapped_column(Text)
    is_shared: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def query(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.query_json)
        return found


@dataclass(frozen=True, slots=True)
class ViewWish:
    name: str
    query: dict[str, Any]
    is_shared: bool = False


class SavedViews:
    """A person's own, and what others share. They are a convenience: not in the journal."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self, who: Who) -> list[SavedViewRow]:
        """Those of the person and the shared ones, by name."""
        table = SavedViewRow
        query = select(table).where(or_(table.person == who.id, table.is_shared.is_(True)))
        async with self._database.read() as session:
            return list(await session.scalars(query.order_by(table.name, table.id)))

    async def add(self, wish: ViewWish, who: Who) -> SavedViewRow:
        """Raises TooManyViews."""

        async def work(session: AsyncSession) -> SavedViewRow:
            own = await session.scalars(select(SavedViewRow.id).where(SavedViewRow.person == who.id))
            if len(own.all()) >= VIEWS_MAX:
                raise TooManyViews(VIEWS_MAX)
            row = SavedViewRow(id=uuid4(), person=who.id, **self._columns(wish))
            session.add(row)
            return row

        return await self._database.run(work)

    async def change(self, view: UUID, wish: ViewWish, who: Who) -> SavedViewRow:
        """Raises NotThere, also for another person's."""

        async def work(session: AsyncSession) -> SavedViewRow:
            row = await own_view(session, view, who)
            for name, value in self._columns(wish).items():
                setattr(row, name, value)
            return row

        return await self._database.run(work)

    async def remove(self, view: UUID, who: Who) -> None:
        """Raises NotThere, also for another person's."""

        async def work(session: AsyncSession) -> None:
            await session.delete(await own_view(session, view, who))

        await self._database.run(work)

    def _columns(self, wish: ViewWish) -> dict[str, Any]:
        return {
            "name": wish.name,
            "query_json": dumps(wish.query),
            "is_shared": wish.is_shared,
            "changed_at": utc_now(self._clock),
        }


async def own_view(session: AsyncSession, view: UUID, who: Who) -> SavedViewRow:
    row = await session.get(SavedViewRow, view)
    if row is None or row.person != who.id:
        raise NotThere
    return row
