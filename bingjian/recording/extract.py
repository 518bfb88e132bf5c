"""Any interval of a camera as a file that is never written: its plan is a list of pieces, bytes made in
memory and ranges of stored files, so its length is known before its first byte and any range of it can be
served.

It begins with the last key frame at or before the start (or the first after it, where nothing is recorded at
the start) and ends with the last picture presented before the end that needs none presented later. No sample
is changed, decoded or copied. Two forms:

- *clip*: the stored fragments as they are, behind the stored ``ftyp moov``; only a fragment that reaches over
  the end gets a new ``moof`` over its leading samples. Times are the absolute ones of the file.
- *download*: a plain MP4 from zero (``formats/mp4_movie.py``). Where footage is missing the last sample
  before the gap stands until the next, so the time in the file goes on with the real one.

One file has one configuration, and its time never runs backwards: where either changes, another file begins,
again with a key frame. Everything blocks; call it in a thread.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import dropwhile, groupby
from pathlib import Path
from struct import Struct, error
from types import TracebackType
from typing import NamedTuple, Protocol, Self
from uuid import UUID

from bingjian.clock import CHINA, TICKS_PER_SECOND, instant_of
from bingjian.formats import mp4_cut, mp4_movie, mp4_reader
from bingjian.formats.access_unit import FormatError, VideoConfig
from bingjian.formats.mp4 import box
from bingjian.formats.mp4_cut import Moof
from bingjian.recording import reader
from bingjian.recording.index import Entry
from bingjian.recording.piece import Piece
from bingjian.recording.proven import Proof, ProvenReader
from bingjian.recording.reader import JOINED_90K, MAX_KEY_FRAME_DISTANCE_90K, ReadError, Segment
from bingjian.recording.volume import Volume

HOUR_90K = 3600 * TICKS_PER_SECOND
CLIP_MAX_90K = 24 * HOUR_90K  # planned from the indexes: 19 kB for five minutes
DOWNLOAD_MAX_90K = 6 * HOUR_90K  # planned from every moof: 22 000 reads, 20 MB of tables
MAX_FILES = 64  # of one interval; a camera that changes more often than that is broken
# Sound comes with the pictures it arrived with, at most 2 s (``fragmenter.FOLLOWER_S``) apart from them: only
# fragments this close to the end are looked into.
NEAR_90K = 3 * TICKS_PER_SECOND
# Of held footage so much is proven before the first byte is sent, so that what is lost is refused in words;
# behind that a lost fragment cuts the connection. A second of SHA-256, two of a disk.
CHECKED_BYTES = 256 << 20
MOOF_READ = 4096  # bytes; the moof of a second with sound has 1.5 kB

ORIGIN_VERSION = 2
_ORIGIN = Struct(">B7x16sQi4xQ")  # version, camera, start_90k, clock_offset_ms, entry: 48 bytes
_ORIGIN_1 = Struct(">B7x16sQi4x")  # of files that were made before: without the entry


class TooManyFiles(Exception):
    """The camera changed its configuration, or its clock ran backwards, too often in this interval."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose footage a copy is and when it began: stands in its ``uuid`` box of type ``mp4_movie.START``."""

    camera: UUID
    start_90k: int  # download: of time zero; clip: of the first picture
    clock_offset_ms: int  # the camera's clock minus ours at the start
    # Number of the journal entry that it was handed out under: of no two recipients are the bytes the same
    # (art. 31(5)). 0: of nobody's.
    entry: int = 0

    def pack(self) -> bytes:
        told = self.camera.bytes, self.start_90k, self.clock_offset_ms, self.entry
        return _ORIGIN.pack(ORIGIN_VERSION, *told)

    @classmethod
    def unpack(cls, data: bytes) -> "Origin | None":
        """None if these are not the bytes of an origin we know."""
        form = {1: _ORIGIN_1, ORIGIN_VERSION: _ORIGIN}.get(data[0]) if data else None
        try:
            _, camera, *rest = form.unpack(data) if form is not None else (0, b"")
            return cls(UUID(bytes=camera), *rest)
        except (error, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Plan:
    """One file of an interval."""

    origin: Origin
    end_90k: int  # of its last picture
    pieces: tuple[Piece, ...]
    size_bytes: int
    mime: str

    @property
    def tag(self) -> str:
        """Equal for equal bytes: an entity tag."""
        digest = sha256()
        for one in self.pieces:
            placed = f"{one.length} {one.path} {one.offset}\n"
            digest.update(one.data if one.path is None else placed.encode())
        return digest.hexdigest()[:32]


class Stored(NamedTuple):
    """One fragment and where it lies."""

    segment: Segment
    entry: Entry


class Form(Protocol):
    """A file being planned."""

    def add(self, stored: Stored) -> None:
        """Take the next fragment."""

    def plan(self) -> Plan | None:
        """None if no picture of what was taken (without video: no sound) lies before the end."""


def clips(
    volumes: Iterable[Volume],
    camera: UUID,
    start_90k: int,
    end_90k: int,
    *,
    exact: bool = False,
    entry: int = 0,
) -> list[Plan]:
    """The interval as fragmented MP4, usually one file. Raises ReadError, TooManyFiles.

    Args:
        exact: nothing of before its start, at the cost of what lies before the first key frame in it.
        entry: as in ``Origin``.
    """
    with Moofs() as moofs:
        return _planned(
            _runs(volumes, camera, start_90k, end_90k, exact=exact),
            lambda first: _Clip(first, end_90k, moofs, entry),
        )


def downloads(
    volumes: Iterable[Volume],
    camera: UUID,
    start_90k: int,
    end_90k: int,
    *,
    exact: bool = False,
    entry: int = 0,
) -> list[Plan]:
    """The interval as plain MP4, usually one file; the rest as above. Raises ReadError, TooManyFiles."""
    with Moofs(all_of_them=True) as moofs:
        return _planned(
            _runs(volumes, camera, start_90k, end_90k, exact=exact),
            lambda first: _Download(first, end_90k, moofs, entry),
        )


def edge(stored: Sequence["Stored"], end_90k: int) -> tuple[tuple[Piece, ...], int]:
    """Neighbouring fragments up to an instant, those that reach over it with shorter tables, and where their
    last picture ends (0: nothing of them lies before it). Raises ReadError, FormatError.
    """
    with Moofs() as moofs:
        cut_short = _Clip(stored[0], end_90k, moofs)
        for one in stored:
            cut_short.add(one)
        return tuple(cut_short.pieces), cut_short.last_90k


def _planned(runs: Iterable[Iterable[Stored]], form: Callable[[Stored], Form]) -> list[Plan]:
    """One file per run."""
    plans: list[Plan] = []
    try:
        for run in runs:
            file: Form | None = None
            for stored in run:
                file = file or form(stored)
                file.add(stored)
            if file is not None and (plan := file.plan()) is not None:
                plans.append(plan)
            if len(plans) > MAX_FILES:
                raise TooManyFiles(f"the interval would need more than {MAX_FILES} files")
    except FormatError as wrong:
        raise ReadError(f"stored footage is damaged: {wrong}") from wrong
    return plans


# --- Which fragments ------------------------------------------------------------------------------


def _runs(
    volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int, *, exact: bool
) -> Iterator[Iterator[Stored]]:
    """What one file may hold, run after run: from a key frame to what may hold something before the end."""
    beginning = within if exact else from_key_frame
    if end_90k <= start_90k:
        return
    number = 0
    before: Stored | None = None

    def run_of(stored: Stored) -> int:
        nonlocal number, before
        number += before is not None and not continues(before, stored)
        before = stored
        return number

    around = _around(volumes, camera, start_90k, end_90k)
    for _, run in groupby(around, run_of):
        yield beginning(run, start_90k)


def _around(volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int) -> Iterator[Stored]:
    """With what may lead up to the start, and what may hold sound from before the end; of these, what cannot
    be read is left out."""
    first_90k, last_90k = start_90k - MAX_KEY_FRAME_DISTANCE_90K, end_90k + NEAR_90K
    for segment in reader.segments(volumes, camera, first_90k, last_90k):
        try:
            entries = reader.entries(segment)
        except ReadError:
            if segment.end_90k > start_90k and segment.start_90k < end_90k:
                raise
            continue
        for entry in entries[1:]:
            if entry.start_90k < last_90k and entry.end <= segment.size_bytes:
                yield Stored(segment, entry)


def continues(before: Stored, after: Stored) -> bool:
    """Whether one file may hold both, across a gap if there is one."""
    same = before.segment.init_sha == after.segment.init_sha
    return same and after.entry.start_90k >= before.entry.end_90k - JOINED_90K


def from_key_frame(run: Iterator[Stored], start_90k: int) -> Iterator[Stored]:
    """From the key frame at or before the start, if footage stands there; else from the first after it."""
    waiting: list[Stored] = []  # from the last key frame on, as long as the start is not passed
    for stored in run:
        if stored.entry.start_90k > start_90k:
            leading = _standing(waiting, start_90k)
            if leading or stored.entry.sync:
                yield from leading
                yield stored
                yield from run
                return
        elif stored.entry.sync:
            waiting = [stored]
        elif waiting:
            waiting.append(stored)
    yield from _standing(waiting, start_90k)


def within(run: Iterator[Stored], start_90k: int) -> Iterator[Stored]:
    """From the first key frame at or after the start."""
    return dropwhile(lambda one: not (one.entry.sync and one.entry.start_90k >= start_90k), run)


def _standing(waiting: list[Stored], start_90k: int) -> list[Stored]:
    """What leads up to the start, unless it ends before it."""
    return waiting if waiting and waiting[-1].entry.end_90k + JOINED_90K > start_90k else []


# --- Reading tables -------------------------------------------------------------------------------


class Moofs:
    """Reads the ``moof`` of one stored fragment after the other; one file is open at a time.

    Args:
        all_of_them: every one of a file is going to be read: a disk may fetch them in its own order.
    """

    def __init__(self, *, all_of_them: bool = False) -> None:
        self._all_of_them = all_of_them
        self._path: Path | None = None
        self._descriptor = -1
        self._proven: tuple[Segment, Proof, ProvenReader] | None = None  # the last held one
        self._checked_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._path, self._descriptor = None, -1

    def read(self, stored: Stored) -> Moof:
        """Raises ReadError, FormatError."""
        entry = stored.entry
        if stored.segment.copies:
            return mp4_cut.read_moof(self.bytes_of(stored, range(entry.length)), entry.length)
        try:
            self._open(stored.segment)
            data = os.pread(self._descriptor, min(entry.length, MOOF_READ), entry.offset)
            wanted = min(mp4_cut.moof_size(data), entry.length)
            if wanted > len(data):
                data = os.pread(self._descriptor, wanted, entry.offset)
        except OSError as wrong:
            raise ReadError(f"segment {stored.segment.id} cannot be read: {wrong}") from wrong
        return mp4_cut.read_moof(data, entry.length)

    def bytes_of(self, stored: Stored, part: range) -> bytes:
        """Bytes of the fragment, counted from the start of its moof. Raises ReadError."""
        offset = stored.entry.offset + part.start
        if not stored.segment.copies:
            return reader.read(stored.segment, offset, len(part))
        with reader.told_as_read_error(stored.segment):
            return self._held(stored.segment)[1].read(offset, len(part))

    def piece(self, stored: Stored, part: range) -> Piece:
        """The same bytes, to be read when they are sent. Raises ReadError: held, and known to be lost."""
        segment, offset = stored.segment, stored.entry.offset + part.start
        if not segment.copies:
            return Piece(len(part), path=segment.path, offset=offset)
        if self._checked_bytes < CHECKED_BYTES:
            self._checked_bytes += len(part)
            with reader.told_as_read_error(segment):
                self._held(segment)[1].require(offset, len(part))
        return Piece(len(part), path=segment.path, offset=offset, proof=self._held(segment)[0])

    def _held(self, segment: Segment) -> tuple[Proof, ProvenReader]:
        """Raises ReadError."""
        if self._proven is None or self._proven[0] is not segment:
            proof = reader.proof(segment)
            self._proven = segment, proof, ProvenReader(proof)
        return self._proven[1:]

    def _open(self, segment: Segment) -> None:
        if segment.path == self._path:
            return
        self._close()
        self._descriptor = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
        self._path = segment.path
        if self._all_of_them:
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_RANDOM)  # not the media behind them
            for entry in reader.entries(segment):
                os.posix_fadvise(self._descriptor, entry.offset, MOOF_READ, os.POSIX_FADV_WILLNEED)


