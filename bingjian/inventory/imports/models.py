"""An import: what was uploaded, how far it is, what was found."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant


class ImportState(StrEnum):
    """How far an import is. Only ``done`` has changed the inventory; everything before can be repeated."""

    UPLOADED = "uploaded"  # read so far that columns can be matched
    JUDGING = "judging"  # every row is being looked at
    JUDGED = "judged"  # preview and faults are there; waits to be confirmed
    DONE = "done"  # taken over
    FAILED = "failed"  # cannot be read; ``problem`` says why
    ABANDONED = "abandoned"  # its file is gone


class ImportRow(Base):
    """One upload. The file and what was read of it lie below the state directory, by this id."""

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_person", "person", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[UUID]
    person_name: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(String(200))  # as the person's machine called it
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    problem: Mapped[str] = mapped_column(Text)  # JSON of zh and en, if it failed
    sheet_json: Mapped[str] = mapped_column(Text)  # what was found: sheets, headings, samples
    choices_json: Mapped[str] = mapped_column(Text)  # how to read it: ``Choices``
    rows: Mapped[int]
    faulty_rows: Mapped[int]
    findings_json: Mapped[str] = mapped_column(Text)  # faults by kind; positions that may be another system's
    rows_sha256: Mapped[str] = mapped_column(String(64))  # of the judged rows, and of what was taken over
    imported_rows: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def problem_words(self) -> dict[str, str] | None:
        found: dict[str, str] | None = json.loads(self.problem) if self.problem else None
        return found

    @property
    def sheet(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.sheet_json)
        return found

    @property
    def choices(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.choices_json)
        return found

    @property
    def findings(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.findings_json)
        return found


@dataclass(frozen=True, slots=True)
class Choices:
    """How a sheet is read: guessed first, then as the person says."""

    sheet: str = ""
    header_row: int = 1  # counted from 1, as a spreadsheet does
    columns: dict[int, str] = field(default_factory=dict)  # column from 0 → field
    crs: str = ""  # of positions whose row names none; empty: not said, so it is asked
    division: str = ""  # of rows that name none
    swap_positions: bool = False  # longitude and latitude stand in each other's column
