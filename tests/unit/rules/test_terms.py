"""Each number of the law stands in the editions alone, with its article, and is described."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bingjian.rules.civil import civil_date
from bingjian.rules.decisions.retention import Term, TermKind
from bingjian.rules.edition import Unit
from bingjian.rules.law import Limit
from bingjian.rules.library import law
from tests.unit.rules.times import TICK, beijing

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "bingjian").rglob("*.py"))
LIMITS = tuple(law().limits.values())
SECONDS = {
    Unit.YEARS: 366 * 86_400,
    Unit.DAYS: 86_400,
    Unit.WORKING_DAYS: 86_400,
    Unit.HOURS: 3600,
    Unit.SECONDS: 1,
}
WORD = {  # a number of this kind, beside a name like this one, is a term of law
    Unit.DAYS: (
        r"(^|_)(retention|retain|retained|keep|kept|term|terms|days_left|mark_review|alarm|filing)(_|$)"
    ),
    Unit.WORKING_DAYS: r"(^|_)working_days?(_|$)",
    Unit.YEARS: r"(^|_)(years?|important)(_|$)",
    Unit.HOURS: r"(^|_)(relocation|relocated|restore|restored|damage|removal)(_|$)",
    Unit.SECONDS: r"(^|_)outages?(_|$)",
    Unit.PERCENT: r"(^|_)intact(_|$)",
}
# Not terms of law: how often the store is read again, how long a person stays signed in.
OTHERS = r"(^|_)(audit|session|sessions|sign_in|keep_alive|keepalive)(_|$)"
DESCRIBED = (
    "retention.",
    "mark.",
    "release.",
    "space.",
    "outage.",
    "clock.",
    "measures.",
    "term.",
)  # on the page


def names_and_numbers(node: ast.AST) -> tuple[set[str], set[float]]:
    names: set[str] = set()
    numbers: set[float] = set()
    for each in ast.walk(node):
        match each:
            case (
                ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.arg(arg=name)
            ):
                names.add(name.lower())
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as number):
                numbers.add(number)
    return names, numbers


def parts(tree: ast.AST) -> Iterator[ast.AST]:
    """The smallest pieces that bring a name and a number together."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.keyword | ast.Compare | ast.BinOp):
            yield node
        elif isinstance(node, ast.arguments):
            positional = [*node.posonlyargs, *node.args]
            defaults = zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True)
            keyed = zip(node.kwonlyargs, node.kw_defaults, strict=True)
            for arg, default in [*defaults, *keyed]:
                if default is not None:
                    yield ast.Tuple([ast.Name(arg.arg), default])


def sought(limit: Limit) -> set[float]:
    """The number, and the same in seconds. Not 0 and 1: they count everywhere."""
    return {limit.value, limit.value * SECONDS.get(limit.unit, 1)} - {0, 1}


def legal_numbers(source: str) -> list[str]:
    """Pieces of code that write a number of the law themselves."""
    found = []
    for node in parts(ast.parse(source)):
        names, numbers = names_and_numbers(node)
        if any(re.search(OTHERS, name) for name in names):
            continue
        for limit in LIMITS:
            word = WORD.get(limit.unit)
            is_named = word is not None and any(re.search(word, name) for name in names)
            if is_named and numbers & sought(limit):
                found.append(f"{limit.key}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_R1_1_no_module_writes_a_legal_number(module: Path) -> None:
    assert legal_numbers(module.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "RETENTION_DAYS = 30",
        "retention: int = 90",
        "keep(retain_days=30)",
        "if term.days > 90: pass",
        "def f(x, keep_days=30): pass",
        "def f(*, retention_s=30 * 86400): pass",
        "FILING_DAYS = 30",
        "OUTAGE_SECONDS = 2.0",
        "def is_outage(s): return s > outage and outage > 2",
        "replace(year=day.year + 2)",
        "if volume.days_left < 7: pass",
        "REMOVAL = timedelta(hours=24)",
        "removal_s = 86_400",
    ],
)
def test_R1_1_the_search_would_find_one(source: str) -> None:
    assert legal_numbers(source)


