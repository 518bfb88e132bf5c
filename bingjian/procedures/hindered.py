"""Lawful use refused or hindered (art. 31(10)): what is reported to public security, or to the office.

A request that is not answered in its term is reported when the term ends; a refusal whose items the record
contradicts, when it is given. Nobody is told of their own: where public security keeps the footage, it is the
office. Both are duties about the request: one is met by the answer, the other by whoever looks into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import is_within, within
from bingjian.db.session import Database
from bingjian.duties.models import DutyRow, Evidence, Obligation, Subject
from bingjian.duties.owing import meet, open_duty, owe
from bingjian.inventory.errors import NotThere
from bingjian.inventory.history import Subject as Changed
from bingjian.inventory.history import differences, remember
from bingjian.inventory.organisations import OrganisationRow, body_id
from bingjian.journal.append import Journal
from bingjian.procedures.access_request_data import Request
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import data_of
from bingjian.rules.decision import consistent

REQUEST, CODE = "access_request", "R31.10"
UNANSWERED, CONTRADICTED = "reported", "contradicted"  # keys of the duty, beside that to answer
POLICE, OFFICE = "public_security", "workgroup_office"  # codes of ``body``


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One request, and why it was reported."""

    duty: DutyRow
    record: RecordRow
    data: Request


async def report(
    session: AsyncSession, subject: Subject, keeper: UUID | None, key: str, now: datetime
) -> None:
    """Have it dealt with at once, by public security of the place or by the office."""
    owner = await told_of(session, keeper, subject.division)
    await owe(session, Obligation(CODE, subject, owner, now, None, key=key))


async def told_of(session: AsyncSession, keeper: UUID | None, division: str) -> UUID:
    """Whom it is reported to."""
    kept_by = await session.get(OrganisationRow, keeper) if keeper is not None else None
    if kept_by is not None and kept_by.body == POLICE:
        return body_id(OFFICE)
    local = body_id(POLICE, division)
    return local if await session.get(OrganisationRow, local) is not None else body_id(POLICE)


async def report_unanswered(session: AsyncSession, duty: UUID, now: datetime) -> None:
    """At the end of the term, if it is one to answer a request."""
    row = await session.get(DutyRow, duty)
    if row is None or row.closed_at is not None or (row.code, row.key) != (CODE, ""):
        return
    subject = Subject(row.subject_kind, row.subject, row.title, row.division)
    await report(session, subject, row.owner, UNANSWERED, now)


class Hindered:
    """What was reported and not dealt with yet. Of a request no more is told than how it was answered."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def listed(self, areas: Sequence[str], limit: int) -> list[Hindrance]:
        """Those reported first in front."""
        query = select(DutyRow, RecordRow).join(RecordRow, RecordRow.id == DutyRow.subject)
        query = query.where(DutyRow.code == CODE, DutyRow.key != "", DutyRow.closed_at.is_(None))
        query = query.where(within(RecordRow.division, areas), RecordRow.kind == REQUEST)
        async with self._database.read() as session:
            found = await session.execute(query.order_by(DutyRow.begun_at, DutyRow.id).limit(limit))
            return [Hindrance(duty, record, data_of(record, Request)) for duty, record in found]

    async def look_into(self, record: UUID, note: str, actor: Actor) -> None:
        """A refusal that the record contradicts was looked into. Raises NotThere, UsageError: one's own."""

        async def work(session: AsyncSession) -> None:
            row = await session.get(RecordRow, record)
            if row is None or row.kind != REQUEST or not is_within(row.division, actor.areas):
                raise NotThere
            if await open_duty(session, record, CODE, CONTRADICTED) is None:
                raise NotThere
            before = data_of(row, Request)
            consistent(
                before.refused is None or before.refused.by != actor.name, "one's own refusal is looked into"
            )
            now = utc_now(self._clock)
            await meet(session, record, CODE, Evidence(REQUEST, record), now, CONTRADICTED)
            after = before.model_copy(update={"reviewed": note})
            row.data_json, row.version, row.changed_at = after.model_dump_json(), row.version + 1, now
            changes = differences(before.model_dump(mode="json"), after.model_dump(mode="json"))
            changed = Changed(REQUEST, record, row.version)
            await remember(session, self._journal, changed, "looked_into", changes, actor, now)

        await self._database.run(work)