class End:
    """Where a file ends, track by track: after a sample that was presented too late none of its track is
    kept.
    """

    def __init__(self, init: mp4_reader.Init, end_90k: int) -> None:
        self._rates = init.timescales
        self._video = [isinstance(track, VideoConfig) for track in init.tracks]
        self._ends = [-(-end_90k * rate // TICKS_PER_SECOND) for rate in self._rates]  # rounded up
        self._closed: set[int] = set()

    def keep(self, moof: Moof) -> dict[int, int]:
        """How many leading samples to keep, by track."""
        kept: dict[int, int] = {}
        for run in moof.runs:
            if run.track >= len(self._ends):
                raise FormatError(f"a sample of track {run.track + 1}, which the file does not have")
            kept[run.track] = 0 if run.track in self._closed else mp4_cut.leading(run, self._ends[run.track])
            if kept[run.track] < len(run):
                self._closed.add(run.track)
        return kept

    def last_90k(self, moof: Moof, kept: dict[int, int]) -> int:
        """Where the last kept picture ends (without video: sound); 0 if nothing is kept."""
        ends = [
            (time + duration) * TICKS_PER_SECOND // self._rates[run.track]
            for run in moof.runs
            if self._video[run.track] or not any(self._video)
            for time, duration in list(zip(run.presented(), run.durations, strict=True))[: kept[run.track]]
        ]
        return max(ends, default=0)


# --- The two forms --------------------------------------------------------------------------------


class _Clip:
    """Fragmented MP4, as stored."""

    def __init__(self, first: Stored, end_90k: int, moofs: Moofs, entry: int = 0) -> None:
        self._first = first
        self._entry = entry
        self._end_90k = end_90k
        self.last_90k = 0
        self._moofs = moofs
        self._init = mp4_reader.read_init(reader.init_of(first.segment))
        self._end = End(self._init, end_90k)
        self.pieces: list[Piece] = []

    def add(self, stored: Stored) -> None:
        if stored.entry.end_90k <= self._end_90k - NEAR_90K:
            self._append(stored, range(stored.entry.length))
            self.last_90k = max(self.last_90k, stored.entry.end_90k)
            return
        moof = self._moofs.read(stored)
        kept = self._end.keep(moof)
        self.last_90k = max(self.last_90k, self._end.last_90k(moof, kept))
        if all(kept[run.track] == len(run) for run in moof.runs):
            self._append(stored, range(stored.entry.length))
        elif (shorter := mp4_cut.cut(moof, kept)) is not None:
            self.pieces.append(Piece(len(shorter.header), shorter.header))
            for part in shorter.ranges:
                self._append(stored, part)

    def _append(self, stored: Stored, part: range) -> None:
        """A range of a fragment; what lies behind the piece before it becomes one with it."""
        piece = self._moofs.piece(stored, part)
        if self.pieces:
            last = self.pieces[-1]
            if last.path == piece.path and last.offset + last.length == piece.offset:
                self.pieces[-1] = last._replace(length=last.length + piece.length)
                return
        self.pieces.append(piece)

    def plan(self) -> Plan | None:
        if not self.last_90k:
            return None
        segment, entry = self._first
        origin = Origin(segment.camera, entry.start_90k, entry.clock_offset_ms, self._entry)
        head = self._init.raw + box(b"uuid", mp4_movie.START, origin.pack())
        pieces = (Piece(len(head), head), *self.pieces)
        return Plan(origin, self.last_90k, pieces, sum(one.length for one in pieces), segment.mime)


class _Download:
    """Plain MP4 from zero."""

    def __init__(self, first: Stored, end_90k: int, moofs: Moofs, entry: int = 0) -> None:
        self._first = first
        self._entry = entry
        self._last_90k = 0
        self._moofs = moofs
        init = mp4_reader.read_init(reader.init_of(first.segment))
        self._end = End(init, end_90k)
        self._tables = [mp4_movie.Table(track) for track in init.tracks]
        self._pieces: list[Piece] = []
        self._media_bytes = 0

    def add(self, stored: Stored) -> None:
        moof = self._moofs.read(stored)
        kept = self._end.keep(moof)
        self._last_90k = max(self._last_90k, self._end.last_90k(moof, kept))
        at, parts = self._media_bytes, []
        for run in moof.runs:
            count = kept[run.track]
            length = sum(run.sizes[:count])
            self._tables[run.track].add(run, count, at)
            parts.append(range(run.offset, run.offset + length))
            at += length
        self._pieces += [self._moofs.piece(stored, part) for part in mp4_cut.joined(parts)]
        self._media_bytes = at

    def plan(self) -> Plan | None:
        if not self._last_90k:
            return None
        segment, entry = self._first
        zero_90k = mp4_movie.zero_of(self._tables)
        origin = Origin(segment.camera, zero_90k, entry.clock_offset_ms, self._entry)
        head = mp4_movie.movie_header(
            self._tables, self._media_bytes, start=origin.pack(), texts=said(origin)
        )
        pieces = (Piece(len(head), head), *self._pieces)
        return Plan(origin, self._last_90k, pieces, len(head) + self._media_bytes, segment.mime)


# --- Times for people -----------------------------------------------------------------------------


def said(origin: Origin) -> dict[bytes, str]:
    """What players show of a file: its start in China's civil time; in UTC with the camera's clock offset."""
    utc, local = utc_text(origin.start_90k), local_text(origin.start_90k)
    return {b"\xa9day": local, b"\xa9cmt": f"UTC {utc}; camera clock {origin.clock_offset_ms:+d} ms"}


def utc_text(ticks_90k: int) -> str:
    """RFC 3339 with 'Z', to the millisecond."""
    return instant_of(ticks_90k).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_text(ticks_90k: int) -> str:
    """RFC 3339 with '+08:00', to the millisecond."""
    return local_of(ticks_90k).isoformat(timespec="milliseconds")


def local_of(ticks_90k: int) -> datetime:
    return instant_of(ticks_90k).astimezone(CHINA)
