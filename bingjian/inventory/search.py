"""One searched column a row: the text, its pinyin in full and its initials, lower case.

Two characters anywhere in a name are most queries, so a plain LIKE over this column (docs/performance.md), on
both databases, instead of a word index that would not find them.
"""

import re
from functools import lru_cache

WIDTH = str.maketrans({0xFF01 + step: 0x21 + step for step in range(94)} | {0x3000: 0x20})
RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


def searchable(*texts: str) -> str:
    """What a row is found by: each text, its pinyin without tones, its initials."""
    return "\n".join(part for text in texts if text for part in _parts(text))


def sought(query: str) -> str:
    """A query as the column is written: full-width letters and digits as ASCII, lower case."""
    return query.translate(WIDTH).strip().lower()


def _parts(text: str) -> tuple[str, ...]:
    plain = sought(text)
    if plain.isascii():
        return (plain,)
    spelt = [_spelt(run) for run in RUNS.findall(plain)]
    return plain, "".join(full for full, _ in spelt), "".join(initials for _, initials in spelt)


@lru_cache(maxsize=65_536)
def _spelt(run: str) -> tuple[str, str]:
    """Pinyin and initials; names differ in their numbers, the words between them come again and again."""
    if run.isascii():
        return run, run
    from pypinyin import lazy_pinyin  # its dictionary takes a second to load: when first needed

    syllables = lazy_pinyin(run)
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)
