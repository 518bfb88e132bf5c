"""Grants and the register over the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import Out
from bingjian.api.schemas_procedures import WordsOut


class NamedOut(Out):
    id: UUID
    name: str = Field(description="Empty: nobody and nothing of this id is known any more")


class CodedOut(Out):
    code: str
    words: WordsOut


class GrantOut(Out):
    """What one may look at under art. 22."""

    id: UUID
    request: UUID
    number: str = Field(description="Of the request")
    cameras: list[NamedOut]
    begin: datetime = Field(description="Of the footage")
    end: datetime = Field(description="Its first instant that is not shown")
    verbs: list[CodedOut]
    purpose: CodedOut
    destination: str
    expires: datetime = Field(description="Its last instant")
    has_whole_edges: bool


class GrantsOut(Out):
    items: list[GrantOut]


class RegisteredOut(Out):
    """One view, copy or retrieval (art. 25(5)): who, when, what for, where to."""

    sequence: int = Field(description="Number of the entry in the journal that it is made from")
    at: datetime
    kind: str = Field(description="Kind of that entry: view.live, view.playback, copy.clip …")
    verb: CodedOut
    person: NamedOut
    unit: NamedOut | None = Field(description="Whom the person acted for")
    camera: NamedOut
    start: datetime | None = Field(description="Of the footage; null: live")
    end: datetime | None
    purpose: str = Field(description="As given; where it is a code, see purpose_words")
    purpose_words: WordsOut | None
    destination: str
    grant: UUID | None = Field(description="By which grant under art. 22; null: by the person's role")
    viewing: str | None = Field(
        description="open, or why the look ended: closed, grant_ended, session_ended, revoked, not_written, "
        "worker_lost, unused; null: a picture or a copy"
    )
    watched_s: int | None = Field(description="Seconds that it was looked at")


class RegisterOut(Out):
    items: list[RegisteredOut]
    next: str | None
