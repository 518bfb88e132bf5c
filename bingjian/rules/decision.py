"""What a rule answers: a grant or a refusal, each with its article; and how a decision gathers it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from bingjian.rules.edition import Article, Words

if TYPE_CHECKING:
    from bingjian.rules.law import Law

Function = TypeVar("Function", bound=Callable[..., Any])


class UsageError(ValueError):
    """Facts that contradict themselves: nothing can be decided on them, least of all granted."""


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


class Refused(Exception):
    """The rules said no; carries the refusal. Whoever raises it to a person has written it down before."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.en)
        self.refusal = refusal


def granted(answer: Grant | Refusal) -> Grant:
    """The grant. Raises Refused."""
    if isinstance(answer, Refusal):
        raise Refused(answer)
    return answer


def together(refusals: Sequence[Refusal]) -> Refusal:
    """All of these (at least one) as one: the lowest article in front, the rest in its ``also``.

    The order they come in does not matter, nor does one that comes twice.
    """
    if len(refusals) == 1 and not refusals[0].also:
        return refusals[0]
    each = (one for refusal in refusals for one in all_of(refusal))
    by_place = {(one.article.order, one.code, one.reason, one.remedy): one for one in each}
    first, *rest = (by_place[place] for place in sorted(by_place))
    return replace(first, also=tuple(rest)) if rest else first


def all_of(answer: Grant | Refusal) -> tuple[Refusal, ...]:
    """Everything that refuses; nothing if granted."""
    if isinstance(answer, Grant):
        return ()
    return (replace(answer, also=()), *answer.also) if answer.also else (answer,)


class Case:
    """One question being decided: each duty is looked at, every one that refuses is kept.

    A duty that the law does not know (an edition that is not in force) asks for nothing.
    """

    def __init__(self, law: "Law") -> None:
        self.law = law
        self._refusals: list[Refusal] = []
        self._cited: dict[str, None] = {}  # codes of the duties that were looked at
        self._joined: list[tuple[Article, ...]] = []  # by what other decisions granted

    def require(self, is_met: bool, code: str, reason: Words, remedy: Words) -> None:
        """Refuse by the duty of this code unless it is met.

        Args:
            reason: why it refuses, with the numbers of this case.
            remedy: what the person refused can do now.
        """
        if self.law.binds(code):
            self._cited[code] = None
            if not is_met:
                self._refusals.append(self.law.refusal(code, reason, remedy))

    def join(self, answer: Grant | Refusal) -> None:
        """Everything that another decision refuses, refuses here too; what it granted by is cited here."""
        if isinstance(answer, Grant):
            self._joined.append(answer.articles)
        else:
            self._refusals += all_of(answer)

    def answer(self) -> Grant | Refusal:
        if self._refusals:
            return together(self._refusals)
        own = self.law.cited_by(tuple(self._cited))
        return Grant(tuple(dict.fromkeys(chain(own, *self._joined))) if self._joined else own)


# --- which decision answers for which duty

DECISIONS: dict[str, list[Callable[..., Any]]] = {}


def decides(*codes: str) -> Callable[[Function], Function]:
    """Marks a function as the decision of these duties, for ``registry`` and docs/regulation.md."""

    def mark(function: Function) -> Function:
        for code in codes:
            DECISIONS.setdefault(code, []).append(function)
        return function

    return mark


# --- facts


def is_given(value: object) -> bool:
    """Whether something was said at all: a blank text, an empty list, None and False were not."""
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def absent(*parts: tuple[str, str, object]) -> Words:
    """Of (zh, en, value) the names of those not given, for a sentence; empty texts if all are."""
    return enumerated(Words(zh, en) for zh, en, value in parts if not is_given(value))


def distinct(persons: Iterable[str]) -> frozenset[str]:
    """Persons by id, each once, however it is written; a blank one is nobody."""
    return frozenset(person.strip().casefold() for person in persons) - {""}


def consistent(holds: bool, contradiction: str) -> None:
    """Raises UsageError with the contradiction unless it holds."""
    if not holds:
        raise UsageError(contradiction)


def aware(**instants: datetime | None) -> None:
    """Raises UsageError if one of them does not say its offset from UTC."""
    for name, instant in instants.items():
        if instant is not None and instant.utcoffset() is None:
            raise UsageError(f"{name} has no offset from UTC")


def listed(items: Iterable[str]) -> str:
    """For a sentence: "a, b"."""
    return ", ".join(items)


def enumerated(parts: Iterable[Words]) -> Words:
    """Several for a sentence: "甲、乙" and "a, b"."""
    several = tuple(parts)
    return Words("、".join(part.zh for part in several), listed(part.en for part in several))


def named(law: "Law", of: str, codes: Iterable[str]) -> Words:
    """The names of these codes for a sentence, in its own order; one it does not know as written."""
    known, wanted = law.codes(of), set(codes)
    names = [known[code][0].words for code in known if code in wanted]
    return enumerated((*names, *(Words(code, code) for code in sorted(wanted - known.keys()))))
