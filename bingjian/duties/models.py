"""Obligations, and the instants at which something about them is to be done."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant

OPEN = text("closed_at IS NULL")
UNDONE = text("done_at IS NULL")


class DutyRow(Base):
    """One obligation of somebody about something.

    It is overdue from ``due_at`` on, which is the first instant after the term; nobody has to notice it.
    """

    __tablename__ = "duties"
    __table_args__ = (
        Index(
            "uq_duties_open",
            *("subject", "code", "key"),
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_duties_due", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_duties_code", "code", "closed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16))  # of the duty in the law, "R18.1"
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(80))  # tells several of one code about one subject apart
    title: Mapped[str] = mapped_column(String(200))  # what the subject is called; never base information
    owner: Mapped[UUID | None] = mapped_column(index=True)  # the organisation that owes it
    division: Mapped[str] = mapped_column(String(6))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)  # None: at once, without a term
    is_provisional: Mapped[bool]  # the holidays of that year are not announced yet
    reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    overdue_noted_at: Mapped[datetime | None] = mapped_column(Instant)
    overdue_entry: Mapped[int | None] = mapped_column(BigInteger, index=True)  # of that note in the journal
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(16))  # "", "met" or "lapsed"
    evidence_kind: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[UUID | None]

    def state(self, now: datetime) -> str:
        """``open``, ``overdue``, ``met``, ``met_late`` or ``lapsed``."""
        if self.outcome == "lapsed":
            return "lapsed"
        end = self.closed_at or now
        late = self.due_at is not None and end >= self.due_at
        if self.closed_at is None:
            return "overdue" if late else "open"
        return "met_late" if late else "met"


class DueRow(Base):
    """Something to be done at an instant; claimed by lease, repeated until done."""

    __tablename__ = "due"
    __table_args__ = (
        Index("ix_due_due_at", "due_at", sqlite_where=UNDONE, postgresql_where=UNDONE),
        Index("ix_due_subject", "subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[UUID]
    due_at: Mapped[datetime] = mapped_column(Instant)
    owner: Mapped[UUID | None]
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int]
    last_error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an obligation is about."""

    kind: str
    id: UUID
    title: str
    division: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """What somebody owes, as the rules computed it."""

    code: str
    subject: Subject
    owner: UUID | None
    begun: datetime
    due: datetime | None  # first instant after the term; None: at once, without a term
    key: str = ""
    reminders: tuple[datetime, ...] = ()
    is_provisional: bool = False

    @property
    def identity(self) -> tuple[UUID, str, str]:
        return self.subject.id, self.code, self.key


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves that a duty was met: a record, a document, a journal entry's subject."""

    kind: str
    id: UUID
