"""An edition that is not as it must be is refused with file, line and reason; nothing of it is loaded."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.rules.edition import Edition
from bingjian.rules.holidays import read_holidays
from bingjian.rules.law import Law, LawError
from bingjian.rules.library import FOLDER, NAMES, law, packaged
from bingjian.rules.reading import read_edition
from tests.unit.rules.fictitious import ARTICLES, DUTY, FILE, HEAD, code, edition, edition_text, parameter

NUMBER = parameter("elsewhere.number", 60, "days", "least")
GOOD = edition_text(NUMBER, code("elsewhere_kind", "first"))


def refused(text: str) -> LawError:
    with pytest.raises(LawError) as caught:
        read_edition(FILE, text)
    return caught.value


def line_of(text: str, piece: str) -> int:
    """Of the first line that holds the piece, from 1."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if piece in line)


def test_the_edition_that_the_faults_are_put_into_is_good() -> None:
    read = read_edition(FILE, GOOD)
    assert [one.key for one in read.parameters] == ["elsewhere.number"]
    assert read.parameters[0].source == (FILE, line_of(GOOD, "value = 60"))


FAULTS = [  # what is there, what instead, a piece of the line that is told, a piece of the reason
    ("articles = 2", "articles = 3", "articles = 3", "article 3 of 3 is missing"),
    ("number = 2", "number = 3", "articles = 2", "article 2 of 2 is missing"),
    ('unit = "days"', 'unit = "fortnights"', "fortnights", "'fortnights' is not one of days"),
    ('bound = "least"', 'bound = "about"', "about", "is not one of least, most"),
    ('act = "enforce"', 'act = "hope"', "hope", "is not one of enforce"),
    ('kind = "local_measure"', 'kind = "custom"', "custom", "is not one of statute"),
    ("value = 60", 'value = "60"', 'value = "60"', "must be a whole number"),
    ("value = 60", "value = 60.5", "value = 60.5", "must be a whole number"),
    ("value = 60", "value = true", "value = true", "must be a whole number"),
    ("value = 60", "value = -60", "value = -60", "must not be negative"),
    ("value = 60\n", "", "[[parameter]]", "value is missing"),
    ('key = "elsewhere.number"', "key = 7", "key = 7", "must be a text"),
    ('key = "elsewhere.number"', 'key = "  "', 'key = "  "', "is empty"),
    ('bound = ["operator"]', 'bound = "operator"', 'bound = "operator"', "must be a list of texts"),
    ('bound = ["operator"]', "bound = [1]", "bound = [1]", "must be a list of different texts"),
    ('text.zh = "数"\n', "", 'text.en = "number"', "must be two texts, zh and en"),
    ('text.zh = "数"', 'text.zh = ""', 'text.zh = ""', "must be two texts, zh and en"),
    ('text.zh = "数"', 'text.fr = "nombre"', "nombre", "must be two texts, zh and en"),
    (
        'text.zh = "数"\ntext.en = "number"',
        'text = "number"',
        'text = "number"',
        "must be two texts, zh and en",
    ),
    ("issued = 2026-01-01", 'issued = "2026-01-01"', 'issued = "', "must be a date"),
    (
        "issued = 2026-01-01",
        "issued = 2026-01-01T00:00:00",
        "issued = 2026-01-01T",
        "must be a date without a time",
    ),
    ("issued = 2026-01-01", "issued = 2026-13-01", "issued = 2026-13-01", "not TOML"),
    ('duty = "E1"', 'duty = "E2"', "[[parameter]]", "E2 is no duty of this file"),
    ('article = "1"\nduty', 'article = "7"\nduty', "[[parameter]]", "article 7 is not in this file"),
    ('article = "1"\nduty', 'article = "one"\nduty', 'article = "one"', "is not a place like 28¶2"),
    ('unit = "days"', 'unit = "days"\nvlaue = 7', "vlaue", "no such key"),
    ("articles = 2", 'articles = 2\nsucessor = "x"', "sucessor", "no such key"),
    ("[[code]]", "[[cdoe]]", "[[cdoe]]", "no such key"),
    ("[[code]]", "[code]", "[code]", "must be written as [[code]]"),
    ("articles = 2", "articles = 2\npenalty = [1]", "penalty = [1]", "must be written as [[penalty]]"),
    ("articles = 2", "articles = 2\npenalty = 1", "penalty = 1", "must be written as [[penalty]]"),
    ("[[code]]", "[[code]", "[[code]", "not TOML"),
    ("rank = 4", "rank = ", "rank = ", "not TOML"),
    ("rank = 4", "rank = 4\nrank = 5", "rank = 5", "not TOML"),
]


