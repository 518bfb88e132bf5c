"""What an edition is made of: one body of law as data. Files: ``editions/``; read by ``reading``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

DIGITS = "零一二三四五六七八九"
PLACES = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))


class Words(NamedTuple):
    """One text for people, in both languages."""

    zh: str
    en: str


class Title(NamedTuple):
    """The name that an edition is cited by."""

    rank: int  # of two editions the one to cite first has the lower rank
    code: str
    zh: str
    en: str
    mark: str  # stands before the number of an article: "N17" is article 17 of Decree 799; of the city's: ""


class Kind(StrEnum):
    """Of a body of law. The first two may set terms shorter than the general one (R28.5, C9)."""

    STATUTE = "statute"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    LOCAL_MEASURE = "local_measure"
    STANDARD = "standard"


class Unit(StrEnum):
    DAYS = "days"  # natural days, see ``civil``
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"  # calendar years
    HOURS = "hours"  # elapsed
    MINUTES = "minutes"
    SECONDS = "seconds"
    PERSONS = "persons"  # distinct ones
    PERCENT = "percent"
    ITEMS = "items"  # of what is counted: departments, documents, cameras, tries
    YUAN = "yuan"


class Bound(StrEnum):
    """How a number limits, and so which of two is the stricter. The number itself is always still allowed."""

    LEAST = "least"
    MOST = "most"


class Act(StrEnum):
    """What the software does about a duty (requirements, section 0)."""

    ENFORCE = "enforce"
    IMPOSSIBLE = "impossible"
    DETECT = "detect"
    RECORD = "record"
    REMIND = "remind"
    REPORT = "report"


def numeral(number: int) -> str:
    """1…9999 as laws write it: 二十八, 二百零二."""
    written, skipped = "", False
    for place, name in PLACES:
        digit = number // place % 10
        if digit:
            written += ("零" if skipped else "") + DIGITS[digit] + name
        skipped = not digit and bool(written)
    return written.removeprefix("一") if 10 <= number < 20 else written


@dataclass(frozen=True, slots=True)
class Article:
    """A place in a body of law. Paragraph or item 0: not told apart there."""

    edition: Title
    number: int
    paragraph: int = 0
    item: int = 0

    @property
    def order(self) -> tuple[int, int, int, int]:
        return self.edition.rank, self.number, self.paragraph, self.item

    def __str__(self) -> str:
        """For programs: "28¶2", "25(5)", "22¶1(1)", of Decree 799 "N17"."""
        return self.edition.mark + self._place()

    @property
    def en(self) -> str:
        """ "art. 28¶2", "Decree 799 art. 17"."""
        title = f"{self.edition.en} " if self.edition.mark else ""
        return f"{title}art. {self._place()}"

    @property
    def zh(self) -> str:
        """ "第二十八条第二款"; of another edition with its title before it."""
        title = f"《{self.edition.zh}》" if self.edition.mark else ""
        paragraph = f"第{numeral(self.paragraph)}款" if self.paragraph else ""
        item = f"第({numeral(self.item)})项" if self.item else ""
        return f"{title}第{numeral(self.number)}条{paragraph}{item}"

    def _place(self) -> str:
        paragraph = f"¶{self.paragraph}" if self.paragraph else ""
        return f"{self.number}{paragraph}" + (f"({self.item})" if self.item else "")


class Source(NamedTuple):
    """Where something stands in an edition's file, for whoever has to mend it."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Provision:
    """One article as a person reads it."""

    article: Article
    heading: Words
    reference: str  # key words in Chinese, to find the place in the text by
    paraphrase: Words  # in our own words, never the law's
    protective: bool  # goes on under higher law when this edition has ended (R36.3)


@dataclass(frozen=True, slots=True)
class Duty:
    """One requirement: what the law wants of somebody, and what the software does about it."""

    code: str  # "R28.1", of Decree 799 "N14": a refusal's code and a test's name; never renamed or reused
    article: Article
    bound: tuple[str, ...]  # codes of the enumeration ``bound``
    act: Act
    text: Words
    part: str  # the part of the platform that asks for its decision: "retention", "procedures"
    beside: tuple[str, ...]  # codes of duties that other editions, or other articles, command as well
    source: Source


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the law, or of our policy."""

    key: str
    value: int
    unit: Unit
    bound: Bound
    article: Article
    code: str  # of the duty that it belongs to
    design: bool  # no law fixes it: our reading, or the policy that requirements ask for
    note: Words
    source: Source


@dataclass(frozen=True, slots=True)
class Code:
    """One value of an enumeration."""

    of: str  # "prohibited_place"
    code: str
    words: Words
    article: Article
    number: int  # its place in the law's own list, from 1; 0: the law does not number it


@dataclass(frozen=True, slots=True)
class Penalty:
    """To be shown beside a case, never computed."""

    article: Article
    conduct: Words
    measure: Words
    duties: tuple[str, ...]  # codes of the duties that the conduct breaches


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two bodies of law disagree, and how we choose (standards, section 8)."""

    code: str  # "C1"
    conflict: Words
    choice: Words
    duties: tuple[str, ...]  # codes of the duties that carry the choice out


@dataclass(frozen=True, slots=True)
class Edition:
    """One body of law as this platform knows it."""

    title: Title
    kind: Kind
    issued: date
    effective: date | None  # first day in force; None: not published yet, and followed as policy
    expiry: date | None  # last day in force
    successor: str | None  # code of the edition that takes its place
    is_excerpt: bool  # only the articles that others cite
    provisions: tuple[Provision, ...]
    duties: tuple[Duty, ...]
    parameters: tuple[Parameter, ...]
    codes: tuple[Code, ...]
    penalties: tuple[Penalty, ...]
    conflicts: tuple[Conflict, ...]

    def in_force_between(self, effective: date, expiry: date | None) -> "Edition":
        """The same, published: its own first and last day."""
        return replace(self, effective=effective, expiry=expiry)

    @property
    def by_number(self) -> Mapping[int, Provision]:
        return {provision.article.number: provision for provision in self.provisions}
