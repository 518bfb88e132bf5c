"""Opened, moved, listed: every kind of procedure the same way.

A step is one transaction: read the record, ask whether the step is in order, look up what it refers to, ask
the rules, change the data, open and close duties, write history and journal. A refusal is in the journal
before it is said, and leaves nothing behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, not_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor, Role
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import is_within, within
from bingjian.db.platform import PlatformValue
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow
from bingjian.duties.owing import open_duties
from bingjian.inventory.errors import NotThere
from bingjian.inventory.history import HistoryRow, Subject, differences, history_of, remember
from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.search import searchable, sought
from bingjian.inventory.versions import require_version
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import STAYS, Data, Kind, Move, Opening
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.order import out_of_order
from bingjian.procedures.references import is_there, require_there
from bingjian.procedures.step import Step, data_of
from bingjian.rules.civil import civil_date
from bingjian.rules.decision import Refusal, Refused, all_of, granted

# These see and move what is their own organisation's alone (requirements, section 4: "own").
OWN_ONLY = frozenset({Role.BUILDER, Role.CONSTRUCTION_UNIT, Role.MAINTAINER, Role.TELECOM, Role.OFFICER})


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records; every condition that is given must hold."""

    states: tuple[str, ...] = ()
    subject: UUID | None = None
    division: str = ""  # prefix
    organisation: UUID | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    items: list[RecordRow]
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step that the record's state allows."""

    move: Move
    is_mine: bool  # one of the person's roles may take it
    missing: tuple[Refusal, ...]  # what must be there first


@dataclass(frozen=True, slots=True)
class Whole:
    """A record with all that a person wants to see beside it."""

    record: RecordRow
    steps: list[NextStep]
    duties: list[DutyRow]
    history: list[HistoryRow]


