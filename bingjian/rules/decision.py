"""What a rule answers: a grant or a refusal, each with its article."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bingjian.rules.edition import EDITIONS, HARBIN

DIGITS = "零一二三四五六七八九"
PLACES = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))


class Words(NamedTuple):
    """One text for people, in both languages."""

    zh: str
    en: str


def numeral(number: int) -> str:
    """1…9999 as laws write it: 二十八, 二百零二."""
    written, skipped = "", False
    for place, name in PLACES:
        digit = number // place % 10
        if digit:
            written += ("零" if skipped else "") + DIGITS[digit] + name
        skipped = not digit and bool(written)
    return written.removeprefix("一") if 10 <= number < 20 else written


@dataclass(frozen=True, slots=True, order=True)
class Article:
    """A place in a body of law. Paragraph or item 0: not told apart there."""

    number: int
    paragraph: int = 0
    item: int = 0
    edition: str = HARBIN  # a key of ``EDITIONS``

    def __str__(self) -> str:
        """For programs: "28¶2", "25(5)", "22¶1(1)", of Decree 799 "N17"."""
        return EDITIONS[self.edition].mark + self._place()

    @property
    def en(self) -> str:
        """ "art. 28¶2", "Decree 799 art. 17"."""
        title = "" if self.edition == HARBIN else f"{EDITIONS[self.edition].en} "
        return f"{title}art. {self._place()}"

    @property
    def zh(self) -> str:
        """ "第二十八条第二款"; of another edition with its title before it."""
        title = "" if self.edition == HARBIN else f"《{EDITIONS[self.edition].zh}》"
        paragraph = f"第{numeral(self.paragraph)}款" if self.paragraph else ""
        item = f"第({numeral(self.item)})项" if self.item else ""
        return f"{title}第{numeral(self.number)}条{paragraph}{item}"

    def _place(self) -> str:
        paragraph = f"¶{self.paragraph}" if self.paragraph else ""
        return f"{self.number}{paragraph}" + (f"({self.item})" if self.item else "")


@dataclass(frozen=True, slots=True)
class Grant:
    """Yes, by these articles."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """No, and why."""

    article: Article
    code: str  # the requirement's id, "R28.1": for programs and translation, never renamed
    reason: Words  # with the numbers of this case
    remedy: Words  # what can be done now
    also: tuple["Refusal", ...] = ()  # what else refuses, lowest article first
    beside: tuple[Article, ...] = ()  # other law that commands the same


def together(refusals: Sequence[Refusal]) -> Refusal:
    """All of these (at least one) as one: the lowest article in front, the rest in its ``also``."""
    alone = [replace(each, also=()) for refusal in refusals for each in (refusal, *refusal.also)]
    first, *rest = sorted(alone, key=lambda refusal: refusal.article)
    return replace(first, also=tuple(rest))
