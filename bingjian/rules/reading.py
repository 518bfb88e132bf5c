"""An edition's file (TOML) as values: everything is checked, and a fault names file, line and reason.

The file has root keys about the edition, then tables ``[[article]]``, ``[[duty]]``, ``[[parameter]]``,
``[[code]]``, ``[[penalty]]`` and ``[[conflict]]`` whose keys are those of the types in ``edition``. A text is
written twice, ``text.zh`` and ``text.en``; a place in the law as it is cited, "28¶2", "22¶1(1)".
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import tomli

from bingjian.rules.edition import (
    Act,
    Article,
    Bound,
    Code,
    Conflict,
    Duty,
    Edition,
    Kind,
    Parameter,
    Penalty,
    Provision,
    Source,
    Title,
    Unit,
    Words,
)
from bingjian.rules.law import LawError

PLACE = re.compile(r"(\d+)(?:¶(\d+))?(?:\((\d+)\))?")
HEADER = re.compile(r"\[{1,2}(\w+)\]{1,2}")
KEY = re.compile(r"(\w+)(?:\.\w+)*\s*=")
SYNTAX = re.compile(r"at line (\d+)")
ROOT = ("", 0)
WHO = "bound"  # the enumeration of those whom duties bind
Choice = TypeVar("Choice", bound=StrEnum)
Made = TypeVar("Made")
Where = tuple[str, int]  # name of a table and which of them, from 0


def read_edition(file: str, text: str) -> Edition:
    """One edition.

    Args:
        file: its name, for messages.

    Raises:
        LawError: it is not as it must be.
    """
    return _Reader(file, _lines(text)).edition(_tree(file, text))


def read_tables(file: str, text: str, names: Sequence[str]) -> dict[str, list["Table"]]:
    """Another file of data, that has tables of these names and nothing else. Raises LawError."""
    tree, lines = _tree(file, text), _lines(text)
    for name, tables in tree.items():
        if name not in names or not isinstance(tables, list):
            raise LawError(Source(file, 1), f"{name}: no such table")
    return {
        name: [Table(file, (name, at), values, lines) for at, values in enumerate(tree.get(name, []))]
        for name in names
    }


def _tree(file: str, text: str) -> dict[str, Any]:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        at = SYNTAX.search(str(error))
        raise LawError(Source(file, int(at[1]) if at else 1), f"not TOML: {error}") from error


class Table:
    """One table of the file; each value is asked for once, by its type."""

    def __init__(
        self, file: str, where: Where, values: dict[str, Any], lines: dict[tuple[Where, str], int]
    ) -> None:
        self._file, self._where, self._values, self._lines = file, where, values, lines
        self._left = set(values)

    def source(self, key: str = "") -> Source:
        places = [(self._where, key), *([((key, 0), "")] if self._where == ROOT else []), (self._where, "")]
        return Source(self._file, next((self._lines[place] for place in places if place in self._lines), 1))

    def wrong(self, key: str, reason: str) -> LawError:
        return LawError(self.source(key), f"{key}: {reason}" if key else reason)

    def _take(self, key: str, kind: type, what: str, default: Any) -> Any:
        self._left.discard(key)
        value = self._values.get(key, default)
        if value is ...:
            raise self.wrong("", f"{key} is missing")
        if value is not default and (
            not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool)
        ):
            raise self.wrong(key, f"must be {what}")
        return value

    def text(self, key: str, default: Any = ...) -> str:
        value: str = self._take(key, str, "a text", default)
        if value is not default and not value.strip():
            raise self.wrong(key, "is empty")
        return value

    def words(self, key: str) -> Words:
        pair = self._take(key, dict, "two texts, zh and en", ...)
        if set(pair) != {"zh", "en"} or not all(
            isinstance(one, str) and one.strip() for one in pair.values()
        ):
            raise self.wrong(key, "must be two texts, zh and en")
        return Words(pair["zh"], pair["en"])

    def number(self, key: str, default: Any = ...) -> int:
        value: int = self._take(key, int, "a whole number", default)
        if value < 0:
            raise self.wrong(key, "must not be negative")
        return value

    def flag(self, key: str) -> bool:
        value: bool = self._take(key, bool, "true or false", False)
        return value

    def day(self, key: str) -> date:
        value = self.day_if_any(key)
        if value is None:
            raise self.wrong("", f"{key} is missing")
        return value

    def day_if_any(self, key: str) -> date | None:
        value: date | None = self._take(key, date, "a date", None)
        if isinstance(value, datetime):
            raise self.wrong(key, "must be a date without a time")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._take(key, list, "a list of texts", [])
        if not all(isinstance(one, str) for one in values) or len(set(values)) != len(values):
            raise self.wrong(key, "must be a list of different texts")
        return tuple(values)

    def choice(self, key: str, kinds: type[Choice]) -> Choice:
        value = self.text(key)
        try:
            return kinds(value)
        except ValueError:
            known = ", ".join(kinds)
            raise self.wrong(key, f"{value!r} is not one of {known}") from None

    def place(self, key: str, title: Title) -> Article:
        value = self.text(key)
        parts = PLACE.fullmatch(value)
        if parts is None:
            raise self.wrong(key, f"{value!r} is not a place like 28¶2 or 22¶1(1)")
        return Article(title, *(int(part or 0) for part in parts.groups()))

    def end(self) -> None:
        """Nothing may be left that nobody asked for: a mistyped key would be a rule that is not there."""
        for key in sorted(self._left):
            raise self.wrong(key, "no such key")


class _Reader:
    """One file while it is read."""

    def __init__(self, file: str, lines: dict[tuple[Where, str], int]) -> None:
        self._file, self._lines = file, lines

    def edition(self, tree: dict[str, Any]) -> Edition:
        names = ("article", "duty", "parameter", "code", "penalty", "conflict")
        many = {name: tree.pop(name, []) for name in names}
        root = Table(self._file, ROOT, tree, self._lines)
        words = root.words("title")
        title = Title(root.number("rank"), root.text("id"), words.zh, words.en, root.text("mark", ""))

        def each(name: str, make: Callable[[Table, Title], Made]) -> tuple[Made, ...]:
            return tuple(make(table, title) for table in self._tables(name, many[name]))

        count, is_excerpt = root.number("articles"), root.flag("excerpt")
        edition = Edition(
            title=title,
            kind=root.choice("kind", Kind),
            issued=root.day("issued"),
            effective=root.day_if_any("effective"),
            expiry=root.day_if_any("expiry"),
            successor=root.text("successor", None),
            is_excerpt=is_excerpt,
            provisions=each("article", _provision),
            duties=each("duty", _duty),
            parameters=each("parameter", _parameter),
            codes=each("code", _code),
            penalties=each("penalty", _penalty),
            conflicts=each("conflict", _conflict),
        )
        root.end()
        self._check(edition, count, root)
        return edition

    def _tables(self, name: str, tables: Any) -> Iterable[Table]:
        if not isinstance(tables, list) or not all(isinstance(values, dict) for values in tables):
            source = Table(self._file, ROOT, {}, self._lines).source(name)
            raise LawError(source, f"{name} must be written as [[{name}]]")
        for index, values in enumerate(tables):
            table = Table(self._file, (name, index), values, self._lines)
            yield table
            table.end()

    # --- what only the whole shows

    def _check(self, edition: Edition, count: int, root: Table) -> None:
        if edition.effective and edition.expiry and edition.expiry < edition.effective:
            raise root.wrong("expiry", "lies before the day the edition takes effect")
        numbers = [provision.article.number for provision in edition.provisions]
        missing = sorted(set(range(1, count + 1)) - set(numbers))
        if missing and not edition.is_excerpt:
            raise root.wrong("articles", f"article {missing[0]} of {count} is missing")
        self._unique("article", numbers)
        self._unique("duty", [duty.code for duty in edition.duties])
        self._unique("parameter", [parameter.key for parameter in edition.parameters])
        self._unique("code", [(code.of, code.code) for code in edition.codes])
        self._check_places(edition, set(numbers))
        self._check_names(edition)

    def _unique(self, table: str, keys: list[Any]) -> None:
        seen = set[Any]()
        for index, key in enumerate(keys):
            if key in seen:
                shown = " ".join(key) if isinstance(key, tuple) else key
                raise LawError(self._at(table, index), f"{table} {shown} is there already")
            seen.add(key)

    def _check_places(self, edition: Edition, numbers: set[int]) -> None:
        cited = {
            "duty": [duty.article for duty in edition.duties],
            "parameter": [parameter.article for parameter in edition.parameters],
            "code": [code.article for code in edition.codes],
            "penalty": [penalty.article for penalty in edition.penalties],
        }
        for table, articles in cited.items():
            for index, article in enumerate(articles):
                if article.number not in numbers:
                    raise LawError(self._at(table, index), f"article {article.number} is not in this file")

    def _check_names(self, edition: Edition) -> None:
        duties = {duty.code for duty in edition.duties}
        for index, parameter in enumerate(edition.parameters):
            if parameter.code not in duties:
                raise LawError(self._at("parameter", index), f"{parameter.code} is no duty of this file")
        for index, penalty in enumerate(edition.penalties):
            for code in penalty.duties:
                if code not in duties:
                    raise LawError(self._at("penalty", index), f"{code} is no duty of this file")

    def _at(self, table: str, index: int) -> Source:
        return Source(self._file, self._lines.get(((table, index), ""), 1))


def _provision(table: Table, title: Title) -> Provision:
    return Provision(
        article=Article(title, table.number("number")),
        heading=table.words("heading"),
        reference=table.text("reference"),
        paraphrase=table.words("text"),
        protective=table.flag("protective"),
    )


def _duty(table: Table, title: Title) -> Duty:
    return Duty(
        code=table.text("code"),
        article=table.place("article", title),
        bound=table.texts("bound"),
        act=table.choice("act", Act),
        text=table.words("text"),
        part=table.text("part"),
        beside=table.texts("beside"),
        source=table.source(),
    )


def _parameter(table: Table, title: Title) -> Parameter:
    return Parameter(
        key=table.text("key"),
        value=table.number("value"),
        unit=table.choice("unit", Unit),
        bound=table.choice("bound", Bound),
        article=table.place("article", title),
        code=table.text("duty"),
        design=table.flag("design"),
        note=table.words("text"),
        source=table.source("value"),
    )


def _code(table: Table, title: Title) -> Code:
    return Code(
        of=table.text("of"),
        code=table.text("code"),
        words=table.words("text"),
        article=table.place("article", title),
        number=table.number("number", 0),
    )


def _penalty(table: Table, title: Title) -> Penalty:
    place, conduct = table.place("article", title), table.words("conduct")
    return Penalty(place, conduct, table.words("measure"), table.texts("duties"))


def _conflict(table: Table, _title: Title) -> Conflict:
    return Conflict(table.text("code"), table.words("conflict"), table.words("choice"), table.texts("duties"))


def _lines(text: str) -> dict[tuple[Where, str], int]:
    """Where each table and each of its keys stands, lines from 1."""
    found, counts, where = dict[tuple[Where, str], int](), dict[str, int](), ROOT
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            name = header[1]
            where = (name, counts.get(name, 0))
            counts[name] = where[1] + 1
            found[where, ""] = number
        elif key := KEY.match(line):
            found.setdefault((where, key[1]), number)
    return found
