"""What was changed, when and by whom: of every thing in the inventory, nothing overwritten.

A change is told three times in one transaction: the row itself, its history with the values before and after,
and the journal, which has the names of what was changed and a hash of the values, never base information.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import BigInteger, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant
from bingjian.entries import InventoryChanged
from bingjian.journal.append import Journal


class Who(Protocol):
    """Whoever makes the change."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...  # where the request came from


class HistoryRow(Base):
    """One change of one thing; versions count from 1."""

    __tablename__ = "history"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject_kind: Mapped[str] = mapped_column(String(40))
    act: Mapped[str] = mapped_column(String(40))  # "added", "changed", or the name of a step
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[UUID] = mapped_column("person")
    by_name: Mapped[str] = mapped_column("person_name", String(200))
    reason: Mapped[str] = mapped_column(Text)
    changes_json: Mapped[str] = mapped_column(Text)  # {field: [before, after]}
    entry: Mapped[int | None] = mapped_column(BigInteger, index=True)  # its entry in the journal, where known

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        found: dict[str, tuple[Any, Any]] = json.loads(self.changes_json)
        return found


@dataclass(frozen=True, slots=True)
class Subject:
    """What was changed, in which version it now is."""

    kind: str
    id: UUID
    version: int


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """By field what it was and what it is, for the fields that differ; values as JSON has them."""
    names = before.keys() | after.keys()
    return {
        name: [before.get(name), after.get(name)]
        for name in sorted(names)
        if before.get(name) != after.get(name)
    }


async def remember(
    session: AsyncSession,
    journal: Journal,
    subject: Subject,
    act: str,
    changes: Mapping[str, Any],
    who: Who,
    at: datetime,
    reason: str = "",
) -> None:
    """Write a change down: call it last in the transaction. Raises JournalUnavailable."""
    text = json.dumps(changes, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = history_row(subject, act, text, who, at, reason)
    session.add(row)
    await session.flush()
    row.entry = (await journal.append(entry_of(subject, act, changes, text, who))).sequence


def history_row(subject: Subject, act: str, text: str, who: Who, at: datetime, reason: str) -> HistoryRow:
    return HistoryRow(
        subject=subject.id,
        version=subject.version,
        subject_kind=subject.kind,
        act=act,
        at=at,
        by=who.id,
        by_name=who.name,
        reason=reason,
        changes_json=text,
    )


def entry_of(subject: Subject, act: str, changes: Mapping[str, Any], text: str, who: Who) -> InventoryChanged:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return InventoryChanged(
        str(who.id), subject.kind, str(subject.id), act, subject.version, tuple(sorted(changes)), digest
    )


async def history_of(session: AsyncSession, subject: UUID) -> list[HistoryRow]:
    """All changes, newest first."""
    query = select(HistoryRow).where(HistoryRow.subject == subject).order_by(HistoryRow.version.desc())
    return list(await session.scalars(query))
