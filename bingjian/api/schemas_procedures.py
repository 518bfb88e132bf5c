"""Procedures and duties over the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import Out, RefusalOut
from bingjian.api.schemas_organisations import ChangeOut
from bingjian.api.schemas_regulation import WordsOut as WordsOut  # the same words; read from here too


class OwedDutyOut(Out):
    """One obligation; overdue from `due_at` on, which is the first instant after the term."""

    id: UUID
    code: str
    article: str
    words: WordsOut
    subject_kind: str
    subject: UUID
    title: str
    owner: UUID | None
    owner_name: str | None
    division: str
    begun_at: datetime
    due_at: datetime | None
    state: Literal["open", "overdue", "met", "met_late", "lapsed"]
    is_provisional: bool
    reminded_at: datetime | None
    closed_at: datetime | None
    evidence_kind: str
    evidence: UUID | None


class DutiesOut(Out):
    items: list[OwedDutyOut]
    next: str | None
    now: datetime


class TallyOut(Out):
    code: str
    article: str
    words: WordsOut
    open: int
    overdue: int


class TalliesOut(Out):
    items: list[TallyOut]


class RecomputedOut(Out):
    """How many duties followed what is registered."""

    opened: int
    changed: int = Field(description="Given another term or another owner")
    lapsed: int = Field(description="Owed by nobody any more")


class StepOut(Out):
    """A step that the record's state allows."""

    name: str
    is_mine: bool = Field(description="One of the person's roles may take it")
    missing: list[RefusalOut] = Field(description="What must be there first; empty: it may be taken")


class RecordOut(Out):
    """One record of any kind; `data` are those of its kind."""

    id: UUID
    kind: str
    number: str
    title: str
    division: str
    organisation: UUID | None
    subject: UUID | None
    state: str
    version: int
    opened_at: datetime
    changed_at: datetime
    data: dict[str, Any]


class WholeRecordOut(RecordOut):
    steps: list[StepOut]
    duties: list[OwedDutyOut]
    history: list[ChangeOut]


class RecordsOut(Out):
    items: list[RecordOut]
    next: str | None


class MoveOut(Out):
    name: str
    words: WordsOut
    source: list[str]
    target: str = Field(description="Empty: the state stays")
    roles: list[str]
    form: dict[str, Any] = Field(description="JSON Schema of what it wants; labels in `zh` and `en`")


class KindOut(Out):
    name: str
    path: str
    words: WordsOut
    article: str
    states: dict[str, WordsOut]
    subject: str
    openers: list[str]
    readers: list[str]
    opening: dict[str, Any]
    data: dict[str, Any]
    moves: list[MoveOut]


class KindsOut(Out):
    items: list[KindOut]
