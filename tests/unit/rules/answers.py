"""What the tests of the rules read out of an answer, and laws to ask besides the packaged one."""

from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.edition import Edition
from bingjian.rules.law import Law
from bingjian.rules.library import law, packaged
from tests.unit.rules.fictitious import code as code_of
from tests.unit.rules.fictitious import edition, parameter


def codes(answer: object) -> list[str]:
    """Of everything that refuses; none if granted. Each is told in both languages, with something to do."""
    assert isinstance(answer, Grant | Refusal)
    refusals = all_of(answer)
    assert all(text.strip() for each in refusals for text in (*each.reason, *each.remedy))
    return [each.code for each in refusals]


def told(answer: Grant | Refusal) -> str:
    """All reasons, English, one a line."""
    return "\n".join(each.reason.en for each in all_of(answer))


def told_zh(answer: Grant | Refusal) -> str:
    return "\n".join(each.reason.zh for each in all_of(answer))


def reasons(answer: object) -> str:
    """All that a refused person reads in English."""
    assert isinstance(answer, Refusal)
    return " | ".join(refusal.reason.en for refusal in all_of(answer))


def articles(answer: Grant | Refusal) -> set[str]:
    """Every article that the answer cites."""
    if isinstance(answer, Grant):
        return {str(article) for article in answer.articles}
    return {str(article) for one in all_of(answer) for article in (one.article, *one.beside)}


def third(*, number: tuple[str, int, str, str] | None = None, code: tuple[str, str] | None = None) -> Edition:
    """A fictitious edition with one number (key, value, unit, bound) or one code (enumeration, code) more."""
    numbers = [parameter(*number)] if number is not None else []
    added = [code_of(*code, code[1], code[1], 1)] if code is not None else []
    return edition(*numbers, *added)


def also_with(**added: str) -> Law:
    """The packaged law and a third edition with one more code of each enumeration: of=code."""
    extra = (code_of(of.replace("__", "."), code, "增补", "added", 1) for of, code in added.items())
    return law().adding(edition(*extra))


def decree_alone() -> Law:
    """The city's measures not in force."""
    return Law([packaged("decree_799")])
