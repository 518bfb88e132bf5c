"""Answers as the tests of the rules look at them, and a third edition to try them with."""

from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.edition import Edition
from bingjian.rules.reading import read_edition

ROOT = """id = "third"
title.zh = "另一城市的办法"
title.en = "Another city's measures"
rank = 9
mark = "T"
kind = "local_measure"
issued = 2026-01-01
articles = 1
[[article]]
number = 1
heading.zh = "一"
heading.en = "one"
reference = "一"
text.zh = "一"
text.en = "one"
[[duty]]
code = "T1"
article = "1"
act = "enforce"
text.zh = "一"
text.en = "one"
part = "rules"
"""


def codes(answer: Grant | Refusal) -> list[str]:
    """Of everything that refuses; none if granted. Each is told in both languages."""
    refusals = all_of(answer)
    assert all(text.strip() for each in refusals for text in (*each.reason, *each.remedy))
    return [each.code for each in refusals]


def told(answer: Grant | Refusal) -> str:
    """All reasons, English, one a line."""
    return "\n".join(each.reason.en for each in all_of(answer))


def told_zh(answer: Grant | Refusal) -> str:
    return "\n".join(each.reason.zh for each in all_of(answer))


def third(*, number: tuple[str, int, str, str] | None = None, code: tuple[str, str] | None = None) -> Edition:
    """A fictitious edition with one number (key, value, unit, bound) or one code (enumeration, code) more."""
    text = ROOT
    if number is not None:
        key, value, unit, bound = number
        text += f'[[parameter]]\nkey = "{key}"\nvalue = {value}\nunit = "{unit}"\nbound = "{bound}"\n'
        text += 'article = "1"\nduty = "T1"\ntext.zh = "一"\ntext.en = "one"\n'
    if code is not None:
        of, name = code
        text += (
            f'[[code]]\nof = "{of}"\ncode = "{name}"\narticle = "1"\ntext.zh = "{name}"\ntext.en = "{name}"\n'
        )
    return read_edition("third.toml", text)
