"""Reports over the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import Out
from bingjian.api.schemas_access import NamedOut
from bingjian.api.schemas_procedures import WordsOut


class CountedDivisionOut(Out):
    code: str
    words: WordsOut


class FigureOut(Out):
    kind: str = Field(description="A kind of procedure, or `camera`")
    words: WordsOut
    state: str
    state_words: WordsOut
    division: str = Field(description="Empty: the whole city's")
    count: int


class OwedOut(Out):
    code: str
    article: str
    words: WordsOut
    division: str
    open: int
    overdue: int


class ThemeOut(Out):
    theme: str
    words: WordsOut
    figures: list[FigureOut]
    duties: list[OwedOut]


class MeasuresOut(Out):
    standing: str = Field(description="`coming`, `in_force` or `expired`")
    last_day: date | None
    reminder_days: int | None = Field(description="Days before the last one, of the announcement that stands")
    choice: str = Field(description="`successor` or `expired`, once the office has chosen")


class OverviewOut(Out):
    at: datetime
    divisions: list[CountedDivisionOut]
    themes: list[ThemeOut]
    measures: MeasuresOut


class SystemFigureOut(Out):
    id: UUID
    number: str
    title: str
    division: str = Field(description="Empty: the whole city's")
    state: str
    organisation: NamedOut | None
    cameras: int
    in_service: int
    open: int = Field(description="Duties open about it, or about a record of it")
    overdue: int = Field(description="Of these, overdue")


class SystemFiguresOut(Out):
    items: list[SystemFigureOut]
    next: str | None
