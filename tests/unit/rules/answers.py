"""Answers and laws that the tests of the rules share."""

from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.law import Law
from bingjian.rules.library import law, packaged
from bingjian.rules.reading import read_edition

THIRD = """
id = "third"
title.zh = "第三部规定"
title.en = "Third measures"
rank = 9
mark = "T"
kind = "local_measure"
issued = 2026-01-01
articles = 1

[[article]]
number = 1
heading.zh = "增补"
heading.en = "Additions"
reference = "增补"
text.zh = "增补代码。"
text.en = "It adds codes."

[[duty]]
code = "T1"
article = "1"
bound = ["everyone"]
act = "enforce"
text.zh = "遵守增补。"
text.en = "Obey the additions."
part = "rules"
"""
CODE = """
[[code]]
of = "{of}"
code = "{code}"
article = "1"
text.zh = "增补"
text.en = "added"
"""


def codes(answer: Grant | Refusal) -> list[str]:
    """The duties that refuse, in the order they are told."""
    return [refusal.code for refusal in all_of(answer)]


def articles(answer: Grant | Refusal) -> set[str]:
    """Every article that the answer cites."""
    if isinstance(answer, Grant):
        return {str(article) for article in answer.articles}
    return {str(article) for one in all_of(answer) for article in (one.article, *one.beside)}


def also_with(**added: str) -> Law:
    """The packaged law and a third edition with one more code of each enumeration: of=code."""
    text = THIRD + "".join(CODE.format(of=of.replace("__", "."), code=code) for of, code in added.items())
    return law().adding(read_edition("third.toml", text))


def decree_alone() -> Law:
    """The city's measures not in force."""
    return Law([packaged("decree_799")])