@pytest.mark.parametrize(
    "source",
    [
        "READY = 30.0",
        "audit_keeps(keep=audit_days or 30)",
        "SESSION_KEPT_S = 30 * 86_400",
        "retention_page = 200",
        "width = 90",
        "kept = 1",
        "removal_batch = 200",
    ],
)
def test_R1_1_the_search_finds_nothing_else(source: str) -> None:
    assert legal_numbers(source) == []


@pytest.mark.parametrize(
    ("key", "value", "unit", "article"),
    [
        ("retention.default", 30, "days", "28¶2"),
        ("retention.term.counter_terror", 90, "days", "28¶2"),
        ("retention.term.important", 2, "years", "28¶2"),
        ("release.persons", 2, "persons", "27¶2"),
        ("space.alarm", 7, "days", "28¶2"),
        ("outage.tolerance", 2, "seconds", "25(3)"),
        ("measures.validity", 2, "years", "36"),
    ],
)
def test_the_numbers_are_those_of_the_requirements(key: str, value: int, unit: str, article: str) -> None:
    limit = law().limit(key)
    assert (limit.value, limit.unit, str(limit.article)) == (value, unit, article)


def test_R1_1_every_number_of_an_edition_has_its_limit_and_its_article() -> None:
    declared = {parameter.key for edition in law().editions for parameter in edition.parameters}
    assert sorted(declared) == sorted(limit.key for limit in LIMITS)
    assert all(law().provision(limit.article).article.number == limit.article.number for limit in LIMITS)


def test_R25_5_an_outage_is_more_than_two_seconds() -> None:
    limit = law().limit("outage.tolerance")
    assert [gap > limit.value for gap in (1.9, 2.0, 2.1)] == [False, False, True]
    assert limit.design


def test_R26_4_limits_of_the_clocks() -> None:
    keys = ("clock.platform", "clock.camera_warning", "clock.camera_failure")
    assert [law().number(key) for key in keys] == [1, 5, 30]


def rows() -> list[list[str]]:
    """Cells of every table row of the page."""
    lines = (ROOT / "docs" / "retention.md").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


@pytest.mark.parametrize(
    "limit", [limit for limit in LIMITS if limit.key.startswith(DESCRIBED)], ids=lambda limit: limit.key
)
def test_every_number_is_described(limit: Limit) -> None:
    [cells] = [cells for cells in rows() if cells[0] == f"`{limit.key}`"]
    number = f"{limit.value:,}".replace(",", " ")
    assert cells[1] == f"{number} {limit.unit}"
    others = [article for article in law().cited(limit.code) if article.number != limit.article.number]
    sources = cells[3].split(", ")
    assert sources[: 1 + len(others)] == [str(article) for article in (limit.article, *others)]
    assert ("*design*" in sources) == limit.design


def test_every_described_number_is_one_of_the_law() -> None:
    keys = [cells[0].strip("`") for cells in rows() if re.fullmatch(r"`\w+\.[\w.]+`", cells[0])]
    assert keys == list(dict.fromkeys(keys))
    assert set(keys) <= set(law().limits)


EXAMPLES = [cells for cells in rows() if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", cells[0])]


@pytest.mark.parametrize("cells", EXAMPLES, ids="/".join)
def test_the_worked_examples_are_right(cells: list[str]) -> None:
    ended, length, last_day, free, free_utc = cells
    number, unit = length.split()
    days, years = (int(number) if unit == each else 0 for each in (Unit.DAYS, Unit.YEARS))
    article = law().limit("retention.default").article
    until = Term(TermKind.DEFAULT, "", article, days, years, "").until(beijing(ended))
    assert until == beijing(free)
    assert f"{until:%Y-%m-%d %H:%M}" == free_utc
    assert str(civil_date(until - TICK)) == last_day


def test_there_are_worked_examples() -> None:
    assert len(EXAMPLES) >= 5
