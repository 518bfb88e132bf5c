"""What left of a copy: the SHA-256 of exactly the bytes that were sent, told to the journal (art. 25(5)).

A file is sent whole, or in ranges as a broken transfer goes on; once every byte of it has been read to be
sent, its hash is known. The last of them is given only when a volume owes the journal an entry of it: no file
is whole at its recipient that the register will not tell of.
"""

import asyncio
import hashlib
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from bingjian.recording.piece import Piece
from bingjian.streaming.contents import PiecedContent
from bingjian.streaming.http import Content

log = structlog.get_logger(__name__)

MOST_FILES = 2000  # remembered; the one not asked for longest is forgotten, and sent anew it is counted anew
READ_BYTES = 1 << 20  # at a time, of what was sent out of order and has to be read once more


class Package(NamedTuple):
    """A file of a copy that went out whole."""

    camera: str
    entry: int  # number of the journal entry that the copy was opened under
    file: int  # from 1
    size_bytes: int
    sha256: str


class NotOwed(Exception):
    """No volume takes the debt down; carries one plain sentence."""


Owe = Callable[[Package], None]  # durable when it returns; blocks; raises NotOwed


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file of which copy."""

    camera: str
    entry: int
    file: int
    pieces: Sequence[Piece]


class HandOver:
    """One file on its way. Several requests may send parts of it at a time."""

    def __init__(self, wanted: Wanted, owe: Owe) -> None:
        self._wanted = wanted
        self._owe = owe
        self._size = sum(piece.length for piece in wanted.pieces)
        self._sent = Spans()
        self._digest, self._hashed = hashlib.sha256(), 0  # so many bytes from the beginning
        self._is_told = False
        self._lock = asyncio.Lock()

    async def take(self, offset: int, data: bytes) -> None:
        """These bytes are about to go. Raises NotOwed: the last of them must not."""
        async with self._lock:
            await self._hash(offset, data)
            self._sent.add(offset, offset + len(data))
            if self._is_told or not self._sent.covers(self._size):
                return
            await self._hash_rest()
            told = self._wanted.camera, self._wanted.entry, self._wanted.file, self._size
            await asyncio.to_thread(self._owe, Package(*told, self._digest.hexdigest()))
            self._is_told = True

    async def _hash(self, offset: int, data: bytes) -> None:
        """As far as it goes on where the hash stands; usually it does, from the beginning to the end."""
        if offset <= self._hashed < offset + len(data):
            fresh = memoryview(data)[self._hashed - offset :]
            await asyncio.to_thread(self._digest.update, fresh)
            self._hashed += len(fresh)

    async def _hash_rest(self) -> None:
        """What was sent out of order, read again."""
        content = PiecedContent(self._wanted.pieces)
        try:
            while self._hashed < self._size:
                data = await content.read(self._hashed, min(READ_BYTES, self._size - self._hashed))
                if not data:
                    raise NotOwed("the file has shrunk while it was sent")
                await self._hash(self._hashed, data)
        finally:
            content.close()


class Spans:
    """Which bytes of a file there were, as few intervals as there can be."""

    def __init__(self) -> None:
        self._spans = list[tuple[int, int]]()

    def add(self, start: int, end: int) -> None:
        at = bisect_left(self._spans, (start, start))
        first = at - 1 if at and self._spans[at - 1][1] >= start else at
        last = first
        while last < len(self._spans) and self._spans[last][0] <= end:
            start, end = min(start, self._spans[last][0]), max(end, self._spans[last][1])
            last += 1
        self._spans[first:last] = [(start, end)]

    def covers(self, size: int) -> bool:
        return self._spans[:1] == [(0, size)]


class HandOvers:
    """All copies of a worker."""

    def __init__(self, owe: Owe) -> None:
        self._owe = owe
        self._known: OrderedDict[tuple[int, int], HandOver] = OrderedDict()

    def watched(self, content: Content, wanted: Wanted) -> Content:
        """The same content, which is told of when all of it has gone."""
        key = wanted.entry, wanted.file
        if key not in self._known:
            self._known[key] = HandOver(wanted, self._owe)
            if len(self._known) > MOST_FILES:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return WatchedContent(content, self._known[key])


class WatchedContent:
    """Content of which it is noted what goes; where that cannot be told, the connection is cut."""

    def __init__(self, content: Content, hand_over: HandOver) -> None:
        self._content = content
        self._hand_over = hand_over

    @property
    def size(self) -> int:
        return self._content.size

    async def read(self, offset: int, length: int) -> bytes:
        data = await self._content.read(offset, length)
        try:
            await self._hand_over.take(offset, data)
        except NotOwed as error:
            log.error("package_not_told", reason=str(error))
            return b""
        return data

    def close(self) -> None:
        self._content.close()
