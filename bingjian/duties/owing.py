"""Opened, met and dropped in the same transaction as what they are about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.models import DueRow, DutyRow, Evidence, Obligation

REMIND, OVERDUE = "duty.remind", "duty.overdue"
Item = TypeVar("Item")
CHUNK = 500  # ids or rows in one statement: SQLite takes 32 766 values


async def owe(session: AsyncSession, obligation: Obligation) -> DutyRow:
    """Open a duty, or have the open one follow what the rules now say of its term."""
    found = await open_duty(session, obligation.subject.id, obligation.code, obligation.key)
    if found is None:
        found = DutyRow(**values_of(obligation))
        session.add(found)
    elif found.due_at == obligation.due and found.owner == obligation.owner:
        return found
    else:
        found.due_at, found.owner, found.overdue_noted_at = obligation.due, obligation.owner, None
        await unschedule(session, [found.id])
    await session.flush()
    session.add_all([DueRow(**due) for due in dues_of(found.id, obligation)])
    return found


async def meet(
    session: AsyncSession, subject: UUID, code: str, evidence: Evidence, at: datetime, key: str = ""
) -> DutyRow | None:
    """Close the open duty by its evidence; None if there is none open."""
    found = await open_duty(session, subject, code, key)
    if found is not None:
        found.closed_at, found.outcome = at, "met"
        found.evidence_kind, found.evidence = evidence.kind, evidence.id
        await unschedule(session, [found.id])
    return found


async def drop(session: AsyncSession, subject: UUID, at: datetime, codes: Sequence[str] = ()) -> None:
    """Close what is open about a subject, of these codes or all: nobody owes it any more."""
    query = select(DutyRow.id).where(DutyRow.subject == subject, DutyRow.closed_at.is_(None))
    if codes:
        query = query.where(DutyRow.code.in_(codes))
    await lapse(session, list(await session.scalars(query)), at)


async def lapse(session: AsyncSession, duties: Sequence[UUID], at: datetime) -> None:
    """Close these without evidence."""
    for some in pieces(duties):
        closing = update(DutyRow).where(DutyRow.id.in_(some)).values(closed_at=at, outcome="lapsed")
        await session.execute(closing.execution_options(synchronize_session=False))
        await unschedule(session, some)


async def open_duty(session: AsyncSession, subject: UUID, code: str, key: str = "") -> DutyRow | None:
    query = select(DutyRow).where(
        DutyRow.subject == subject, DutyRow.code == code, DutyRow.key == key, DutyRow.closed_at.is_(None)
    )
    row: DutyRow | None = await session.scalar(query)
    return row


async def open_duties(session: AsyncSession, subject: UUID) -> list[DutyRow]:
    """What is open about a subject, the most urgent first."""
    query = select(DutyRow).where(DutyRow.subject == subject, DutyRow.closed_at.is_(None))
    return list(await session.scalars(query.order_by(DutyRow.due_at, DutyRow.code)))


async def unschedule(session: AsyncSession, duties: Sequence[UUID]) -> None:
    await session.execute(delete(DueRow).where(DueRow.subject.in_(duties), DueRow.done_at.is_(None)))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many duties were opened, were given another term or owner, and lapsed (nobody owes them now)."""

    opened: int = 0
    changed: int = 0
    lapsed: int = 0

    def __add__(self, other: "Reconciled") -> "Reconciled":
        return Reconciled(
            self.opened + other.opened, self.changed + other.changed, self.lapsed + other.lapsed
        )


async def reconcile(
    session: AsyncSession,
    codes: Sequence[str],
    expected: Iterable[Obligation],
    now: datetime,
    about: Sequence[str] = (),
) -> Reconciled:
    """Make the open duties of these codes exactly those expected; set-based, for a whole city at once.

    Args:
        about: only those about subjects of these kinds; empty: whatever they are about.
    """
    wanted = {one.identity: one for one in expected}
    columns = (DutyRow.id, DutyRow.subject, DutyRow.code, DutyRow.key, DutyRow.due_at, DutyRow.owner)
    query = select(*columns).where(DutyRow.code.in_(codes), DutyRow.closed_at.is_(None))
    if about:
        query = query.where(DutyRow.subject_kind.in_(about))
    gone, other = list[UUID](), list[tuple[UUID, Obligation]]()
    for duty, subject, code, key, due_at, owner in await session.execute(query):
        one = wanted.pop((subject, code, key), None)
        if one is None:
            gone.append(duty)
        elif (one.due, one.owner) != (due_at, owner):
            other.append((duty, one))
    await lapse(session, gone, now)
    await follow(session, other)
    await owe_all(session, list(wanted.values()))
    return Reconciled(len(wanted), len(other), len(gone))


async def follow(session: AsyncSession, duties: Sequence[tuple[UUID, Obligation]]) -> None:
    """Give open duties the term and the owner that the rules now say."""
    for some in pieces(duties):
        values = [
            {"id": duty, "due_at": one.due, "owner": one.owner, "overdue_noted_at": None}
            for duty, one in some
        ]
        await session.execute(update(DutyRow), values)
        await unschedule(session, [duty for duty, _ in some])
        dues = [due for duty, one in some for due in dues_of(duty, one)]
        if dues:
            await session.execute(insert(DueRow), dues)


async def owe_all(session: AsyncSession, obligations: Sequence[Obligation]) -> None:
    """Open many that are not open yet."""
    for some in pieces(obligations):
        rows = [values_of(one) for one in some]
        await session.execute(insert(DutyRow), rows)
        dues = [due for row, one in zip(rows, some, strict=True) for due in dues_of(as_uuid(row["id"]), one)]
        if dues:
            await session.execute(insert(DueRow), dues)


def values_of(obligation: Obligation) -> dict[str, object]:
    """The row of a duty that is opened."""
    subject = obligation.subject
    return {
        "id": uuid4(),
        "code": obligation.code,
        "subject_kind": subject.kind,
        "subject": subject.id,
        "key": obligation.key,
        "title": subject.title,
        "owner": obligation.owner,
        "division": subject.division,
        "begun_at": obligation.begun,
        "due_at": obligation.due,
        "is_provisional": obligation.is_provisional,
        "outcome": "",
        "evidence_kind": "",
    }


def dues_of(duty: UUID, obligation: Obligation) -> list[dict[str, object]]:
    """When to remind of it, and when to note that it is overdue."""
    wanted = [(REMIND, at) for at in obligation.reminders]
    if obligation.due is not None:
        wanted.append((OVERDUE, obligation.due))
    return [
        {"id": uuid4(), "kind": kind, "subject": duty, "due_at": at, "attempts": 0} for kind, at in wanted
    ]


def as_uuid(value: object) -> UUID:
    assert isinstance(value, UUID)
    return value


def pieces(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))
