"""Prose on a terminal, wrapped to its width; a Chinese letter is as wide as two Latin ones."""

import re
import shutil
import unicodedata
from collections.abc import Iterator

LEAST, MOST = 40, 110  # columns: narrower cannot be read, wider is tiring
LETTER = r"[\u2e80-\u9fff\uf900-\uff60]"
# What must stay on one line: a Latin word, or a Chinese letter; opening marks go with what follows, closing
# marks with what they follow.
PIECE = re.compile(rf"\s+|[（《“]*(?:{LETTER}|[^\s\u2e80-\u9fff\uf900-\uff60]+)[，。；：、）》”！？]*")


def columns() -> int:
    """How wide to write here."""
    return max(LEAST, min(MOST, shutil.get_terminal_size().columns))


def width_of(text: str) -> int:
    """In columns."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, first: str = "", later: str | None = None, width: int | None = None) -> str:
    """``text`` as lines, the first after ``first``, the others after ``later``, else as far in as it."""
    later = " " * width_of(first) if later is None else later
    return "\n".join(_lines(text, first, later, columns() if width is None else width))


def _lines(text: str, first: str, later: str, width: int) -> Iterator[str]:
    line, is_empty = first, True
    for piece in PIECE.findall(text):
        if not is_empty and width_of(line) + width_of(piece.rstrip()) > width:
            yield line.rstrip()
            line, is_empty = later, True
        if not (is_empty and piece.isspace()):
            line, is_empty = line + piece, False
    yield line.rstrip()
