"""Bodies of answers that lie in files: read in bounded pieces, never waiting for a disk on the event loop."""

import asyncio
import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

import structlog

from bingjian.recording.piece import Piece
from bingjian.recording.proven import Proof, ProvenReader, Unproven
from bingjian.streaming.http import Content

log = structlog.get_logger(__name__)

MANY_PIECES = 16  # in one chunk; reading more takes the event loop's time, 4 µs each


class FileContent:
    """A file's first ``size`` bytes, from the page cache on the event loop, from a cold disk in a thread."""

    def __init__(self, path: str | os.PathLike[str], size: int | None = None) -> None:
        """Opens the file; raises OSError."""
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = os.fstat(self._fd).st_size if size is None else size

    @property
    def size(self) -> int:
        return self._size

    async def read(self, offset: int, length: int) -> bytes:
        """What is cached at once, what is not in a thread: a cold disk must not stop the cameras."""
        data = read_cached(self._fd, length, offset)
        return data if data is not None else await asyncio.to_thread(os.pread, self._fd, length, offset)

    def close(self) -> None:
        os.close(self._fd)


class PiecedContent:
    """Content of several pieces, one behind the other: bytes in memory and ranges of files.

    A file is opened when its first byte is wanted, and one at a time: a copy of hours has thousands of pieces
    in hundreds of files. One that is gone by then cuts the connection, like any that has shrunk, and so does
    one of a held segment that neither original nor copy has as it was written.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._ends = list(accumulate(piece.length for piece in pieces))
        self._path: str | os.PathLike[str] | None = None
        self._fd = -1
        self._proven: tuple[Proof, ProvenReader] | None = None  # of the last piece with a proof

    @property
    def size(self) -> int:
        return self._ends[-1] if self._ends else 0

    async def read(self, offset: int, length: int) -> bytes:
        """As ``FileContent.read``; so many little pieces that they cost time are read in a thread as well."""
        first = bisect_right(self._ends, offset)
        last = bisect_left(self._ends, offset + length)
        data = self._gather(offset, length, read_cached) if last - first < MANY_PIECES else None
        if data is None:
            data = await asyncio.to_thread(self._gather, offset, length, read_waiting)
        return data or b""

    def _gather(self, offset: int, length: int, read: "Reader") -> bytes | None:
        """None as soon as a piece cannot be had in this way."""
        parts: list[bytes] = []
        number = bisect_right(self._ends, offset)
        while length > 0 and number < len(self._pieces):
            piece = self._pieces[number]
            skipped = offset - (self._ends[number] - piece.length)
            part = self._part(piece, skipped, min(length, piece.length - skipped), read)
            if part is None:
                return None
            parts.append(part)
            offset, length, number = offset + len(part), length - len(part), number + 1
        return b"".join(parts)

    def _part(self, piece: Piece, skipped: int, length: int, read: "Reader") -> bytes | None:
        if piece.path is None:
            return piece.data[skipped : skipped + length]
        if piece.proof is not None:  # hashing is work: never on the event loop
            waits = read is read_waiting
            return self._proven_part(piece.proof, piece.offset + skipped, length) if waits else None
        try:
            if piece.path != self._path:
                self.close()
                self._fd = os.open(piece.path, os.O_RDONLY | os.O_CLOEXEC)
                self._path = piece.path
        except OSError:
            return None
        return read(self._fd, length, piece.offset + skipped)

    def _proven_part(self, proof: Proof, offset: int, length: int) -> bytes | None:
        if self._proven is None or self._proven[0] is not proof:
            self._proven = proof, ProvenReader(proof)
        try:
            return self._proven[1].read(offset, length)
        except Unproven as wrong:
            log.error("held_footage_unproven", path=str(proof.files[0]), reason=str(wrong))
            return None

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._path, self._fd = None, -1


class GuardedContent:
    """Content that is given while a right holds; then the connection is cut, as where a file has shrunk."""

    def __init__(self, content: Content, holds: Callable[[], bool]) -> None:
        self._content = content
        self._holds = holds

    @property
    def size(self) -> int:
        return self._content.size

    async def read(self, offset: int, length: int) -> bytes:
        return await self._content.read(offset, length) if self._holds() else b""

    def close(self) -> None:
        self._content.close()


Reader = Callable[[int, int, int], bytes | None]  # descriptor, length, offset


def read_waiting(fd: int, length: int, offset: int) -> bytes | None:
    """The bytes, from a cold disk if it must be; None if they are not there."""
    try:
        data = os.pread(fd, length, offset)
    except OSError:
        return None
    return data if len(data) == length else None


def read_cached(fd: int, length: int, offset: int) -> bytes | None:
    """The bytes if all of them are in the page cache, else None. Never waits for a disk."""
    buffer = bytearray(length)
    try:
        count = os.preadv(fd, [buffer], offset, os.RWF_NOWAIT)
    except OSError:  # EAGAIN: not cached; EOPNOTSUPP: a file system that cannot tell
        return None
    return bytes(buffer) if count == length else None
