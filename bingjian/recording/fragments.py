"""The fragments of a segment's file, found by their boxes and known by their hash. Pure: the file is read
through a ``Source``, in small pieces, so that whoever hands it over sets the pace.

A file that somebody changed is cut as far as its boxes hold, and then from the next place on that looks like
the start of a fragment."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats import mp4_reader
from bingjian.formats.access_unit import FormatError, TrackConfig, VideoConfig
from bingjian.recording import index
from bingjian.recording.alignment import Match
from bingjian.recording.segment import CLOSE_90K, Identity

READ_BYTES = 256 << 10  # at a time: short enough to pause between, long enough to be read in one go
PAIRS = {b"ftyp": b"moov", b"moof": b"mdat"}  # what an init segment and a fragment are made of
# A search hashes candidates that overlap each other only in a file made to keep us busy; beyond this many
# times its size the rest counts as unknown.
MAX_SEARCHED = 8


class Source(Protocol):
    """A segment's file. ``read`` raises OSError."""

    @property
    def size(self) -> int: ...

    def read(self, offset: int, length: int) -> bytes:
        """These bytes; fewer at the end of the file."""


class Unit(NamedTuple):
    """An init segment or a fragment, as it stands in a file."""

    offset: int
    length: int
    sha256: bytes

    @property
    def end(self) -> int:
        return self.offset + self.length


class Timing(NamedTuple):
    """What a fragment says of itself, as the writer would have put it down."""

    start_90k: int
    duration_90k: int
    sync: bool

    @property
    def end_90k(self) -> int:
        return self.start_90k + self.duration_90k


def digest(source: Source, offset: int, length: int) -> bytes | None:
    """SHA-256 of these bytes; None if the file ends before."""
    hashed, at, end = sha256(), offset, offset + length
    if end > source.size:
        return None
    while at < end:
        piece = source.read(at, min(READ_BYTES, end - at))
        if not piece:
            return None
        hashed.update(piece)
        at += len(piece)
    return hashed.digest()


def unit_length(source: Source, at: int, limit: int) -> int | None:
    """Of the two boxes that begin here and end before ``limit``; None if it is not such a pair."""
    first, size = _header(source.read(at, 8))
    following = PAIRS.get(first)
    if following is None or size < 8 or at + size + 8 > limit:
        return None
    second, more = _header(source.read(at + size, 8))
    return size + more if second == following and more >= 8 and at + size + more <= limit else None


def _header(raw: bytes) -> tuple[bytes, int]:
    return raw[4:8], int.from_bytes(raw[:4])


def starts(source: Source, start: int, end: int) -> Iterator[int]:
    """Where in [start, end) a fragment or an init segment may begin, in order."""
    at = start
    while at + 8 <= end:
        piece = source.read(at, min(READ_BYTES, end - at))
        if len(piece) < 8:
            return
        places = sorted(place for kind in PAIRS for place in _places(piece, kind))
        yield from (at + place - 4 for place in places)
        at += len(piece) - 7  # a name cut in two by the end of this piece is whole in the next


def _places(piece: bytes, kind: bytes) -> Iterator[int]:
    place = piece.find(kind, 4)
    while place >= 0:
        yield place
        place = piece.find(kind, place + 1)


def cut(source: Source, start: int = 0, end: int | None = None) -> list[Unit]:
    """Every whole unit of [start, end), by its boxes alone; what is none lies between them."""
    end = source.size if end is None else end
    units, at = list[Unit](), start
    while at < end:
        length = unit_length(source, at, end)
        if length is None:
            following = (one for one in starts(source, at + 1, end) if unit_length(source, one, end))
            at = next(following, end)
            continue
        hashed = digest(source, at, length)
        if hashed is None:
            break
        units.append(Unit(at, length, hashed))
        at += length
    return units


def whole_units_in(source: Source, start: int, end: int) -> int | None:
    """How many units fill [start, end) without a rest; None if they do not."""
    count, at = 0, start
    while at < end:
        length = unit_length(source, at, end)
        if length is None:
            return None
        count, at = count + 1, at + length
    return count


def find_known(source: Source, entries: Sequence[index.Entry]) -> list[Match]:
    """Where the bytes stand that these entries vouch for: in their place, or anywhere else."""
    found = [
        Match(number, entry.offset, entry.length)
        for number, entry in enumerate(entries)
        if digest(source, entry.offset, entry.length) == entry.sha256
    ]
    begins, ends = [0, *(one.end for one in found)], [*(one.offset for one in found), source.size]
    search = _Search(source, entries)
    return found + [m for start, end in zip(begins, ends, strict=True) for m in search.between(start, end)]


class _Search:
    """For known units that are not in their place."""

    def __init__(self, source: Source, entries: Sequence[index.Entry]) -> None:
        self._source = source
        self._numbers = {entry.sha256: number for number, entry in enumerate(entries)}
        self._lengths = {entry.length for entry in entries}
        self._budget = MAX_SEARCHED * source.size

    def between(self, start: int, end: int) -> Iterator[Match]:
        at = start
        for place in starts(self._source, start, end):
            if place < at or self._budget <= 0:
                continue
            length = unit_length(self._source, place, end)
            if length not in self._lengths or length is None:
                continue
            self._budget -= length
            number = self._numbers.get(digest(self._source, place, length) or b"")
            if number is not None:
                yield Match(number, place, length)
                at = place + length


# --- What a unit says of itself -------------------------------------------------------------------


def init_of(source: Source) -> mp4_reader.Init | None:
    """The init segment that the file begins with."""
    length = unit_length(source, 0, source.size)
    if length is None or length > mp4_reader.MAX_HEADER:
        return None
    try:
        return mp4_reader.read_init(source.read(0, length))
    except FormatError:
        return None


def identity_of(source: Source) -> Identity | None:
    """Whose footage the file says it is."""
    init = init_of(source)
    return Identity.unpack(init.identity) if init is not None else None


def timing(data: bytes, tracks: Sequence[TrackConfig]) -> Timing | None:
    """Of a fragment's bytes; None if they are none that we can read."""
    try:
        read = mp4_reader.read_fragment(data).runs
    except FormatError:
        return None
    runs = [run for run in read if run.samples and run.track < len(tracks)]
    if not runs:
        return None
    video = [run for run in runs if isinstance(tracks[run.track], VideoConfig)]
    lead = (video or runs)[0]
    rate = tracks[lead.track].clock_rate
    start_90k = min(sample.pts for sample in lead.samples) * TICKS_PER_SECOND // rate
    duration_90k = sum(sample.duration for sample in lead.samples) * TICKS_PER_SECOND // rate
    has_video = any(isinstance(track, VideoConfig) for track in tracks)
    sync = lead.samples[0].sync and bool(video) == has_video
    return Timing(start_90k, min(duration_90k, CLOSE_90K), sync)
