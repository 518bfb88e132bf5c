"""Marks, holds, retention classes, pauses, and removals under way; instants of footage in 1/90000 s."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.clock import TICKS_PER_SECOND, instant_of
from bingjian.db.base import Base, Instant

JOB = UUID(int=2)  # the retention job, as actor in the journal


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever asks; the name is kept beside the id, for people to read."""

    id: UUID
    name: str
    address: str = ""  # where the request came from, for the journal


class Kind(StrEnum):
    """What a camera's footage is kept for."""

    DEFAULT = "default"
    COUNTER_TERROR = "counter_terror"
    OTHER_LAW = "other_law"


class ClassRow(Base):
    """One classification of a camera, in force until the next, never changed; without any: ``default``."""

    __tablename__ = "retention_classes"

    camera: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of this camera, from 1
    kind: Mapped[str] = mapped_column(String(16))
    days: Mapped[int | None]  # with other_law alone
    citation: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column("person")
    by_name: Mapped[str] = mapped_column("person_name", String(200))
    since: Mapped[datetime] = mapped_column(Instant)


class Protection:
    """What a mark and a hold have in common: [start, end) of a camera, and a release by two persons."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    camera: Mapped[UUID] = mapped_column(index=True)
    start_90k: Mapped[int] = mapped_column(BigInteger)
    end_90k: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    article: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column("person")
    by_name: Mapped[str] = mapped_column("person_name", String(200))
    at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[UUID | None]
    asked_by_name: Mapped[str | None] = mapped_column(String(200))
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    release_reason: Mapped[str | None] = mapped_column(Text)
    confirmed_by: Mapped[UUID | None]
    confirmed_by_name: Mapped[str | None] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def start(self) -> datetime:
        return instant_of(self.start_90k)

    @property
    def end(self) -> datetime:
        return instant_of(self.end_90k)

    @property
    def state(self) -> str:
        """``release_asked`` protects as ``in_force`` does."""
        if self.confirmed_at is not None:
            return "released"
        return "in_force" if self.asked_at is None else "release_asked"

    def covers(self, start_90k: int, end_90k: int) -> bool:
        """Whether any instant of [start, end) is in the interval."""
        return self.start_90k < end_90k and self.end_90k > start_90k


class MarkRow(Protection, Base):
    """Important material."""

    __tablename__ = "marks"


class HoldRow(Protection, Base):
    """Evidence: with a copy of its own, made by the camera's media worker."""

    __tablename__ = "holds"

    copied_segments: Mapped[int | None]  # None: not yet copied
    copied_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    missing_json: Mapped[str] = mapped_column(Text)  # [{start, end, cause}], as the worker told
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)  # when to copy or verify next

    @property
    def missing(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.missing_json)
        return found


class PauseRow(Base):
    """Recording interrupted by order; over at ``until`` whatever happens."""

    __tablename__ = "pauses"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    camera: Mapped[UUID] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(Text)
    order: Mapped[str] = mapped_column("order_number", Text)
    until: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[UUID] = mapped_column("person")
    by_name: Mapped[str] = mapped_column("person_name", String(200))
    at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    ended_by: Mapped[UUID | None]


class RemovalRow(Base):
    """A segment that is given up: from the commit of this row on it counts as gone.

    The row goes when the worker has removed the segment; ``given_up`` then remembers the interval.
    """

    __tablename__ = "removals"

    segment: Mapped[UUID] = mapped_column(primary_key=True)
    camera: Mapped[UUID] = mapped_column(index=True)
    volume: Mapped[UUID]
    start_90k: Mapped[int] = mapped_column(BigInteger)
    end_90k: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(16))
    retain_until: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(16))  # ordered → journalled → (gone), or refused
    entry: Mapped[int | None] = mapped_column(BigInteger)  # of its receipt in the journal
    refusal: Mapped[str | None] = mapped_column(Text)  # what the worker said


class GivenUpRow(Base):
    """Footage that was removed, adjoining segments joined: a row an interruption, not one a segment."""

    __tablename__ = "given_up"

    camera: Mapped[UUID] = mapped_column(primary_key=True)
    start_90k: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    end_90k: Mapped[int] = mapped_column(BigInteger)
    first_entry: Mapped[int] = mapped_column(BigInteger)  # the receipts are in these journal entries
    last_entry: Mapped[int] = mapped_column(BigInteger)


def ticks_up(instant: datetime) -> int:
    """As ``ticks_of``, but rounded up: an end never cuts off what it was meant to cover."""
    whole = int(instant.replace(microsecond=0).timestamp()) * TICKS_PER_SECOND
    return whole - (-instant.microsecond * TICKS_PER_SECOND // 1_000_000)