class Procedures:
    """Every kind that the platform knows."""

    def __init__(
        self, database: Database, journal: Journal, clock: Clock, kinds: Sequence[Kind], lawbook: Lawbook
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._lawbook = lawbook
        self.kinds = {kind.name: kind for kind in kinds}

    async def open(self, kind: Kind, wish: Opening, actor: Actor) -> RecordRow:
        """Begin one. Raises Refused, RefersToNothing."""

        async def work(session: AsyncSession) -> RecordRow:
            now = utc_now(self._clock)
            record = await self._new(session, kind, wish, actor, now)
            step = await self._step(session, record, actor, now)
            await self._require_subject(kind, step, wish)
            await require_there(step, wish)
            data = await kind.open(step, wish)
            record.data_json, record.search = data.model_dump_json(), searchable(record.title, record.number)
            session.add(record)
            changes = differences({}, {"state": record.state, **data.model_dump(mode="json")})
            subject = Subject(kind.name, record.id, 1)
            await remember(session, self._journal, subject, "opened", changes, actor, now)
            return record

        name = f"{kind.name}.open"
        return await written_down(self._journal, self._database.run(work), actor, name, None)

    async def move(
        self, kind: Kind, record: UUID, name: str, version: int, wish: Data, actor: Actor
    ) -> RecordRow:
        """Take one step. Raises NotThere, Stale, Refused, RefersToNothing."""
        move = kind.move(name)

        async def work(session: AsyncSession) -> RecordRow:
            row = await self._mine(session, kind, record, actor)
            await require_version(session, row.id, row.version, version)
            now = utc_now(self._clock)
            step = await self._step(session, row, actor, now)
            before = data_of(row, kind.data)
            await self._require_order(kind, move, step, before)
            await require_there(step, wish)
            if move.check is not None and (answer := await move.check(step, before)) is not None:
                granted(answer)
            after = await move.act(step, before, wish)
            await self._write(kind, move, step, before, after)
            return row

        running = self._database.run(work)
        return await written_down(self._journal, running, actor, f"{kind.name}.{name}", record)

    async def whole(self, kind: Kind, record: UUID, actor: Actor) -> Whole:
        """Raises NotThere."""
        async with self._database.read() as session:
            row = await self._mine(session, kind, record, actor)
            step = await self._step(session, row, actor, utc_now(self._clock))
            state = kind.state_of(row, step.now)
            steps = [
                await self._next(step, kind, move)
                for move in kind.moves
                if not move.source or state in move.source
            ]
            return Whole(row, steps, await open_duties(session, row.id), await history_of(session, row.id))

    async def page(
        self, kind: Kind, wanted: RecordFilter, actor: Actor, limit: int, after: list[str] | None
    ) -> RecordPage:
        """Those changed last come first."""
        table = RecordRow
        query = select(table).where(table.kind == kind.name, within(table.division, actor.areas))
        query = query.order_by(table.changed_at.desc(), table.id.desc()).limit(limit + 1)
        roles = actor.roles & kind_roles(kind)
        if not roles:
            return RecordPage([], None)  # of a silent kind: told that there are none
        if roles <= OWN_ONLY | kind.parties_only:
            query = query.where(are_theirs(kind, actor))
        if kind.hidden_from_subject:
            query = query.where(or_(table.subject.is_(None), table.subject != actor.id))
        if wanted.states:
            query = query.where(in_states(kind, wanted.states, utc_now(self._clock)))
        if wanted.subject is not None:
            query = query.where(table.subject == wanted.subject)
        if wanted.division:
            query = query.where(table.division.startswith(wanted.division, autoescape=True))
        if wanted.organisation is not None:
            query = query.where(table.organisation == wanted.organisation)
        if wanted.q:
            query = query.where(table.search.contains(sought(wanted.q), autoescape=True))
        if after is not None:
            last = datetime.fromisoformat(after[0]), UUID(after[1])
            query = query.where(tuple_(table.changed_at, table.id) < last)
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        if len(rows) <= limit:
            return RecordPage(items, None)
        return RecordPage(items, [items[-1].changed_at.isoformat(), str(items[-1].id)])

    # --- inside

    async def _new(
        self, session: AsyncSession, kind: Kind, wish: Opening, actor: Actor, now: datetime
    ) -> RecordRow:
        if not is_within(wish.division, actor.areas):
            raise RefersToNothing("division", "division")
        return RecordRow(
            id=uuid4(),
            kind=kind.name,
            number=await next_number(session, kind.prefix, now),
            title=wish.title,
            division=wish.division,
            organisation=wish.organisation or actor.organisation,
            subject=wish.subject,
            state=kind.first,
            version=1,
            opened_at=now,
            changed_at=now,
        )

    async def _require_subject(self, kind: Kind, step: Step, wish: Opening) -> None:
        if not kind.subject:
            step.record.subject = None
        elif wish.subject is None or not await is_there(step, kind.subject, wish.subject):
            raise RefersToNothing("subject", kind.subject.removeprefix("record:"))

    async def _step(self, session: AsyncSession, record: RecordRow, actor: Actor, now: datetime) -> Step:
        acting = await session.get(OrganisationRow, actor.organisation) if actor.organisation else None
        return Step(session, self._journal, self._lawbook, now, actor, record, acting)

    async def _mine(self, session: AsyncSession, kind: Kind, record: UUID, actor: Actor) -> RecordRow:
        """The record, if the person may know of it. Raises NotThere."""
        row = await session.get(RecordRow, record)
        if row is None or row.kind != kind.name or not is_within(row.division, actor.areas):
            raise NotThere
        if kind.hidden_from_subject and row.subject == actor.id:
            raise NotThere
        roles = actor.roles & kind_roles(kind)
        if not roles or (roles <= OWN_ONLY | kind.parties_only and not is_theirs(kind, row, actor)):
            raise NotThere
        return row

    async def _require_order(self, kind: Kind, move: Move, step: Step, data: Data) -> None:
        state = kind.state_of(step.record, step.now)
        if not move.source or state in move.source:
            return
        if kind.order_of is not None:
            raise Refused(await kind.order_of(step, data, move))
        raise Refused(out_of_order(step.book.whole, kind, move, state))

    async def _write(self, kind: Kind, move: Move, step: Step, before: Data, after: Data) -> None:
        row, was = step.record, kind.state_of(step.record, step.now)
        if (target := move.target if move.leads is None else move.leads(after)) != STAYS:
            row.state = target
        row.data_json, row.version, row.changed_at = after.model_dump_json(), row.version + 1, step.now
        changes = differences(
            {"state": was, **before.model_dump(mode="json")},
            {"state": row.state, **after.model_dump(mode="json")},
        )
        subject = Subject(kind.name, row.id, row.version)
        await remember(step.session, self._journal, subject, move.name, changes, step.actor, step.now)

    async def _next(self, step: Step, kind: Kind, move: Move) -> NextStep:
        missing: tuple[Refusal, ...] = ()
        if move.check is not None:
            answer = await move.check(step, data_of(step.record, kind.data))
            missing = all_of(answer) if answer is not None else ()
        return NextStep(move, bool(step.actor.roles & move.roles), missing)


def are_theirs(kind: Kind, actor: Actor) -> ColumnElement[bool]:
    """Records of the actor's organisation, or that name it as their other party."""
    opened, named = RecordRow.organisation == actor.organisation, as_party(kind, actor)
    return or_(opened, RecordRow.data_json.contains(named, autoescape=True)) if named else opened


def is_theirs(kind: Kind, row: RecordRow, actor: Actor) -> bool:
    named = as_party(kind, actor)
    return row.organisation == actor.organisation or bool(named and named in row.data_json)


def as_party(kind: Kind, actor: Actor) -> str:
    """How a record's data names the actor's organisation as its other party; empty: never."""
    is_named = bool(kind.other_party) and actor.organisation is not None
    return f'"{kind.other_party}":"{actor.organisation}"' if is_named else ""  # as pydantic writes it


def in_states(kind: Kind, states: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """Conditions of ``Kind.state_of``."""
    table = RecordRow
    if kind.lapse is None:
        return table.state.in_(states)
    has_lapsed = and_(table.state == kind.lapse.source, table.ends_at.is_not(None), table.ends_at <= now)
    stands = and_(table.state.in_(states), not_(has_lapsed))
    return or_(stands, has_lapsed) if kind.lapse.target in states else stands


def kind_roles(kind: Kind) -> frozenset[Role]:
    """Whoever has anything to do with records of this kind."""
    return kind.readers | kind.openers | frozenset(role for move in kind.moves for role in move.roles)


async def next_number(session: AsyncSession, prefix: str, now: datetime) -> str:
    """The next of its year: "GH-2026-0001". Writers are alone, so none is given twice."""
    year = civil_date(now).year
    row = await session.get(PlatformValue, f"number.{prefix}.{year}")
    if row is None:
        row = PlatformValue(key=f"number.{prefix}.{year}", value="0")
        session.add(row)
    row.value = str(int(row.value) + 1)
    return f"{prefix}-{year}-{int(row.value):04}"


def plain(data: Data) -> dict[str, Any]:
    """As JSON has it."""
    return data.model_dump(mode="json")
