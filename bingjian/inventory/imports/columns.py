"""Which column is which field: guessed from the headings, in Chinese, pinyin codes or English."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from bingjian.inventory.fields import FIELDS
from bingjian.inventory.search import WIDTH

HEADER_ROWS = 10  # the headings stand in one of the first rows; a title may stand above
NOISE = re.compile(r"[\s*＊:：_\-/、.]|[（(\[【].*?[)）\]】]")


@cache
def headings() -> dict[str, str]:
    """Field by every heading that means it, in its plainest form."""
    found = dict[str, str]()
    for field in FIELDS:
        for text in (field.name, field.pinyin, field.words.zh, field.words.en, *field.aliases):
            found.setdefault(simple(text), field.name)
    return found


def simple(text: object) -> str:
    return NOISE.sub("", str(text).translate(WIDTH)).lower()


def guess_header(rows: Sequence[Sequence[Any]]) -> int:
    """The row (from 1) among these that has most headings; the first if none has any."""
    known = headings()
    scores = [sum(simple(cell) in known for cell in row) for row in rows[:HEADER_ROWS]]
    return scores.index(max(scores)) + 1 if scores else 1


def guess_columns(header: Sequence[Any]) -> dict[int, str]:
    """Field by column (from 0); of two columns for one field the first counts."""
    known, found = headings(), dict[int, str]()
    for column, cell in enumerate(header):
        name = known.get(simple(cell))
        if name is not None and name not in found.values():
            found[column] = name
    return found


def letter(column: int) -> str:
    """As spreadsheets name it: 0 → A, 26 → AA."""
    text, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        text = chr(ord("A") + digit) + text
    return text
