"""Grants and the register over the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from bingjian.api.schemas import In, Out
from bingjian.api.schemas_procedures import WordsOut

# Blank ones are for the rules to refuse, with their article.
Recipient = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class NamedOut(Out):
    id: UUID
    name: str = Field(description="Empty: nobody and nothing of this id is known any more")


class CodedOut(Out):
    code: str
    words: WordsOut


class GrantOut(Out):
    """What one may look at under art. 22, or what is shared with one's department under art. 20."""

    id: UUID
    kind: Literal["access", "share"] = Field(description="By art. 22, by art. 20")
    request: UUID
    number: str = Field(description="Of the request")
    cameras: list[NamedOut]
    begin: datetime = Field(description="Of the footage")
    end: datetime = Field(description="Its first instant that is not shown")
    verbs: list[CodedOut]
    purpose: CodedOut
    destination: str
    kinds: list[CodedOut] = Field(description="Of a share: which kinds of data")
    may_forward: bool = Field(description="Whether copies may be given on")
    starts: datetime
    expires: datetime = Field(description="Its last instant")
    has_whole_edges: bool
    may_unmask: bool = Field(
        default=False, description="Shows what privacy masks hide, to whoever asks for it"
    )


class GrantsOut(Out):
    items: list[GrantOut]


class PackageOut(Out):
    """A file of a copy, as it left."""

    sequence: int = Field(description="Number of the entry that tells of it")
    file: int = Field(description="Which of the copy's files, from 1")
    size_bytes: int
    sha256: str


class ForwardIn(In):
    recipient: Recipient = Field(description="To whom it is given on: one recipient at a time")
    destination: Recipient = Field(description="Where it goes")


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
    grant: UUID | None = Field(description="By which grant; null: by the person's role")
    grant_kind: Literal["access", "share"] | None = Field(description="By art. 22, by art. 20")
    grant_number: str | None = Field(description="Of the request that it was decided in")
    recipient: str = Field(description="Of a copy given on: to whom")
    forwarded: int | None = Field(description="Of a copy given on: the number of that copy's entry")
    packages: list[PackageOut] = Field(description="Files of a copy that went out whole")
    viewing: str | None = Field(
        description="open, or why the look ended: closed, grant_ended, session_ended, revoked, not_written, "
        "worker_lost, unused; null: a picture or a copy"
    )
    watched_s: int | None = Field(description="Seconds that it was looked at")


class RegisterOut(Out):
    items: list[RegisteredOut]
    next: str | None


class TraceIn(In):
    """What a file that turned up can be known by."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(description="Of its bytes")
    entry: Annotated[int, Field(ge=0, lt=2**63)] | None = Field(
        default=None, description="Number of the journal's entry that the file itself names"
    )
    camera: UUID | None = Field(default=None, description="Whose footage the file says it is")


class RecipientOut(Out):
    name: str
    unit: str = Field(description="Whom the person acts for; of a copy given on: where it went")


class TracedOut(Out):
    registered: RegisteredOut = Field(description="The copy, as the register has it")
    recipients: list[RecipientOut] = Field(description="Who got it")
    file: int | None = Field(description="Which of the copy's files; null: it is not as it left")


class TraceOut(Out):
    by: Literal["sha256", "mark"] | None = Field(
        description="sha256: it is as it left; mark: by what it says of itself, which anybody can write; "
        "null: nothing is known of it"
    )
    items: list[TracedOut]


class OfferedOut(Out):
    """An entry of the share catalogue (art. 20)."""

    id: UUID
    number: str
    title: str
    keeper: NamedOut = Field(description="Who answers requests")
    cameras: list[NamedOut]
    kinds: list[CodedOut]
    conditions: str
    begin: datetime
    until: datetime = Field(description="Its last instant")
    uses: int = Field(description="How often something was opened by it, since the beginning")


class CatalogueOut(Out):
    items: list[OfferedOut]
