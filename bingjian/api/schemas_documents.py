"""Documents over the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from bingjian.api.schemas import In, Line, Name, Out
from bingjian.api.schemas_organisations import Code

RECIPIENTS_MAX = 50  # organisations that one document may be given to
DivisionCode = Annotated[str, StringConstraints(pattern=r"^(\d{6})?$")]
FileName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Line]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), Line]


class VersionWords(In):
    """Said beside the bytes of a version."""

    file_name: FileName = Field(
        default="", description="As your machine calls it; the type is told by the bytes"
    )
    note: Note = ""


class DocumentWords(VersionWords):
    """Said beside the bytes of a new document."""

    kind: Code = Field(
        description="`design`, `construction`, `acceptance`, `maintenance`: of the archive; or other"
    )
    title: Name
    secrecy: Code = Field(default="none", description="Code of `secrecy`")
    holds_base_info: bool = Field(default=True, description="Tells device types, positions or address codes")
    division: DivisionCode = Field(default="", description="Where it belongs to; empty: the city")
    organisation: UUID | None = Field(default=None, description="Whose it is; absent: yours")
    recipients: list[UUID] = Field(default=[], max_length=RECIPIENTS_MAX)
    subject_kind: Code | None = None
    subject: UUID | None = None


class NextVersionWords(VersionWords):
    number: int = Field(
        ge=1, le=2**31 - 1, description="What this version becomes; only the next is accepted"
    )


class RecipientsIn(In):
    recipients: list[UUID] = Field(
        max_length=RECIPIENTS_MAX, description="Organisations that a trade secret may be given to"
    )


class DocumentVersionOut(Out):
    number: int
    sha256: str
    size_bytes: int
    media_type: str
    file_name: str | None = Field(description="Null if it may tell what you may not know")
    note: str | None = Field(description="As `file_name`")
    at: datetime
    by_name: str


class DocumentOut(Out):
    id: UUID
    kind: str
    title: str | None = Field(description="Null if it may tell base information and you have no right to it")
    secrecy: str
    holds_base_info: bool
    division: str
    organisation: UUID | None
    subject_kind: str | None
    subject: UUID | None
    added_at: datetime
    version: DocumentVersionOut = Field(description="The newest")


class DocumentsOut(Out):
    items: list[DocumentOut]
    next: str | None


class DocumentFileOut(DocumentOut):
    """One document with everything that was ever kept of it."""

    recipients: list[UUID]
    versions: list[DocumentVersionOut] = Field(description="Oldest first")


class VersionStateOut(Out):
    number: int
    is_whole: bool
    reason: str | None = Field(description="What is wrong with it")


class DocumentStateOut(Out):
    """Each version read again from the disk."""

    is_whole: bool
    versions: list[VersionStateOut]
