"""Obligations for tests, and what stands in the tables."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database
from bingjian.duties.models import DueRow, DutyRow, Obligation, Subject
from bingjian.duties.owing import owe
from tests.backend import NOON_NS

NOW = datetime.fromtimestamp(NOON_NS / 1e9).astimezone()
PAPER = UUID(int=77)


def owes(
    number: int = 1,
    due: datetime | None = None,
    *,
    code: str = "R25.4",
    key: str = "",
    owner: UUID | None = None,
    reminders: tuple[datetime, ...] = (),
    kind: str = "plan",
) -> Obligation:
    subject = Subject(kind, UUID(int=number), f"计划{number}", "230102")
    return Obligation(code, subject, owner, NOW, due, key, reminders)


async def open_all(database: Database, *obligations: Obligation) -> None:
    """Each in its own transaction."""
    for one in obligations:

        async def work(session: AsyncSession, one: Obligation = one) -> None:
            await owe(session, one)

        await database.run(work)


async def duties(database: Database) -> list[DutyRow]:
    async with database.read() as session:
        return list(await session.scalars(select(DutyRow).order_by(DutyRow.subject, DutyRow.key)))


async def dues(database: Database) -> list[DueRow]:
    """What is still to be done."""
    async with database.read() as session:
        query = select(DueRow).where(DueRow.done_at.is_(None)).order_by(DueRow.due_at, DueRow.kind)
        return list(await session.scalars(query))
