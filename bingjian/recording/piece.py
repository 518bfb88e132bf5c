"""What a file that nobody has written is made of."""

from pathlib import Path
from typing import NamedTuple

from bingjian.recording.proven import Proof


class Piece(NamedTuple):
    """Some bytes in memory, or a range of a stored file."""

    length: int
    data: bytes = b""
    path: Path | None = None  # None: ``data`` is all
    offset: int = 0  # in the file
    proof: Proof | None = None  # of a segment with copies: its bytes are read by this, not from ``path``
