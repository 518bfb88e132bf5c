"""Who answers for a system's upkeep (arts. 10¶2 and 23): what is kept of it, and what others ask.

Entering service asks ``responsibility_answer``; computing all duties asks ``responsibility_obligations``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.models import Obligation
from bingjian.procedures.kinds import Data, DocumentId, Line, OrganisationId, said
from bingjian.procedures.known_system import KIND as SYSTEM
from bingjian.procedures.known_system import known
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of, subject_of
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions import upkeep
from bingjian.rules.law import Law

KIND = "responsibility"
CODE = "R23.1"
MOST = 1000  # periods or signatures of one system


class Agreement(Data):
    """Between owner and user (art. 10¶2); it counts once both have signed."""

    body: OrganisationId | None = said("负责建设和维护的单位", "Who builds and maintains", default=None)
    document: DocumentId | None = said("约定文件", "Document", default=None)
    signed_by: Annotated[tuple[OrganisationId, ...], Field(max_length=MOST)] = said(
        "已签字单位", "Signed by", default=()
    )


class Period(Data):
    """One body's time. ``end`` empty: it still is."""

    unit: OrganisationId = said("维护责任主体", "Responsible body")
    contact: Line = said("联系方式", "Contact", default="")
    start: AwareDatetime = said("开始", "From")
    end: AwareDatetime | None = said("结束", "Until", default=None)
    basis: str = said("依据", "Basis")  # a standing of ``owners``, "handover" or "decision"
    document: DocumentId | None = said("文件", "Document", default=None)


class Answers(Data):
    """Who answers by which duty; both are shown where decree and measures differ (C11)."""

    standing: str = said("身份", "Standing")
    unit: OrganisationId | None = said("单位", "Body", default=None)
    code: str = said("条款", "Duty")


class Holding(Data):
    """Whose the place is."""

    owner: OrganisationId | None = said("所有权人", "Owner", default=None)
    user: OrganisationId | None = said("使用人", "User", default=None)
    manager: OrganisationId | None = said("管理单位", "Managing body", default=None)
    operator: OrganisationId | None = said("场所经营管理单位", "Operator of the place", default=None)
    is_state_owned: bool = said("国家所有", "State property", default=False)
    place_kind: Line = said("场所类型", "Kind of place", default="")


class Responsibility(Holding):
    agreement: Agreement | None = said("约定", "Agreement", default=None)
    answering: tuple[Answers, ...] = said("推定结果", "Who answers", default=())
    periods: Annotated[tuple[Period, ...], Field(max_length=MOST)] = said("责任期", "Periods", default=())
    unclear_since: AwareDatetime | None = said("不明确起", "Unclear since", default=None)


def facts_of(periods: Sequence[Period]) -> list[upkeep.Responsible]:
    return [upkeep.Responsible(str(one.unit), one.contact, one.start, one.end) for one in periods]


async def record_of(session: AsyncSession, system: UUID) -> RecordRow | None:
    """The one record of a system."""
    query = select(RecordRow).where(RecordRow.kind == KIND, RecordRow.subject == system)
    row: RecordRow | None = await session.scalar(query)
    return row


async def periods_of(session: AsyncSession, system: UUID) -> tuple[Period, ...]:
    row = await record_of(session, system)
    return data_of(row, Responsibility).periods if row is not None else ()


async def responsible_for(session: AsyncSession, system: UUID, at: datetime) -> UUID | None:
    """The body that answers at an instant."""
    units = upkeep.responsible_at(facts_of(await periods_of(session, system)), at)
    return UUID(units[0]) if units else None


async def responsibility_answer(step: Step, system: RecordRow) -> Grant | Refusal:
    """Art. 23: exactly one body, at every moment since somebody first answered for it, and now (R23.1)."""
    periods = await periods_of(step.session, system.id)
    since = min([step.now, *(one.start for one in periods)])
    return upkeep.has_one_responsible_body(step.law, facts_of(periods), since, step.now)


async def responsibility_obligations(session: AsyncSession, book: Lawbook, now: datetime) -> list[Obligation]:
    """Of every system in service without exactly one responsible body; for ``duties.owing.reconcile``."""
    law = book.at(now)
    if not law.binds(CODE):
        return []
    rows = await session.scalars(select(RecordRow).where(RecordRow.kind == KIND))
    periods = {row.subject: data_of(row, Responsibility).periods for row in rows}
    systems = select(RecordRow).where(RecordRow.kind == SYSTEM, RecordRow.state == "in_service")
    return [
        Obligation(CODE, subject_of(row), known(row).organiser, known(row).in_service_at or now, None)
        for row in await session.scalars(systems)
        if not is_answered_for(law, periods.get(row.id, ()), now)
    ]


def is_answered_for(law: Law, periods: Sequence[Period], now: datetime) -> bool:
    """Now: a gap of the past is reported, but nobody can be owed for it any more."""
    return isinstance(upkeep.has_one_responsible_body(law, facts_of(periods), now, now), Grant)
