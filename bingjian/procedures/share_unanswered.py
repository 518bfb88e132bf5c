"""A request to share that nobody answers in its term is told to the city data authority (art. 20)."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.models import DueRow, Obligation
from bingjian.duties.owing import owe
from bingjian.inventory.organisations import body_id
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, subject_of
from bingjian.rules.decisions import validity
from bingjian.rules.decisions.sharing import answer_until

NAME, ASKED = "share_request", "asked"  # the kind, and the state in which it waits
DUTY, ANSWER, REPORT = "R20.2", "answer", "report"  # keys: the holder answers; the data authority sees to it
AUTHORITY = "city_data_authority"  # code of ``body``
UNANSWERED = "share.unanswered"  # kind of the due row


async def answer_due(step: Step) -> datetime | None:
    """The first instant at which an answer is late; it is looked at then. None: no law gives a term."""
    due = answer_until(step.law, step.now, step.holidays)
    if due is not None:
        step.session.add(DueRow(id=uuid4(), kind=UNANSWERED, subject=step.record.id, due_at=due, attempts=0))
    return due


class Unanswered:
    """Asked by the clockwork when a term has ended."""

    def __init__(self, lawbook: Lawbook) -> None:
        self._lawbook = lawbook
        self.handlers = {UNANSWERED: self._report}

    async def _report(self, session: AsyncSession, request: UUID, now: datetime) -> None:
        """The data authority owes an answer now, at once. Repeating it changes nothing."""
        row = await session.get(RecordRow, request)
        if row is None or row.state != ASKED or not validity.arises(self._lawbook.whole, DUTY, now):
            return
        authority = body_id(AUTHORITY)
        await owe(session, Obligation(DUTY, subject_of(row), authority, now, None, REPORT))
