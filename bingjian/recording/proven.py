"""Reading a closed segment of which there are several files, the original and copies of it (R27.5).

Nobody has to know which of them is good: each fragment is hashed as it is read, and comes from the first file
that has it as it was written. What no file has so is not given out.
"""

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bingjian.recording import index
from bingjian.recording.index import Entry
from bingjian.recording.segment import index_path
from bingjian.tlog import tree


class Unproven(Exception):
    """No file has these bytes as they were written; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a segment's bytes must be, and where they may be found."""

    entries: tuple[Entry, ...]  # of its index, which has the segment's root
    files: tuple[Path, ...]  # the original first

    @property
    def size_bytes(self) -> int:
        return self.entries[-1].end


def proof_of(files: Sequence[Path], root: bytes) -> Proof:
    """By the first index that has this root. Raises Unproven."""
    for path in files:
        entries = tuple(_entries(index_path(path)))
        if entries and tree.root(map(index.pack, entries)) == root:
            return Proof(entries, tuple(files))
    raise Unproven("no index is as it was written")


def _entries(path: Path) -> Iterator[Entry]:
    try:
        return index.entries_of(path.read_bytes())
    except OSError:
        return iter(())


class ProvenReader:
    """Reads from one segment; keeps the last fragment, so that small reads in order hash each but once."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._ends = [entry.end for entry in proof.entries]
        self._last: tuple[Entry, bytes] | None = None

    def read(self, offset: int, length: int) -> bytes:
        """These bytes of the file; fewer at its end. Raises Unproven."""
        return b"".join(self._parts(offset, min(offset + length, self._proof.size_bytes)))

    def require(self, offset: int, length: int) -> None:
        """Raises Unproven unless every fragment with one of these bytes is to be had."""
        for _ in self._parts(offset, min(offset + length, self._proof.size_bytes)):
            pass

    def _parts(self, offset: int, end: int) -> Iterator[bytes]:
        number = bisect_right(self._ends, offset)
        while offset < end:
            entry = self._proof.entries[number]
            yield self._fragment(entry)[offset - entry.offset : end - entry.offset]
            offset, number = entry.end, number + 1

    def _fragment(self, entry: Entry) -> bytes:
        if self._last is None or self._last[0] != entry:
            self._last = entry, self._found(entry)
        return self._last[1]

    def _found(self, entry: Entry) -> bytes:
        for path in self._proof.files:
            data = _read(path, entry.offset, entry.length)
            if sha256(data).digest() == entry.sha256:
                return data
        raise Unproven(f"no file has bytes {entry.offset} to {entry.end} as they were written")


def _read(path: Path, offset: int, length: int) -> bytes:
    """Nothing if they cannot be had."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)
    except OSError:
        return b""
