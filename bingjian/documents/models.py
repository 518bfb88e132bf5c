"""The tables of documents and their versions, and documents as people describe them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.areas import CITY, is_inside
from bingjian.db.base import Base, Instant


class DocumentRow(Base):
    """A paper. Its bytes are those of its versions; neither row is ever deleted."""

    __tablename__ = "documents"
    __table_args__ = (
        Index("ix_documents_added", "added_at", "id"),
        Index("ix_documents_subject", "subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # a code; those of ``archive_part`` are of the archive
    title: Mapped[str] = mapped_column(String(200))
    secrecy: Mapped[str] = mapped_column(String(40))  # code of ``secrecy``
    holds_base_info: Mapped[bool]  # device types, positions, address codes (art. 27¶1)
    division: Mapped[str] = mapped_column(String(6))  # where it belongs to (GB/T 2260)
    organisation: Mapped[UUID | None]  # whose paper it is
    recipients_json: Mapped[str] = mapped_column(Text)  # organisations that a trade secret may go to
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[UUID | None]  # what it is about
    version: Mapped[int]  # the newest
    added_at: Mapped[datetime] = mapped_column(Instant)


class DocumentVersionRow(Base):
    """One version; numbers count from 1."""

    __tablename__ = "document_versions"

    document: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    file_name: Mapped[str] = mapped_column(String(200))  # as the person's machine called it
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[UUID] = mapped_column("person")
    by_name: Mapped[str] = mapped_column("person_name", String(200))


@dataclass(frozen=True, slots=True)
class DocumentWish:
    """A document as someone describes it."""

    kind: str
    title: str
    secrecy: str = "none"
    holds_base_info: bool = True
    division: str = CITY
    organisation: UUID | None = None
    recipients: tuple[UUID, ...] = ()
    subject_kind: str | None = None
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class VersionWish:
    """What is said of one version beside its bytes."""

    file_name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are durable below the store, of a type that is accepted."""

    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks for documents, and what they may know."""

    id: UUID
    name: str
    address: str  # where the request came from
    areas: tuple[str, ...]  # prefixes of division codes; what lies outside does not exist
    organisation: UUID | None
    may_read_base: bool  # has the right to base information (art. 27¶1)

    def is_near(self, division: str) -> bool:
        return is_inside(division, self.areas)

    def has_base_right(self, row: DocumentRow) -> bool:
        """By role, or because it is their own organisation's paper."""
        return self.may_read_base or (row.organisation is not None and row.organisation == self.organisation)
