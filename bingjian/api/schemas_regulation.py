"""The regulation over the wire: bodies of law with all that hangs on their articles."""

from datetime import date

from pydantic import Field

from bingjian.api.schemas import Out
from bingjian.rules.edition import Act, Bound, Kind, Unit
from bingjian.rules.law import Standing


class WordsOut(Out):
    """One text in both languages."""

    zh: str
    en: str


class CitedPlaceOut(Out):
    """A place in a body of law, as it is cited."""

    cite: str = Field(description="As refusals carry it: 28¶2, 22¶1(1), N17")
    zh: str = Field(description="第二十八条第二款; of another edition with its title before it")
    en: str


class BoundOut(Out):
    """Whom a duty binds."""

    code: str
    words: WordsOut


class DutyOut(Out):
    """What the law wants of somebody, and what the software does about it."""

    code: str
    place: CitedPlaceOut
    bound: list[BoundOut]
    act: Act
    text: WordsOut
    part: str = Field(description="The part of the platform that asks for its decision")
    beside: list[str] = Field(description="Codes of duties that command the same elsewhere")
    decisions: list[str] = Field(description="Functions of the rules that decide it: filing.is_on_time")
    refusals: list[str] = Field(description="Codes of the refusals it can cause; its own, or none")
    binds: bool = Field(description="False while its edition is coming, or has ended and does not protect")


class ParameterOut(Out):
    """A number of the law, or of our policy."""

    key: str
    value: int
    unit: Unit
    bound: Bound
    place: CitedPlaceOut
    duty: str
    design: bool = Field(description="No law fixes it: our reading or our policy")
    note: WordsOut
    decides: bool = Field(description="As strict as the strictest of its key in the editions that bind now")


class CodeOut(Out):
    """One value of an enumeration."""

    of: str
    code: str
    words: WordsOut
    place: CitedPlaceOut
    number: int = Field(description="Its place in the law's own list; 0: not numbered there")


class PenaltyOut(Out):
    """To be shown, never computed."""

    place: CitedPlaceOut
    conduct: WordsOut
    measure: WordsOut
    duties: list[str] = Field(description="Codes of the duties that the conduct breaks")


class ArticleOut(Out):
    """One article as a person reads it, with all that stands under its number."""

    id: str = Field(description="Its place in the page's address: 28, N17, CTL32")
    number: int
    place: CitedPlaceOut
    heading: WordsOut
    reference: str = Field(description="Key words in Chinese, to find the place in the text by")
    text: WordsOut
    protective: bool = Field(description="Goes on under higher law when its edition has ended")
    duties: list[DutyOut]
    parameters: list[ParameterOut]
    codes: list[CodeOut]
    penalties: list[PenaltyOut]


class EditionOut(Out):
    """One body of law; cited in the order they are given."""

    code: str
    title: WordsOut
    mark: str = Field(description="Stands before the number of an article; of the city's measures empty")
    kind: Kind
    issued: date
    effective: date | None = Field(description="Null: not published yet, and followed as policy")
    expiry: date | None
    successor: str | None
    is_excerpt: bool = Field(description="Only the articles that others cite")
    standing: Standing = Field(description="Today, by the date in China")
    articles: list[ArticleOut]


class ConflictOut(Out):
    """Two bodies of law disagree, and how we choose."""

    code: str
    conflict: WordsOut
    choice: WordsOut
    duties: list[str] = Field(description="Codes of the duties that carry the choice out")


class RegulationOut(Out):
    editions: list[EditionOut]
    conflicts: list[ConflictOut]
