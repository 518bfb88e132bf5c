"""What a step has at hand while it is taken: the transaction, the law, the instant, and who takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.db.areas import is_within
from bingjian.duties.models import DutyRow, Evidence, Obligation, Subject
from bingjian.duties.owing import drop, meet, owe
from bingjian.inventory.organisations import OrganisationRow
from bingjian.journal.append import Journal
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import Data
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.rules.decision import Grant, Refusal, granted
from bingjian.rules.decisions import validity
from bingjian.rules.holidays import Holidays
from bingjian.rules.law import Law

Some = TypeVar("Some", bound=Data)


@dataclass(slots=True)
class Step:
    """One step being taken. Nothing of it holds unless the whole step does."""

    session: AsyncSession
    journal: Journal
    book: Lawbook
    now: datetime
    actor: Actor
    record: RecordRow
    acting: OrganisationRow | None  # the organisation that the person acts for

    # --- facts

    @property
    def law(self) -> Law:
        """What binds now."""
        return self.book.at(self.now)

    @property
    def holidays(self) -> Holidays:
        return self.book.holidays

    @property
    def body(self) -> str:
        """Code of the body that the person acts for; empty: nobody's."""
        return self.acting.body if self.acting is not None else ""

    async def get(self, kind: str, record: UUID) -> RecordRow:
        """Raises RefersToNothing: none of this kind, or outside the person's areas."""
        row = await self.session.get(RecordRow, record)
        if row is None or row.kind != kind or not is_within(row.division, self.actor.areas):
            raise RefersToNothing(kind, kind)
        return row

    async def about(self, subject: UUID, kind: str, states: Sequence[str] = ()) -> list[RecordRow]:
        """The records of a kind about a subject, oldest first."""
        query = select(RecordRow).where(RecordRow.subject == subject, RecordRow.kind == kind)
        if states:
            query = query.where(RecordRow.state.in_(states))
        return list(await self.session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id)))

    async def organisation(self, organisation: UUID | None) -> OrganisationRow | None:
        return await self.session.get(OrganisationRow, organisation) if organisation is not None else None

    # --- rules

    def require(self, answer: Grant | Refusal) -> Grant:
        """Raises Refused."""
        return granted(answer)

    # --- duties

    @property
    def subject(self) -> Subject:
        """This record, as the subject of a duty."""
        return subject_of(self.record)

    async def owe(self, obligation: Obligation) -> DutyRow | None:
        """Open a duty; None if the law that asks for it was not in force when it began (R36.1)."""
        if not validity.arises(self.book.whole, obligation.code, obligation.begun):
            return None
        return await owe(self.session, obligation)

    async def meet(self, code: str, subject: UUID | None = None, key: str = "") -> DutyRow | None:
        """Close the open duty of this code about the subject (this record); the record is the evidence."""
        evidence = Evidence(self.record.kind, self.record.id)
        return await meet(self.session, subject or self.record.id, code, evidence, self.now, key)

    async def drop(self, *codes: str, subject: UUID | None = None) -> None:
        """Nobody owes these any more (or, without codes, anything about the subject)."""
        await drop(self.session, subject or self.record.id, self.now, codes)


def subject_of(record: RecordRow) -> Subject:
    return Subject(record.kind, record.id, record.title, record.division)


def data_of(record: RecordRow, model: type[Some]) -> Some:
    """The data of a record."""
    return model.model_validate_json(record.data_json)