@pytest.mark.parametrize(("there", "instead", "line", "reason"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_a_fault_is_refused_with_file_line_and_reason(
    there: str, instead: str, line: str, reason: str
) -> None:
    assert there in GOOD
    text = GOOD.replace(there, instead, 1)
    error = refused(text)
    assert error.source == (FILE, line_of(text, line))
    assert reason in error.reason
    assert str(error).startswith(f"{FILE}:{error.source.line}: ")


@pytest.mark.parametrize(
    ("table", "again", "reason"),
    [
        (NUMBER, "[[parameter]]", "parameter elsewhere.number is there already"),
        (code("elsewhere_kind", "first"), "[[code]]", "code elsewhere_kind first is there already"),
        (DUTY, "[[duty]]", "duty E1 is there already"),
        (ARTICLES[: len(ARTICLES) // 2], "[[article]]", "article 1 is there already"),
    ],
)
def test_what_is_there_twice_is_refused_where_it_stands_again(table: str, again: str, reason: str) -> None:
    text = GOOD + table
    error = refused(text)
    assert (error.source.line, error.reason) == (line_of(text[len(GOOD) :], again) + GOOD.count("\n"), reason)


def dated(*lines: str) -> str:
    return HEAD + "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("effective", "expiry", "granted"),
    [
        ("2026-01-02", "2026-01-01", False),
        ("2026-01-01", "2026-01-01", True),
        ("2026-01-01", "2026-01-02", True),
    ],
)
def test_an_edition_does_not_end_before_it_begins(effective: str, expiry: str, granted: bool) -> None:
    text = edition_text(head=dated(f"effective = {effective}", f"expiry = {expiry}"))
    if granted:
        assert read_edition(FILE, text).expiry == date.fromisoformat(expiry)
        return
    error = refused(text)
    assert error.source.line == line_of(text, "expiry")
    assert "lies before the day" in error.reason


def successor(effective: str) -> Edition:
    head = HEAD.replace('id = "elsewhere"', 'id = "next"').replace("rank = 4", "rank = 5")
    text = edition_text(head=head + f"effective = {effective}\n").replace('"E1"', '"F1"')
    return read_edition("next.toml", text)


@pytest.mark.parametrize(
    ("expiry", "begins", "granted"),
    [
        ("expiry = 2026-06-30", "2026-06-30", False),
        ("expiry = 2026-06-30", "2026-07-01", True),
        ("expiry = 2026-06-30", "2026-07-02", True),
        ("", "2026-07-01", False),  # it never ends
    ],
)
def test_an_edition_ends_before_its_successor_begins(expiry: str, begins: str, granted: bool) -> None:
    first = edition(head=dated("effective = 2026-01-01", expiry, 'successor = "next"'))
    if granted:
        assert len(Law([first, successor(begins)]).editions) == 2
        return
    with pytest.raises(LawError, match="must end before its successor next begins") as caught:
        Law([first, successor(begins)])
    assert caught.value.source.file == FILE


@pytest.mark.parametrize(("days", "granted"), [(29, False), (30, True), (31, True), (0, False)])
@pytest.mark.parametrize("key", ["retention.default", "retention.term.schools"])
def test_R28_5_a_city_or_a_standard_sets_no_shorter_term(key: str, days: int, granted: bool) -> None:
    for kind in ("local_measure", "standard"):
        text = edition_text(parameter(key, days, "days", "least"), head=HEAD.replace("local_measure", kind))
        more = read_edition(FILE, text)
        if granted:
            assert law().adding(more).number("retention.default") >= 30
            continue
        with pytest.raises(LawError, match="only a statute or an administrative regulation") as caught:
            law().adding(more)
        assert caught.value.source == (FILE, line_of(text, f"value = {days}"))


@pytest.mark.parametrize("kind", ["statute", "administrative_regulation"])
def test_R28_5_higher_law_may_set_a_shorter_term_and_the_general_one_still_decides(kind: str) -> None:
    head = HEAD.replace("local_measure", kind)
    shorter = edition(parameter("retention.default", 15, "days", "least"), head=head)
    assert law().adding(shorter).number("retention.default") == 30


def test_a_code_that_another_edition_has_is_refused() -> None:
    taken = read_edition(FILE, edition_text().replace('"E1"', '"R28.1"'))
    with pytest.raises(LawError, match=r"the code R28\.1 is taken by harbin_draft_2023\.toml") as caught:
        law().adding(taken)
    assert caught.value.source == (FILE, line_of(edition_text(), "[[duty]]"))


def test_one_key_has_one_unit() -> None:
    text = edition_text(parameter("retention.term.important", 3, "months", "least"))
    with pytest.raises(LawError, match=r"retention\.term\.important must be in years") as caught:
        law().adding(read_edition(FILE, text))
    assert caught.value.source == (FILE, line_of(text, "value = 3"))


def test_nothing_is_half_loaded() -> None:
    before = law()
    limits, duties = dict(before.limits), dict(before.duties)
    clashing = edition(
        parameter("retention.default", 400, "days", "least"),
        parameter("retention.term.x", 1, "days", "least"),
    )
    with pytest.raises(LawError):
        before.adding(clashing)
    assert law() is before
    assert (dict(before.limits), dict(before.duties)) == (limits, duties)


FILES = {name: (FOLDER / f"{name}.toml").read_text(encoding="utf-8") for name in NAMES}


@given(st.sampled_from(NAMES), st.data())
def test_a_packaged_file_that_is_cut_anywhere_is_refused_or_whole(name: str, data: st.DataObject) -> None:
    """Only LawError may come out; what is read without a word has all its articles."""
    lines = FILES[name].splitlines(keepends=True)
    cut = data.draw(st.integers(0, len(lines)))
    read = read_or_refuse(name, "".join(lines[:cut]))
    if isinstance(read, LawError):
        assert 1 <= read.source.line <= cut + 1
    else:
        assert read.is_excerpt or read.by_number.keys() == packaged(name).by_number.keys()


def read_or_refuse(file: str, text: str) -> Edition | LawError:
    """Nothing but LawError may come out."""
    try:
        return read_edition(file, text)
    except LawError as error:
        return error


OTHERS = ["null", "7", "[]", "{}", '""', "-1", "1.5", "true", "2026-01-01", "[1]", '{zh = "a"}', "inf"]


@given(st.sampled_from(OTHERS), st.data())
def test_a_value_of_any_other_type_is_refused_where_it_stands(value: str, data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    numbers = [number for number, line in enumerate(lines) if " = " in line]
    at = data.draw(st.sampled_from(numbers))
    lines[at] = f"{lines[at].split(' = ')[0]} = {value}"
    read = read_or_refuse(FILE, "\n".join(lines))
    if isinstance(read, LawError):
        assert read.source.file == FILE
        assert read.reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[2026]\noff = [2026-01-01\n", 1, "not TOML"),
        ("[2026]\noff = [2026-01-01]\n", 1, "worked of 2026 must be a list of dates"),
        (
            "\n[2026]\noff = [2027-01-01]\nworked = []\n",
            2,
            "off of 2026 must be a list of dates in that year",
        ),
        ('[2026]\noff = ["1 May"]\nworked = []\n', 1, "off of 2026 must be a list of dates in that year"),
    ],
)
def test_holidays_that_cannot_be_read(text: str, line: int, reason: str) -> None:
    with pytest.raises(LawError) as caught:
        read_holidays("holidays.toml", text)
    assert caught.value.source.file == "holidays.toml"
    assert reason in caught.value.reason
    assert "TOML" in reason or caught.value.source.line == line


def test_the_reading_is_a_function_of_the_text() -> None:
    reader: Callable[[str, str], Edition] = read_edition
    assert reader(FILE, GOOD) == reader(FILE, GOOD)
