"""Several editions in force together: of two numbers the stricter decides, and both are cited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import chain

from bingjian.rules.civil import DAY, civil_date, start_of_day
from bingjian.rules.decision import Refusal, UsageError
from bingjian.rules.edition import (
    Article,
    Bound,
    Code,
    Conflict,
    Duty,
    Edition,
    Kind,
    Parameter,
    Provision,
    Source,
    Unit,
    Words,
)

GENERAL_TERM = "retention.default"
TERMS = "retention.term."  # keys of the other terms of footage
HIGHER = (Kind.STATUTE, Kind.ADMINISTRATIVE_REGULATION)


class LawError(ValueError):
    """The editions cannot be used; carries where and why. Nothing of them is."""

    def __init__(self, source: Source, reason: str) -> None:
        super().__init__(f"{source.file}:{source.line}: {reason}")
        self.source = source
        self.reason = reason


class Standing(StrEnum):
    """Of an edition at an instant."""

    COMING = "coming"  # its first day is still to come
    IN_FORCE = "in_force"  # published; or followed as policy though it is not published yet
    EXPIRED = "expired"  # its duties are without basis; its protections go on (R36.3)


def standing(edition: Edition, now: datetime) -> Standing:
    """Of an edition at ``now``, by the date in China."""
    today = civil_date(now)
    if edition.effective is not None and today < edition.effective:
        return Standing.COMING
    return Standing.IN_FORCE if edition.expiry is None or today <= edition.expiry else Standing.EXPIRED


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that binds: the strictest of its key."""

    key: str
    value: int
    unit: Unit
    bound: Bound
    code: str
    article: Article
    beside: tuple[Article, ...]  # other law with the same key, the same number or a milder one
    design: bool
    note: Words

    @property
    def articles(self) -> tuple[Article, ...]:
        return (self.article, *self.beside)


class Law:
    """The editions that bind, by what they say. Never changed: ``at`` and ``adding`` make another."""

    def __init__(self, editions: Iterable[Edition]) -> None:
        """Raises LawError if they do not go together."""
        self.editions = tuple(sorted(editions, key=lambda edition: edition.title))
        self._duties = _by_code(self.editions)
        self._provisions = {
            (one.article.edition.code, one.article.number): one
            for edition in self.editions
            for one in edition.provisions
        }
        self._limits = _limits(self.editions)
        self._codes = _enumerations(self.editions)
        self._cited = _cited(self._duties)
        self._at = dict[tuple[Standing, ...], Law]()
        self._lately: tuple[datetime, datetime, Law] | None = None  # of the day that was asked for last
        self._together = dict[tuple[str, ...], tuple[Article, ...]]()
        _check_terms(self.editions)
        _check_successors(self.editions)

    def at(self, now: datetime) -> "Law":
        """What binds at ``now``: of an ended edition its protections alone, of a coming one nothing."""
        lately = self._lately
        if lately is not None and now.tzinfo is not None and lately[0] <= now < lately[1]:
            return lately[2]
        standings = tuple(standing(edition, now) for edition in self.editions)
        if standings not in self._at:
            self._at[standings] = self._while(standings)
        start, found = start_of_day(civil_date(now)), self._at[standings]
        self._lately = start, start + DAY, found
        return found

    def _while(self, standings: tuple[Standing, ...]) -> "Law":
        if all(each is Standing.IN_FORCE for each in standings):
            return self
        kept = zip(self.editions, standings, strict=True)
        binding = (
            edition if each is Standing.IN_FORCE else _protections(edition)
            for edition, each in kept
            if each is not Standing.COMING
        )
        return Law(binding)

    def adding(self, *editions: Edition) -> "Law":
        return Law((*self.editions, *editions))

    # --- duties

    @property
    def duties(self) -> Mapping[str, Duty]:
        return self._duties

    def binds(self, code: str) -> bool:
        return code in self._duties

    def duty(self, code: str) -> Duty:
        """Raises UsageError: no edition in force has it."""
        try:
            return self._duties[code]
        except KeyError:
            raise UsageError(f"no edition in force has the duty {code}") from None

    def cited(self, code: str) -> tuple[Article, ...]:
        """Its article, then what commands the same beside it."""
        return self._cited.get(code, ())

    def cited_by(self, codes: tuple[str, ...]) -> tuple[Article, ...]:
        """What these duties cite together, every place once."""
        if codes not in self._together:
            each = map(self.cited, codes)
            self._together[codes] = tuple(dict.fromkeys(chain.from_iterable(each)))
        return self._together[codes]

    def refusal(self, code: str, reason: Words, remedy: Words) -> Refusal:
        """A refusal by this duty alone."""
        article, *beside = self._cited[self.duty(code).code]
        return Refusal(article, code, reason, remedy, beside=tuple(beside))

    def provision(self, article: Article) -> Provision:
        """The article that a place lies in."""
        return self._provisions[article.edition.code, article.number]

    def edition_of(self, article: Article) -> Edition:
        return next(edition for edition in self.editions if edition.title == article.edition)

    # --- numbers and lists

    @property
    def limits(self) -> Mapping[str, Limit]:
        return self._limits

    def limit(self, key: str) -> Limit:
        """The strictest number of this key. Raises UsageError: no edition in force has one."""
        try:
            return self._limits[key]
        except KeyError:
            raise UsageError(f"no edition in force sets {key}") from None

    def number(self, key: str) -> int:
        return self.limit(key).value

    def codes(self, of: str) -> Mapping[str, tuple[Code, ...]]:
        """The union of an enumeration over the editions; of each code every edition that has it."""
        return self._codes.get(of, {})

    def words(self, of: str, code: str) -> Words:
        """The name of a code. Raises UsageError."""
        known = self.codes(of).get(code)
        if known is None:
            raise UsageError(f"{of} has no code {code!r}")
        return known[0].words

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(conflict for edition in self.editions for conflict in edition.conflicts)


