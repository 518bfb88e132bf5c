"""A plain MP4 from zero over samples that are already stored in fragments.

    ftyp
    moov
      mvhd                creation time: the UTC second of time zero
      trak…               tkhd, mdia(mdhd hdlr minf(vmhd|smhd dinf stbl(stsd stts ctts stss stsc stsz co64)))
      udta                the same times for people, as QuickTime's text items
      uuid                ``START``: whose footage, and the UTC instant of time zero
    mdat                  the media data of the stored fragments, one behind the other, as they lie

There is no edit list, which breaks players. Every track begins at decode time zero as the format demands; a
track whose first sample came later has the difference in its composition offsets, so sound and pictures stay
together. A sample lasts until the next one of its track, so where footage is missing the last picture before
it stands until the next, and the time in the file goes on with the real one.

Sources: ISO/IEC 14496-12 §8 (boxes), §8.6.1 (stts, ctts), §8.7 (stsz, stsc, co64); QuickTime File Format
(udta).
"""

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from struct import error, pack

from bingjian.formats.access_unit import FormatError, TrackConfig, VideoConfig
from bingjian.formats.mp4 import (
    MATRIX,
    UNDETERMINED,
    audio_entry,
    box,
    data_information,
    full_box,
    pixel_aspect,
    video_entry,
)
from bingjian.formats.mp4_cut import Run

# Extended type of the ``uuid`` box that says when a copy began; never changes.
START = bytes.fromhex("7013d07ef7584f5783f7a54fbaf2a9ee")
MOVIE_TIMESCALE = 90_000
EPOCH_1904 = 2_082_844_800  # seconds from 1904, where MP4 counts from, to 1970
MDAT_HEADER = 16  # the long form, so that the size of the media decides nothing
MAX_DURATION = 2**32 - 1  # ticks that one sample may stand


@dataclass(slots=True)
class Table:
    """The samples of one track, gathered fragment by fragment; 12 bytes each."""

    config: TrackConfig
    begins: int = 0  # decode time of the first sample, UTC since 1970 in the track's timescale
    durations: "array[int]" = field(default_factory=lambda: array("I"))
    sizes: "array[int]" = field(default_factory=lambda: array("I"))
    shifts: "array[int]" = field(default_factory=lambda: array("I"))  # presentation after decoding
    syncs: "array[int]" = field(default_factory=lambda: array("I"))  # numbers, from 1
    chunks: "array[int]" = field(default_factory=lambda: array("I"))  # samples in each
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))  # of each chunk, in the media data
    _last: int = 0  # decode time of the last sample

    def add(self, run: Run, count: int, offset: int) -> None:
        """The first ``count`` samples of a run, which lie side by side at ``offset`` of the media data.

        The last sample so far now ends where this run begins; if that is before it, at once.

        Raises:
            FormatError: a sample would stand longer than its field can say.
        """
        if not count:
            return
        begins = self._joined(run)
        numbers = range(len(self.sizes) + 1, len(self.sizes) + count + 1)
        self.syncs.extend(number for at, number in enumerate(numbers) if run.sync(at))
        self.durations += run.durations[:count]
        self.sizes += run.sizes[:count]
        self.shifts += run.shifts[:count]
        self.chunks.append(count)
        self.offsets.append(offset)
        self._last = begins + sum(run.durations[: count - 1])

    def _joined(self, run: Run) -> int:
        """Where the run begins: never before the last sample."""
        if not self.sizes:
            self.begins = run.dts
            return run.dts
        begins = max(run.dts, self._last)
        if begins - self._last > MAX_DURATION:
            raise FormatError("footage is missing for longer than a sample can stand")
        self.durations[-1] = begins - self._last
        return begins

    @property
    def duration(self) -> int:
        return sum(self.durations)

    def delay(self, zero_90k: int) -> int:
        """How much later than time zero the track begins, in its timescale."""
        return self.begins - zero_90k * self.config.clock_rate // MOVIE_TIMESCALE


