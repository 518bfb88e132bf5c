"""One searched column a row: the text, its pinyin in full and its initials, lower case.

Two characters anywhere in a name are most queries, so a plain LIKE over this column (docs/performance.md), on
both databases, instead of a word index that would not find them.
"""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

WIDTH = str.maketrans({0xFF01 + step: 0x21 + step for step in range(94)} | {0x3000: 0x20})


def searchable(*texts: str) -> str:
    """What a row is found by: each text, its pinyin without tones, its initials."""
    return "\n".join(part for text in texts if text for part in _parts(text))


def sought(query: str) -> str:
    """A query as the column is written: full-width letters and digits as ASCII, lower case."""
    return query.translate(WIDTH).strip().lower()


@lru_cache(maxsize=65_536)
def _parts(text: str) -> tuple[str, ...]:
    plain = sought(text)
    if plain.isascii():
        return (plain,)
    return plain, "".join(lazy_pinyin(plain)), "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER))
