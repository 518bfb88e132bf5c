"""Inspection by public security (art. 32): an area, a period, and accounts that read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.procedures.fields import When
from bingjian.procedures.kinds import (
    STAYS,
    Data,
    DocumentId,
    Kind,
    Move,
    Opening,
    PersonId,
    Text,
    said,
)
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decisions import offices, supervision
from bingjian.rules.edition import Words

CITY = "230100"  # all of Harbin, in GB/T 2260
Inspectors = Annotated[tuple[PersonId, ...], Field(min_length=1, max_length=100)]


class Supervision(Data):
    begin: datetime = said("检查开始", "Begins")
    until: datetime = said("检查结束", "Its last instant")
    inspectors: tuple[PersonId, ...] = said("检查人员", "Inspectors")
    summary: Text = said("检查结论", "Conclusion", default="")
    report: DocumentId | None = said("检查报告", "Report", default=None)


class SupervisionOpening(Opening):
    begin: When = said("检查开始", "Begins")
    until: When = said("检查结束", "Its last instant")
    inspectors: Inspectors = said("检查人员", "Inspectors")


class Extend(Data):
    until: When = said("检查结束", "Its last instant")


class Conclude(Data):
    summary: Text = said("检查结论", "Conclusion", min_length=1)
    report: DocumentId | None = said("检查报告", "Report", default=None)


async def begin(step: Step, wish: SupervisionOpening) -> Supervision:
    """By public security, of its own territory; the division of the record is the area inspected."""
    require_territory(step, step.record.division)
    begun = Supervision(begin=wish.begin, until=wish.until, inspectors=wish.inspectors)
    inspection_of(begun, step.record.division)
    return begun


async def extend(step: Step, data: Supervision, wish: Extend) -> Supervision:
    later = data.model_copy(update={"until": wish.until})
    inspection_of(later, step.record.division)
    return later


async def conclude(step: Step, data: Supervision, wish: Conclude) -> Supervision:
    return data.model_copy(update={"summary": wish.summary, "report": wish.report})


def require_territory(step: Step, division: str) -> None:
    """Decree 799 art. 5: police of the county level and above, each in its own territory. Raises Refused."""
    own = step.acting.division if step.acting is not None else ""
    level = "" if step.body != "public_security" else "county" if own else "city"
    organ = offices.Police(level, own or CITY)
    step.require(offices.has_jurisdiction(step.book.whole, organ, division or CITY))


def inspection_of(data: Supervision, division: str) -> supervision.Inspection:
    """Raises UsageError: it ends before it begins."""
    return supervision.Inspection(data.begin, data.until, frozenset({division}))


async def inspections_of(session: AsyncSession, person: UUID) -> list[supervision.Inspection]:
    """Every open inspection that names this account."""
    query = select(RecordRow).where(RecordRow.kind == SUPERVISION.name, RecordRow.state == "open")
    rows = list(await session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id)))
    every = [(row.division, data_of(row, Supervision)) for row in rows]
    return [inspection_of(data, division) for division, data in every if person in data.inspectors]


POLICE = frozenset({Role.PUBLIC_SECURITY})
SUPERVISION = Kind(
    name="supervision",
    path="supervisions",
    words=Words("监督检查", "inspection"),
    order="R32.1",
    prefix="JD",
    data=Supervision,
    states={"open": Words("进行中", "open"), "closed": Words("已结束", "closed")},
    opening=SupervisionOpening,
    openers=POLICE,
    readers=POLICE | {Role.INSPECTOR, Role.WORKGROUP_OFFICE, Role.AUDITOR},
    open=begin,
    moves=(
        Move("extend", Words("延长", "extend"), ("open",), STAYS, POLICE, extend, Extend),
        Move("close", Words("结束", "close"), ("open",), "closed", POLICE, conclude, Conclude),
    ),
)