def zero_of(tables: Iterable[Table]) -> int:
    """UTC of the movie's time zero in 1/90000 s since 1970: where its first track begins."""
    return min(table.begins * MOVIE_TIMESCALE // table.config.clock_rate for table in tables if table.sizes)


def movie_header(
    tables: Sequence[Table], media_bytes: int, *, start: bytes, texts: Mapping[bytes, str]
) -> bytes:
    """``ftyp moov`` and the header of the ``mdat``: the media data follow.

    Args:
        tables: of all tracks that have samples; offsets count from the first byte of the media data.
        media_bytes: their length.
        start: content of the ``START`` box.
        texts: QuickTime's four-letter text items, as ``{b"\\xa9day": "2026-11-26T18:30:00+08:00"}``.

    Raises:
        FormatError: no sample, or a value too large for its field.
    """
    used = [table for table in tables if table.sizes]
    if not used:
        raise FormatError("a movie needs a sample")
    zero_90k = zero_of(used)
    more = box(b"udta", *(_text(kind, text) for kind, text in texts.items())) + box(b"uuid", START, start)
    file_type = box(b"ftyp", b"isom", pack(">I", 0x200), b"isom", b"mp42")
    try:
        tracks = [_Track(number, table, zero_90k) for number, table in enumerate(used, 1)]
        sized = _movie(tracks, zero_90k, more, 0)
        media_at = len(file_type) + len(sized) + MDAT_HEADER
        media = pack(">I4sQ", 1, b"mdat", MDAT_HEADER + media_bytes)
        return file_type + _movie(tracks, zero_90k, more, media_at) + media
    except (error, OverflowError) as wrong:
        raise FormatError(f"the samples do not fit a movie: {wrong}") from wrong


def _movie(tracks: Sequence["_Track"], zero_90k: int, more: bytes, media_at: int) -> bytes:
    """Its size does not depend on ``media_at``, so the first making of it says where the media data begin."""
    created = EPOCH_1904 + zero_90k // MOVIE_TIMESCALE
    times = pack(">QQIQ", created, created, MOVIE_TIMESCALE, max(one.ends_90k for one in tracks))
    rest = (pack(">IH10x", 0x10000, 0x100), MATRIX, bytes(24), pack(">I", len(tracks) + 1))
    header = full_box(b"mvhd", 1, 0, times, *rest)
    return box(b"moov", header, *(one.box(created, media_at) for one in tracks), more)


def _text(kind: bytes, text: str) -> bytes:
    """A text item of QuickTime's user data: length, language, UTF-8."""
    data = text.encode()
    return box(kind, pack(">HH", len(data), UNDETERMINED), data)


class _Track:
    """One ``trak``; everything but the chunks' places is made once."""

    def __init__(self, number: int, table: Table, zero_90k: int) -> None:
        self._number = number
        self._table = table
        self._delay = table.delay(zero_90k)
        self._tables = self._sample_tables()
        ends = self._delay + table.duration
        self.ends_90k = ends * MOVIE_TIMESCALE // table.config.clock_rate

    def box(self, created: int, media_at: int) -> bytes:
        config = self._table.config
        video = isinstance(config, VideoConfig)
        offsets = array("Q", (media_at + offset for offset in self._table.offsets))
        places = full_box(b"co64", 0, 0, pack(">I", len(offsets)), _big_endian(offsets))
        entry = video_entry(config) if isinstance(config, VideoConfig) else audio_entry(config)
        description = full_box(b"stsd", 0, 0, pack(">I", 1), entry)
        media_header = full_box(b"vmhd", 0, 1, bytes(8)) if video else full_box(b"smhd", 0, 0, bytes(4))
        handler, name = (b"vide", b"Video\0") if video else (b"soun", b"Sound\0")
        times = pack(">QQIQ", created, created, config.clock_rate, self._table.duration)
        media = box(
            b"mdia",
            full_box(b"mdhd", 1, 0, times, pack(">HH", UNDETERMINED, 0)),
            full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), name),
            box(
                b"minf",
                media_header,
                data_information(),
                box(b"stbl", description, self._tables, places),
            ),
        )
        return box(b"trak", self._header(created), media)

    def _header(self, created: int) -> bytes:
        """Enabled, in movie and preview; as ``mp4`` writes it, with its times."""
        config = self._table.config
        volume, width, height = 0x100, 0, 0
        if isinstance(config, VideoConfig):
            wide, high = pixel_aspect(config)
            volume, width, height = 0, min(config.width * wide // high, 0xFFFF), config.height
        times = pack(">QQIIQ8x", created, created, self._number, 0, self.ends_90k)
        size = pack(">II", width << 16, height << 16)
        return full_box(b"tkhd", 1, 7, times, pack(">HHHH", 0, 0, volume, 0), MATRIX, size)

    def _sample_tables(self) -> bytes:
        table = self._table
        tables = [_in_runs(b"stts", table.durations)]
        if self._delay or any(table.shifts):
            tables.append(_in_runs(b"ctts", (self._delay + shift for shift in table.shifts)))
        if len(table.syncs) < len(table.sizes):
            tables.append(full_box(b"stss", 0, 0, pack(">I", len(table.syncs)), _big_endian(table.syncs)))
        return b"".join([*tables, _chunks(table.chunks), _sizes(table.sizes)])


def _in_runs(kind: bytes, values: Iterable[int]) -> bytes:
    """``stts`` and ``ctts``: how often in a row, and what."""
    pairs = array("I")
    for value, group in groupby(values):
        pairs.extend((sum(1 for _ in group), value))
    return full_box(kind, 0, 0, pack(">I", len(pairs) // 2), _big_endian(pairs))


def _chunks(counts: "array[int]") -> bytes:
    """``stsc``: from which chunk on there are how many samples in each, all of the first description."""
    entries, number = array("I"), 1
    for count, group in groupby(counts):
        entries.extend((number, count, 1))
        number += sum(1 for _ in group)
    return full_box(b"stsc", 0, 0, pack(">I", len(entries) // 3), _big_endian(entries))


def _sizes(sizes: "array[int]") -> bytes:
    """``stsz``: one size for all, if they have one."""
    if min(sizes) == max(sizes) > 0:
        return full_box(b"stsz", 0, 0, pack(">II", sizes[0], len(sizes)))
    return full_box(b"stsz", 0, 0, pack(">II", 0, len(sizes)), _big_endian(sizes))


def _big_endian(values: "array[int]") -> bytes:
    if sys.byteorder == "little":
        values = values[:]
        values.byteswap()
    return values.tobytes()