def is_stricter(one: Parameter, other: Parameter) -> bool:
    return one.value > other.value if one.bound is Bound.LEAST else one.value < other.value


def _by_code(editions: Iterable[Edition]) -> dict[str, Duty]:
    found = dict[str, Duty]()
    for edition in editions:
        for duty in edition.duties:
            if duty.code in found:
                raise LawError(
                    duty.source, f"the code {duty.code} is taken by {found[duty.code].source.file}"
                )
            found[duty.code] = duty
    return found


def _limits(editions: Iterable[Edition]) -> dict[str, Limit]:
    """The strictest parameter of each key; of equals the edition cited first."""
    by_key = dict[str, list[Parameter]]()
    for edition in editions:
        for parameter in edition.parameters:
            by_key.setdefault(parameter.key, []).append(parameter)
    return {key: _strictest(parameters) for key, parameters in by_key.items()}


def _strictest(parameters: list[Parameter]) -> Limit:
    first = parameters[0]
    for other in parameters[1:]:
        if (other.unit, other.bound) != (first.unit, first.bound):
            told = f"{first.unit} ({first.bound}), as {first.source.file}:{first.source.line} has it"
            raise LawError(other.source, f"{other.key} must be in {told}")
        if is_stricter(other, first):
            first = other
    beside = tuple(other.article for other in parameters if other is not first)
    return Limit(
        first.key,
        first.value,
        first.unit,
        first.bound,
        first.code,
        first.article,
        beside,
        first.design,
        first.note,
    )


def _enumerations(editions: Iterable[Edition]) -> dict[str, dict[str, tuple[Code, ...]]]:
    found = dict[str, dict[str, tuple[Code, ...]]]()
    for edition in editions:
        for code in edition.codes:
            of = found.setdefault(code.of, {})
            of[code.code] = (*of.get(code.code, ()), code)
    return found


def _cited(duties: Mapping[str, Duty]) -> dict[str, tuple[Article, ...]]:
    """Of each duty its article, then those of the duties beside it, whichever of the two says so."""
    beside: dict[str, set[str]] = {code: set() for code in duties}
    for duty in duties.values():
        for other in duty.beside:
            if other in duties:
                beside[duty.code].add(other)
                beside[other].add(duty.code)
    return {code: _articles(duties, [code, *beside[code]]) for code in duties}


def _articles(duties: Mapping[str, Duty], codes: list[str]) -> tuple[Article, ...]:
    first, *rest = (duties[code].article for code in codes)
    return tuple(dict.fromkeys((first, *sorted(rest, key=lambda article: article.order))))


def _check_terms(editions: Iterable[Edition]) -> None:
    """No term is shorter than the general one of higher law, unless higher law says so (R28.5, C9)."""
    editions = tuple(editions)
    higher = [one for edition in editions if edition.kind in HIGHER for one in edition.parameters]
    floor = min((one.value for one in higher if one.key == GENERAL_TERM), default=0)
    for edition in editions:
        for one in edition.parameters if edition.kind not in HIGHER else ():
            is_term = one.key == GENERAL_TERM or one.key.startswith(TERMS)
            if is_term and one.unit is Unit.DAYS and one.value < floor:
                raise LawError(
                    one.source,
                    f"a term of {one.value} days is shorter than the {floor} of higher law: only a "
                    "statute or an administrative regulation may set it",
                )


def _check_successors(editions: Iterable[Edition]) -> None:
    """An edition that another takes the place of has ended when that one begins."""
    by_code = {edition.title.code: edition for edition in editions}
    for edition in by_code.values():
        next_one = by_code.get(edition.successor or "")
        if next_one is None or next_one.effective is None:
            continue
        if edition.expiry is None or edition.expiry >= next_one.effective:
            told = f"{edition.title.code} must end before its successor {next_one.title.code} begins"
            raise LawError(Source(f"{edition.title.code}.toml", 1), f"{told} on {next_one.effective}")


def _protections(edition: Edition) -> Edition:
    """What goes on of an edition that has ended."""
    kept = {one.article.number for one in edition.provisions if one.protective}
    return replace(
        edition,
        duties=tuple(duty for duty in edition.duties if duty.article.number in kept),
        parameters=tuple(one for one in edition.parameters if one.article.number in kept),
    )
