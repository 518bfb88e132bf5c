"""The fast reader agrees with tomllib on all it takes, and leaves to it what it does not."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.rules.library import FOLDER, NAMES
from bingjian.rules.plain_toml import plain_tree

FILES = [f"{name}.toml" for name in NAMES]
PLAIN = """# a comment
id = "x"
title.zh = "办法"  # beside
title.en = "the \\"measures\\" \\\\ so"
rank = 1
issued = 2023-10-25
excerpt = true

[[article]]
number = 10
text.zh = "“等”, [#]"
codes = ["a", "b"]
none = []
[[article]]
[[duty]]
"""
ODD = ("a.b = 1", "a = 1", "[duty]", "a.b.c = 1", 'x = "\\n"', 'x = "\\""', "x = 1.5", "x = 1_0", "x = 01")
LINES = [*PLAIN.splitlines(), *ODD]


def of_tomllib(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


@pytest.mark.parametrize("file", FILES)
def test_every_edition_is_plain_and_read_as_tomllib_reads_it(file: str) -> None:
    text = (FOLDER / file).read_text(encoding="utf-8")
    assert plain_tree(text) == tomllib.loads(text)


def test_each_kind_of_value() -> None:
    tree = plain_tree(PLAIN)
    assert tree == tomllib.loads(PLAIN)
    assert tree is not None
    assert tree["title"] == {"zh": "办法", "en": 'the "measures" \\ so'}
    assert (tree["rank"], tree["issued"], tree["excerpt"]) == (1, date(2023, 10, 25), True)
    assert [len(tree["article"]), tree["duty"]] == [2, [{}]]


@pytest.mark.parametrize(
    "text",
    [
        *("a = 1\na = 2", "a.b = 1\na.b = 2", "a = 1\na.b = 2", "a.b = 1\na = 2", "a = 2023-02-30", "a = 01"),
        *("a = [1]\n[[a]]", "a = []\n[[a]]", "a = 1\n[[a]]", "a = ", "[[a]", "[a]", "a = b", 'a = "\\t"'),
        *(
            'a = """x"""',
            "a = 'x'",
            "a = 1.0",
            "a = -1",
            "a = 2023-10-25T00:00:00Z",
            'a = ["x",]',
            "a.b.c = 1",
        ),
        *('"a" = 1', 'a = "x" "y"', "办法 = 1", "a = 1\r\n", "# \x00", "[[a]]\nb.c = 1\nb = 2"),
    ],
)
def test_what_is_not_plain_is_left_to_tomllib(text: str) -> None:
    assert plain_tree(text) is None


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_what_it_takes_it_reads_as_tomllib_does(text: str) -> None:
    told = plain_tree(text)
    assert told is None or told == of_tomllib(text)


@given(st.integers(0, len(PLAIN)), st.integers(0, 3), st.text('ab"=[].# \n\t\\1-é', max_size=3))
def test_damage_is_never_read_as_something_else(at: int, gone: int, put: str) -> None:
    text = PLAIN[:at] + put + PLAIN[at + gone :]
    told = plain_tree(text)
    assert told is None or told == of_tomllib(text)
