"""What a custodian has to answer, by deadline; and what an officer may name in a request.

An officer has no base information (art. 27¶1): they are told the names of cameras in their areas, when there
are recordings, and who else of their own unit may look; no position, no cause of a gap, no picture. An
inspector asks as an officer does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.access.models import PersonRow
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import within
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.errors import NoSuchCamera
from bingjian.inventory.models import CameraRow
from bingjian.procedures.access_request_data import Request
from bingjian.procedures.access_request_facts import LOOKERS, plain_number
from bingjian.procedures.hindered import CODE, REQUEST
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import data_of

UNIT_MOST = 2_000  # officers of one unit that are looked through for a number
SHOWN = 20  # of those found: more means that one types on


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request to be answered, and until when."""

    record: RecordRow
    data: Request
    due: DutyRow


@dataclass(frozen=True, slots=True)
class WaitingPage:
    items: list[Waiting]
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class Nameable:
    """A camera that may be named in a request."""

    id: UUID
    name: str
    division: str


class RequestInbox:
    """Read only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def page(self, areas: Sequence[str], limit: int, after: list[str] | None) -> WaitingPage:
        """The most urgent first."""
        query = select(RecordRow, DutyRow).join(DutyRow, DutyRow.subject == RecordRow.id)
        query = query.where(RecordRow.kind == REQUEST, within(RecordRow.division, areas))
        query = query.where(DutyRow.code == CODE, DutyRow.key == "", DutyRow.closed_at.is_(None))
        if after is not None:
            last = datetime.fromisoformat(after[0]), UUID(after[1])
            query = query.where(tuple_(DutyRow.due_at, DutyRow.id) > last)
        query = query.order_by(DutyRow.due_at, DutyRow.id).limit(limit + 1)
        async with self._database.read() as session:
            found = (await session.execute(query)).all()
        items = [Waiting(record, data_of(record, Request), due) for record, due in found[:limit]]
        if len(found) <= limit:
            return WaitingPage(items, None)
        last_due = items[-1].due
        assert last_due.due_at is not None  # the law names a term
        return WaitingPage(items, [last_due.due_at.isoformat(), str(last_due.id)])

    async def cameras(self, actor: Actor, q: str, division: str) -> list[Nameable]:
        """Those with recordings of their own in the person's areas, by name."""
        table = CameraFileRow
        query = select(table.id, table.name, table.division).join(CameraRow, CameraRow.id == table.id)
        query = query.where(within(table.division, actor.areas))
        if q:
            query = query.where(CameraRow.search_name.contains(q.lower(), autoescape=True))
        if division:
            query = query.where(table.division == division)
        async with self._database.read() as session:
            found = await session.execute(query.order_by(table.name, table.id).limit(SHOWN))
            return [Nameable(*row) for row in found]

    async def require_nameable(self, actor: Actor, cameras: Iterable[UUID]) -> None:
        """Raises NoSuchCamera: one of these is not there for this person."""
        wanted = set(cameras)
        query = select(CameraFileRow.id).where(CameraFileRow.id.in_(wanted))
        async with self._database.read() as session:
            found = set(await session.scalars(query.where(within(CameraFileRow.division, actor.areas))))
        if found != wanted:
            raise NoSuchCamera

    async def officers(self, actor: Actor, q: str) -> list[PersonRow]:
        """Officers and inspectors of the person's own unit, by part of the name or the whole number."""
        if actor.organisation is None:
            return []
        async with self._database.read() as session:
            rows = await officers_of(session, actor.organisation)
        now, name, number = utc_now(self._clock), q.casefold(), plain_number(q)
        found = [
            row
            for row in rows
            if row.is_open(now)
            and (name in row.name.casefold() or (number and number == plain_number(row.certificate_number)))
        ]
        return found[:SHOWN]


async def officers_of(session: AsyncSession, unit: UUID) -> list[PersonRow]:
    holds = or_(*(PersonRow.roles.contains(role.value) for role in sorted(LOOKERS)))
    query = select(PersonRow).where(PersonRow.organisation == unit, holds)
    rows = await session.scalars(query.order_by(PersonRow.name).limit(UNIT_MOST))
    return [row for row in rows if row.role_set & LOOKERS]
