"""Arts. 14, 18 and 23, Decree 799 art. 14: filings, somebody who answers, qualifications that run out."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select

from bingjian.duties.models import Obligation
from bingjian.procedures import filing_facts, qualifications, responsibility_facts
from bingjian.procedures.filing_changes import filing_obligations
from bingjian.procedures.models import RecordRow
from bingjian.procedures.owed.source import Facts, Source
from bingjian.procedures.responsibility_facts import responsibility_obligations
from bingjian.procedures.step import data_of
from bingjian.procedures.system_data import System, UnitUse
from bingjian.rules.civil import civil_date
from bingjian.rules.decisions.lifecycle import State

SYSTEM, QUALIFICATION, HELD = "system", "qualification", "held"


async def filings(facts: Facts) -> AsyncIterator[Obligation]:
    """R18.1, R18.4, N14: both clocks, and changes of what was filed."""
    for one in await filing_obligations(facts.session, facts.book, facts.now):
        yield one


async def responsible(facts: Facts) -> AsyncIterator[Obligation]:
    """R23.1: of every system in service without exactly one responsible body."""
    for one in await responsibility_obligations(facts.session, facts.book, facts.now):
        yield one


async def running_out(facts: Facts) -> AsyncIterator[Obligation]:
    """R14.3: qualifications that end while their firm's contract runs, for each system once."""
    query = select(RecordRow).where(RecordRow.kind == QUALIFICATION, RecordRow.state == HELD)
    held = qualifications.Held()
    for row in await facts.session.scalars(query.order_by(RecordRow.id)):
        if row.subject is not None:
            held.setdefault(row.subject, []).append((row, data_of(row, qualifications.Qualification)))
    if not held:
        return
    systems = select(RecordRow.id, RecordRow.data_json).where(RecordRow.kind == SYSTEM)
    async for system, text in facts.rows(systems.where(RecordRow.state != State.RETIRED.value)):
        for use in System.model_validate_json(text).units:
            reminder = reminder_for(facts, use, system, held)
            if reminder is not None:
                yield reminder


def reminder_for(facts: Facts, use: UnitUse, system: UUID, held: qualifications.Held) -> Obligation | None:
    """Of a firm's part in a system, while its contract runs."""
    best = qualifications.best_for(use.role, held.get(use.organisation, []))
    if best is None or use.exemption or use.contract_ends < civil_date(facts.now):
        return None
    return qualifications.reminder_of(facts.law, *best, system, use.contract_ends, facts.now)


FILINGS = Source("filings", filing_facts.CODES, (SYSTEM,), filings)
RESPONSIBLE = Source("responsible_bodies", (responsibility_facts.CODE,), (SYSTEM,), responsible)
QUALIFICATIONS = Source("qualifications", (qualifications.DUTY,), (QUALIFICATION,), running_out)
