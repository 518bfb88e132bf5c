"""``bingjian check``: the numbered invariants of docs/recording.md, tested on a real store. Changes nothing.

The store may be recorded into meanwhile: of an open segment only what holds of open ones is asked, and what
looks wrong is looked at again under the row as it then is. Shallow reads every index and the first and last
piece of every file; deep reads every byte."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from bingjian.formats import mp4, mp4_reader
from bingjian.formats.access_unit import FormatError
from bingjian.recording import fragments, index, strays
from bingjian.recording.catalogue import SegmentRow, segment_at
from bingjian.recording.findings_table import (
    FIRST,
    closed_after,
    gap_faults,
    open_rows,
    outside_gaps,
    removed_after,
    used_and_taken,
)
from bingjian.recording.index import ENTRY_BYTES, Entry
from bingjian.recording.inspection import StoredFile, index_of, removal_findings, stored_file
from bingjian.recording.segment import CLOSE_90K, Identity, index_path
from bingjian.recording.volume import IDENTITY_FILE, Volume
from bingjian.tlog import tree

PAGE = 256
LOCKS = Path("/proc/locks")  # every flock on this machine, see proc(5)


class Fault(StrEnum):
    """What is wrong; of which invariant stands in ``NUMBERS``."""

    FILE_MISSING = "file_missing"
    FILE_SIZE = "file_size"
    INDEX_MISSING = "index_missing"
    INDEX_SIZE = "index_size"
    ROOT = "root"
    UNREADABLE = "unreadable"
    OFFSETS = "offsets"
    STARTS = "starts"
    LAST_ENTRY = "last_entry"
    BYTES = "bytes"
    BOXES = "boxes"
    NOT_COVERED = "not_covered"
    NO_HEAD = "no_head"
    IDENTITY = "identity"
    STRAY = "stray"
    FORMAT = "format"
    START = "start"
    GAPS = "gaps"
    OUTSIDE_GAP = "outside_gap"
    NOT_LOCKED = "not_locked"
    END = "end"
    TOO_LONG = "too_long"
    REMOVAL = "removal"
    USED_BYTES = "used_bytes"


FAULTS = {  # by the number of the invariant
    1: "file_missing file_size index_missing index_size root unreadable",
    2: "offsets starts last_entry",
    3: "bytes boxes",
    4: "not_covered",
    5: "no_head",
    6: "identity",
    7: "stray",
    8: "format start",
    9: "gaps outside_gap",
    10: "not_locked",
    11: "end too_long",
    12: "removal",
    13: "used_bytes",
}
NUMBERS = {Fault(word): number for number, words in FAULTS.items() for word in words.split()}


class Violation(NamedTuple):
    """An invariant that does not hold."""

    fault: Fault
    camera: UUID | None
    start_90k: int | None
    end_90k: int | None
    path: str  # from the volume's directory; empty: the catalogue
    detail: str = ""  # figures, or what the operating system says

    @property
    def invariant(self) -> int:
        return NUMBERS[self.fault]


class Check:
    """Of one volume. Iterating raises sqlite3.Error; whatever is wrong with files is a violation."""

    def __init__(self, volume: Volume, *, deep: bool = False, receipt_key: bytes | None = None) -> None:
        """
        Args:
            receipt_key: retention's public key; None: signatures of receipts are not looked at.
        """
        self._volume = volume
        self._deep = deep
        self._receipt_key = receipt_key
        self.segments = 0  # looked at so far
        self.read_bytes = 0

    def __iter__(self) -> Iterator[Violation]:
        before = self._growing()
        yield from self._segments()
        yield from self._removals()
        yield from self._files()
        yield from self._catalogue()
        yield from self._unlocked(before, self._growing())

    # --- Segments: 1 to 6, 8, 11

    def _segments(self) -> Iterator[Violation]:
        with self._volume.reading() as catalogue:
            rows = open_rows(catalogue)
        yield from self._rows(rows)
        after = FIRST
        while True:
            with self._volume.reading() as catalogue:
                rows = closed_after(catalogue, after, PAGE)
            if not rows:
                return
            yield from self._rows(rows)
            after = rows[-1].address

    def _rows(self, rows: Iterable[SegmentRow]) -> Iterator[Violation]:
        for row in rows:
            self.segments += 1
            found = self._row(row)
            if found:
                found = self._again(row, found)
            yield from found

    def _again(self, row: SegmentRow, found: list[Violation]) -> list[Violation]:
        """Closed or given up while we looked? Then what was seen means nothing."""
        with self._volume.reading() as catalogue:
            now = segment_at(catalogue, row.address)
        if now is None or now.state == "lost":
            return []
        return found if now == row else self._row(now)

    def _row(self, row: SegmentRow) -> list[Violation]:
        path = self._volume.path / row.path
        try:
            raw = index_of(path)  # before the file: what an open one's index covers, the file then has
            with stored_file(path, self._count) as source:
                seen = _Seen(row, self._volume.id, raw, source, deep=self._deep)
                return [*(seen.closed() if row.state == "closed" else seen.open())]
        except OSError as wrong:
            return [Violation(Fault.UNREADABLE, row.camera, *_interval(row), row.path, str(wrong.strerror))]

    def _count(self, length: int) -> None:
        self.read_bytes += length

    # --- 7: files

    def _files(self) -> Iterator[Violation]:
        try:
            for path in strays.all_strays(self._volume):
                one = strays.stray_finding(self._volume, path)
                where = path.relative_to(self._volume.path).as_posix()
                camera = None if one.camera == strays.NOBODY else one.camera
                yield Violation(Fault.STRAY, camera, one.start_90k, one.end_90k, where)
        except OSError as wrong:
            yield Violation(Fault.UNREADABLE, None, None, None, str(wrong.filename), str(wrong.strerror))

    # --- 9, 12, 13: the catalogue by itself

    def _removals(self) -> Iterator[Violation]:
        after = FIRST
        while True:
            with self._volume.reading() as catalogue:
                rows = removed_after(catalogue, after, PAGE)
            if not rows:
                return
            for row in rows:
                for one in removal_findings(self._volume.id, row, self._receipt_key):
                    interval = one.start_90k, one.end_90k
                    yield Violation(Fault.REMOVAL, one.camera, *interval, row.address.path, one.detail)
            after = rows[-1].address

    def _catalogue(self) -> Iterator[Violation]:
        with self._volume.reading() as catalogue:
            gaps = gap_faults(catalogue)
            outside = outside_gaps(catalogue)
            said, taken = used_and_taken(catalogue)
        for camera, start_90k, end_90k in gaps:
            yield Violation(Fault.GAPS, camera, start_90k, end_90k, "")
        for row in outside:
            yield Violation(Fault.OUTSIDE_GAP, row.camera, *_interval(row), row.path)
        if said != taken:
            yield Violation(Fault.USED_BYTES, None, None, None, "", f"{said} ≠ {taken}")

    # --- 10: locks

    def _growing(self) -> dict[str, tuple[SegmentRow, int, bool]]:
        """Open segments with their size, and whether somebody holds them."""
        with self._volume.reading() as catalogue:
            rows = open_rows(catalogue)
        locked = _locked_files(self._volume.path / IDENTITY_FILE)
        found = {}
        for row in rows:
            try:
                status = (self._volume.path / row.path).stat()
            except OSError:
                continue  # _rows says so
            held = locked is None or _file_key(status) in locked
            found[row.path] = row, status.st_size, held
        return found

    def _unlocked(
        self,
        before: dict[str, tuple[SegmentRow, int, bool]],
        after: dict[str, tuple[SegmentRow, int, bool]],
    ) -> Iterator[Violation]:
        """Those that grew although nobody held them."""
        for path, (row, size, held) in after.items():
            if path in before and before[path][1] != size and not held and not before[path][2]:
                yield Violation(Fault.NOT_LOCKED, row.camera, *_interval(row), path)


class _Seen:
    """What a row says, and what stands on the disk."""

    def __init__(
        self, row: SegmentRow, volume: UUID, raw: bytes | None, source: StoredFile | None, *, deep: bool
    ) -> None:
        self._row, self._volume, self._raw, self._source = row, volume, raw, source
        self._deep = deep
        self._entries = list(index.entries_of(raw or b""))
        self._index = index_path(Path(row.path)).as_posix()

    def closed(self) -> Iterator[Violation]:
        row, raw, source = self._row, self._raw, self._source
        if raw is None:
            yield self._wrong(Fault.INDEX_MISSING, self._index)
        elif len(raw) != ENTRY_BYTES * row.entries:
            detail = f"{len(raw)} ≠ {ENTRY_BYTES * row.entries}"
            yield self._wrong(Fault.INDEX_SIZE, self._index, detail)
        elif tree.root(map(index.pack, self._entries)) != row.root:
            yield self._wrong(Fault.ROOT, self._index)
        if source is None:
            yield self._wrong(Fault.FILE_MISSING)
        elif source.size != row.size_bytes:
            yield self._wrong(Fault.FILE_SIZE, detail=f"{source.size} ≠ {row.size_bytes}")
        yield from self._of_entries()
        if self._entries and self._entries[-1].end != row.size_bytes:
            yield self._wrong(Fault.LAST_ENTRY, self._index, f"{self._entries[-1].end} ≠ {row.size_bytes}")
        if source is not None:
            numbers = range(len(self._entries))
            looked_at = numbers if self._deep else sorted({*numbers[:1], *numbers[-1:]})
            yield from self._of_bytes(source, looked_at, Fault.BYTES)
            yield from self._of_head(source)
        yield from self._of_times()

    def open(self) -> Iterator[Violation]:
        """Of one that is being written, or waits for repair: its index may lack entries, never bytes."""
        source = self._source
        if source is None:
            yield self._wrong(Fault.NO_HEAD)
            return
        yield from self._of_entries()
        covered = [number for number, entry in enumerate(self._entries) if entry.end <= source.size]
        if len(covered) < len(self._entries):
            yield self._wrong(Fault.NOT_COVERED, self._index)
        yield from self._of_bytes(source, covered if self._deep else covered[-1:], Fault.NOT_COVERED)
        yield from self._of_head(source)

    def _of_entries(self) -> Iterator[Violation]:
        """Invariant 2."""
        at, start_90k = 0, 0
        for number, entry in enumerate(self._entries):
            if entry.offset != at:
                yield self._at(Fault.OFFSETS, number)
            if entry.start_90k < start_90k:
                yield self._at(Fault.STARTS, number)
            at, start_90k = entry.end, entry.start_90k

    def _of_bytes(self, source: StoredFile, numbers: Sequence[int], fault: Fault) -> Iterator[Violation]:
        """Invariant 3, of a closed segment; 4, of an open one."""
        for number in numbers:
            entry = self._entries[number]
            if fragments.digest(source, entry.offset, entry.length) != entry.sha256:
                yield self._at(fault, number, self._row.path)
            elif fragments.unit_length(source, entry.offset, entry.end) != entry.length:
                yield self._at(Fault.BOXES, number, self._row.path)

    def _of_head(self, source: StoredFile) -> Iterator[Violation]:
        """Invariants 5, 6 and 8."""
        row, init = self._row, fragments.init_of(source)
        if init is None:
            if row.state == "open" or source.size >= row.size_bytes:
                yield self._wrong(Fault.NO_HEAD)
            return
        said = Identity.unpack(init.identity)
        whose = (row.camera, self._volume, row.id, row.recovered)
        if said is None or (said.camera, said.volume, said.segment, said.recovered) != whose:
            yield self._wrong(Fault.IDENTITY)
        if not _has_format(init, row.init_sha):
            yield self._wrong(Fault.FORMAT)

    def _of_times(self) -> Iterator[Violation]:
        """Invariants 8 and 11."""
        row, entries = self._row, self._entries
        if not entries:
            return
        # A row made at start-up has its start from the file's name, which has milliseconds.
        if not 0 <= entries[0].start_90k - row.start_90k < 90:
            yield self._wrong(Fault.START, self._index)
        if max(entry.end_90k for entry in entries) != row.end_90k:
            yield self._wrong(Fault.END, self._index)
        longest = max(entry.duration_90k for entry in entries)
        if longest > CLOSE_90K or entries[-1].start_90k - row.start_90k > CLOSE_90K:
            yield self._wrong(Fault.TOO_LONG, self._index)

    def _at(self, fault: Fault, number: int, path: str = "") -> Violation:
        """At one entry; without the init segment nothing can be shown, so that is the whole segment."""
        if number == 0:
            return self._wrong(fault, path or self._index, "0")
        entry = self._entries[number]
        times = entry.start_90k, max(entry.end_90k, entry.start_90k)
        return Violation(fault, self._row.camera, *times, path or self._index, str(number))

    def _wrong(self, fault: Fault, path: str = "", detail: str = "") -> Violation:
        row = self._row
        end_90k = row.end_90k if row.state == "closed" else _last_end(self._entries, row)
        return Violation(fault, row.camera, row.start_90k, end_90k, path or row.path, detail)


def _interval(row: SegmentRow) -> tuple[int, int]:
    return row.start_90k, row.end_90k


def _last_end(entries: Sequence[Entry], row: SegmentRow) -> int:
    return max((entry.end_90k for entry in entries), default=row.start_90k)


def _has_format(init: mp4_reader.Init, init_sha: bytes) -> bool:
    try:
        return sha256(mp4.init_segment(init.tracks)).digest() == init_sha
    except FormatError:
        return False


# --- Locks ----------------------------------------------------------------------------------------


def _file_key(status: os.stat_result) -> str:
    """A file as /proc/locks names it."""
    return f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"


def _locked_files(own: Path) -> set[str] | None:
    """All files with a flock; None if this system does not show them.

    Args:
        own: a file beside them that nobody locks, to try it with: some file systems go by another name there.
    """
    descriptor = os.open(own, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        words = [line.split() for line in LOCKS.read_text().splitlines()]
        locked = {line[5] for line in words if len(line) > 5 and line[1] == "FLOCK"}
        return locked if _file_key(os.fstat(descriptor)) in locked else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def check(volume: Volume, *, deep: bool = False, receipt_key: bytes | None = None) -> list[Violation]:
    """Everything at once. Raises sqlite3.Error."""
    return list(Check(volume, deep=deep, receipt_key=receipt_key))
