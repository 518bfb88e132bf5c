"""The list of what is due, and what happens at a reminder and at the end of a term."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Uuid,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import within
from bingjian.db.session import Database
from bingjian.duties.clockwork import Handler
from bingjian.duties.models import DutyRow
from bingjian.duties.owing import OVERDUE, REMIND
from bingjian.entries import DutyOverdue, DutyReminded
from bingjian.journal.append import Journal

JOB = UUID(int=3)  # the clockwork, as actor in the journal
IS_CLOSED = case((DutyRow.closed_at.is_(None), 0), else_=1)
PLACE = case(  # among the open, among the closed: as instants are kept, in µs
    (DutyRow.closed_at.is_(None), type_coerce(func.coalesce(DutyRow.due_at, DutyRow.begun_at), BigInteger)),
    else_=-type_coerce(DutyRow.closed_at, BigInteger),
)


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Which duties; every condition that is given must hold."""

    areas: tuple[str, ...]
    states: frozenset[str] = field(default_factory=frozenset)  # as ``DutyRow.state``; empty: open and overdue
    owner: UUID | None = None
    code: str | None = None
    subject: UUID | None = None
    subject_kind: str | None = None
    division: str = ""  # prefix


@dataclass(frozen=True, slots=True)
class DutyPage:
    items: list[DutyRow]
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of one code are open, and how many of these are overdue."""

    code: str
    open: int
    overdue: int


class Duties:
    """What is due, most urgent first, and what was."""

    def __init__(
        self, database: Database, journal: Journal, clock: Clock, on_overdue: Sequence[Handler] = ()
    ) -> None:
        """``on_overdue``: what else happens then, in the transaction that notes it."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._on_overdue = on_overdue
        self.handlers = {REMIND: self._remind, OVERDUE: self._note_overdue}

    async def page(self, wanted: DutyFilter, limit: int, after: list[str] | None) -> DutyPage:
        """Open ones by due instant, what has no term by when it began; then closed ones, the newest first."""
        now = utc_now(self._clock)
        key = (IS_CLOSED, PLACE, DutyRow.id)
        query = restricted(select(DutyRow, IS_CLOSED, PLACE), wanted, now).order_by(*key).limit(limit + 1)
        if after is not None:
            last = literal(int(after[0])), literal(int(after[1]), BigInteger), literal(UUID(after[2]), Uuid)
            query = query.where(tuple_(*key) > tuple_(*last))
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        items = [row for row, *_ in rows[:limit]]
        if len(rows) <= limit:
            return DutyPage(items, None)
        last_row, *last_key = rows[limit - 1]
        return DutyPage(items, [*map(str, last_key), str(last_row.id)])

    async def tally(self, wanted: DutyFilter) -> list[Tally]:
        """By code."""
        now = utc_now(self._clock)
        late = func.sum(case((DutyRow.due_at <= now, 1), else_=0))
        query = restricted(select(DutyRow.code, func.count(), late), wanted, now)
        query = query.group_by(DutyRow.code).order_by(DutyRow.code)
        async with self._database.read() as session:
            return [Tally(code, total, int(over or 0)) for code, total, over in await session.execute(query)]

    async def _remind(self, session: AsyncSession, duty: UUID, now: datetime) -> None:
        row = await session.get(DutyRow, duty)
        if row is None or row.closed_at is not None:
            return
        row.reminded_at = now
        await self._journal.append(DutyReminded(str(JOB), str(duty), row.code, str(row.subject)))

    async def _note_overdue(self, session: AsyncSession, duty: UUID, now: datetime) -> None:
        row = await session.get(DutyRow, duty)
        if row is None or row.closed_at is not None or row.overdue_noted_at is not None:
            return
        row.overdue_noted_at = now
        noted = await self._journal.append(DutyOverdue(str(JOB), str(duty), row.code, str(row.subject)))
        row.overdue_entry = noted.sequence
        for follow in self._on_overdue:
            await follow(session, duty, now)


def restricted(query: Select, wanted: DutyFilter, now: datetime) -> Select:  # type: ignore[type-arg]  # of any columns
    """Only the duties wanted."""
    query = query.where(within(DutyRow.division, wanted.areas), in_states(wanted.states, now))
    for column, value in (
        (DutyRow.owner, wanted.owner),
        (DutyRow.code, wanted.code),
        (DutyRow.subject, wanted.subject),
        (DutyRow.subject_kind, wanted.subject_kind),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.division:
        query = query.where(DutyRow.division.startswith(wanted.division, autoescape=True))
    return query


def in_states(states: frozenset[str], now: datetime) -> ColumnElement[bool]:
    """Conditions of ``DutyRow.state``."""
    is_open = DutyRow.closed_at.is_(None)
    late = and_(DutyRow.due_at.is_not(None), DutyRow.due_at <= now)
    met = DutyRow.outcome == "met"
    met_late = and_(DutyRow.due_at.is_not(None), DutyRow.closed_at >= DutyRow.due_at)
    conditions = {
        "open": and_(is_open, or_(DutyRow.due_at.is_(None), DutyRow.due_at > now)),
        "overdue": and_(is_open, late),
        "met": and_(met, or_(DutyRow.due_at.is_(None), DutyRow.closed_at < DutyRow.due_at)),
        "met_late": and_(met, met_late),
        "lapsed": DutyRow.outcome == "lapsed",
    }
    return or_(*(conditions[state] for state in sorted(states))) if states else is_open
