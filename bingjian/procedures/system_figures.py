"""The systems of an area, each with its figures: cameras, and what is owed about it (art. 32)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import within
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.procedures.models import RecordRow

SYSTEM, IN_SERVICE = "system", "in_service"


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """One system: how many cameras it has and how many of them work, what is owed about it and overdue."""

    record: RecordRow
    cameras: int
    in_service: int
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class FigurePage:
    items: list[SystemFigures]
    next_key: list[str] | None


class SystemList:
    """Read only; three statements a page, whatever the size of the city."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def page(self, areas: Sequence[str], limit: int, after: list[str] | None) -> FigurePage:
        """By division and number."""
        table = RecordRow
        query = select(table).where(table.kind == SYSTEM, within(table.division, areas))
        if after is not None:
            query = query.where(tuple_(table.division, table.number) > (after[0], after[1]))
        query = query.order_by(table.division, table.number).limit(limit + 1)
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
            ids = [row.id for row in rows[:limit]]
            cameras = await cameras_of(session, ids)
            owed = await owed_about(session, ids, utc_now(self._clock))
        items = [
            SystemFigures(row, *cameras.get(row.id, (0, 0)), *owed.get(row.id, (0, 0)))
            for row in rows[:limit]
        ]
        last = rows[limit - 1] if len(rows) > limit else None
        return FigurePage(items, [last.division, last.number] if last is not None else None)


async def cameras_of(session: AsyncSession, systems: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """By system: all, and those in service."""
    working = func.sum(case((CameraFileRow.state == IN_SERVICE, 1), else_=0))
    query = select(CameraFileRow.system, func.count(), working).where(CameraFileRow.system.in_(systems))
    found = await session.execute(query.group_by(CameraFileRow.system))
    return {system: (total, int(some or 0)) for system, total, some in found}


async def owed_about(
    session: AsyncSession, systems: Sequence[UUID], now: datetime
) -> dict[UUID, tuple[int, int]]:
    """By system: duties open about it or about a record of it, and those overdue."""
    record = aliased(RecordRow)
    system = case((DutyRow.subject.in_(systems), DutyRow.subject), else_=record.subject)
    late = func.sum(case((DutyRow.due_at <= now, 1), else_=0))
    query = select(system, func.count(), late).outerjoin(record, record.id == DutyRow.subject)
    about = or_(DutyRow.subject.in_(systems), record.subject.in_(systems))
    found = await session.execute(query.where(DutyRow.closed_at.is_(None), about).group_by(system))
    return {one: (total, int(over or 0)) for one, total, over in found}
