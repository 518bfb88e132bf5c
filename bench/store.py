"""Stores made for benchmarks: real files of real, small video, written as the recorder writes them but all
at once; and catalogue rows, of those files or of none.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from uuid import UUID

from bench.small_video import small_video
from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats import mp4
from bingjian.recording import index
from bingjian.recording.catalogue import SegmentRow
from bingjian.recording.segment import Identity, index_path
from bingjian.tlog import tree

SEGMENT_S = 300
SEGMENTS_A_DAY = 86_400 // SEGMENT_S
TYPICAL_BYTES = 3_000_000 // 8 * SEGMENT_S  # of a segment that has a row but no file: 3 Mbit/s
WORKER, EPOCH = "bench", 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes rows that differ as those of a recorder do, the same ones for the same seed."""

    random: Random
    mime: str
    init_sha: bytes

    @classmethod
    def of(cls, seed: str) -> "Rows":
        tracks = (small_video().config,)
        return cls(Random(seed), mp4.mime_type(tracks), sha256(mp4.init_segment(tracks)).digest())

    def row(self, camera: UUID, start_90k: int, seconds: int) -> SegmentRow:
        """A closed segment of one fragment a second."""
        random = self.random.randbytes(48)
        return SegmentRow(
            *(UUID(bytes=random[:16]), camera, start_90k, start_90k + seconds * TICKS_PER_SECOND, "closed"),
            *(TYPICAL_BYTES, seconds + 1, random[16:]),
            *(self.mime, self.init_sha, WORKER, EPOCH),
        )


def with_files(root: Path, volume: UUID, rows: Iterable[SegmentRow]) -> Iterator[SegmentRow]:
    """Write each row's file and index; the rows as they then are. Durable once the file system is synced."""
    for row in rows:
        yield _written(root, volume, row)


def _written(root: Path, volume: UUID, row: SegmentRow) -> SegmentRow:
    video, leaves = small_video(), tree.Stack()
    identity = Identity(row.camera, volume, row.id, row.epoch).pack()
    pieces = [mp4.init_segment((video.config,), identity=identity)]
    entries = [_entry(row.start_90k, 0, 0, 0, pieces[0])]
    offset = len(pieces[0])
    for number, at_90k in enumerate(range(row.start_90k, row.end_90k, TICKS_PER_SECOND)):
        samples = video.second(number, at_90k)
        pieces.append(b"".join(mp4.fragment(number + 1, samples)))
        flags = index.SYNC if samples[0].sync else 0
        entries.append(_entry(at_90k, TICKS_PER_SECOND, offset, flags, pieces[-1]))
        offset += len(pieces[-1])
    for entry in entries:
        leaves.append(entry)
    path = root / row.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(pieces))
    index_path(path).write_bytes(b"".join(entries))
    return replace(row, size_bytes=offset, entries=len(entries), root=leaves.root())


def _entry(start_90k: int, duration_90k: int, offset: int, flags: int, data: bytes) -> bytes:
    digest = sha256(data).digest()
    return index.pack(index.Entry(start_90k, duration_90k, len(data), offset, flags, 0, digest))


def forget_cached(files: Iterable[Path]) -> None:
    """Take the files' pages out of the page cache, as far as they are on the disk already."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
