"""What a file that nobody has written is made of."""

from pathlib import Path
from typing import NamedTuple


class Piece(NamedTuple):
    """Some bytes in memory, or a range of a stored file."""

    length: int
    data: bytes = b""
    path: Path | None = None  # None: ``data`` is all
    offset: int = 0  # in the file
