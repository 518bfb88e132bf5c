"""The four stages of a main project and of its system, side by side (R12.1)."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.models import Obligation
from bingjian.inventory.history import HistoryRow
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.procedures.system_data import System
from bingjian.rules.decision import Refusal, all_of
from bingjian.rules.decisions import projects
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.law import Law

CODE = "R12.1"
Stages = Mapping[str, AwareDatetime]  # by code of ``sync_stage``, when it was reached
REACHED_BY = {  # a system reaches the stage by coming to this state
    "design": State.DESIGNED,
    "approve": State.APPROVED,
    "build": State.BUILDING,
    "use": State.IN_SERVICE,
}


async def stages_of(session: AsyncSession, system: UUID) -> dict[str, datetime]:
    """When a system first came to each stage, by its history; into use on the day that was entered."""
    query = select(HistoryRow).where(HistoryRow.subject == system).order_by(HistoryRow.version)
    first = dict[str, datetime]()
    for row in await session.scalars(query):
        change = json.loads(row.changes_json).get("state")
        if change:
            first.setdefault(change[1], row.at)
    record = await session.get(RecordRow, system)
    if record is not None and State.IN_SERVICE in first:
        first[State.IN_SERVICE] = data_of(record, System).used_at or first[State.IN_SERVICE]
    return {stage: first[state] for stage, state in REACHED_BY.items() if state in first}


def breaches_of(law: Law, main: Stages, video: Stages, now: datetime) -> tuple[Refusal, ...]:
    """Every stage in which the main project is or was ahead of its system."""
    return all_of(projects.is_in_step(law, projects.Progress(main, video), now))


async def owe_what_is_behind(step: Step, main: Stages, video: Stages) -> None:
    """A stage that the system has still to reach is owed from the main project's day on, by stage."""
    for stage, at in main.items():
        if stage in video:
            await step.meet(CODE, key=stage)
        elif step.law.binds(CODE):
            owner = step.record.organisation
            await step.owe(Obligation(CODE, step.subject, owner, begun=at, due=None, key=stage))


async def exempted(session: AsyncSession) -> list[RecordRow]:
    """The projects without a system, for the report (R12.2), oldest first."""
    query = select(RecordRow).where(RecordRow.kind == "project", RecordRow.state == "exempted")
    return list(await session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id)))
