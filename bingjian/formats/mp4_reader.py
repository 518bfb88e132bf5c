"""Reading fragmented MP4 back: our own segments at start-up and playback, and any other writer's simple ones.

Everything is bounds-checked: a box, count or length that goes beyond the bytes at hand raises
``FormatError``, and so does a box of size 0, which stands for "to the end of the file" and is never written
here.

Source: ISO/IEC 14496-12 §4.2 (boxes), §8.8 (movie fragments).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from bingjian.formats import aac, g711, h264, h265
from bingjian.formats.access_unit import Codec, FormatError, TrackConfig
from bingjian.formats.mp4 import DEFAULT_BASE_IS_MOOF, IDENTITY

MAX_TRACKS = 16  # in one file; a camera has two
MAX_RUN_SAMPLES = 100_000  # in one trun; a fragment of a second holds a hundred
MAX_HEADER = 4 << 20  # bytes of an init segment: all the parameter sets that fit into one

NON_SYNC = 0x10000  # sample_is_non_sync_sample
BASE_DATA_OFFSET, DESCRIPTION_INDEX = 0x01, 0x02  # tfhd flags
DEFAULT_DURATION, DEFAULT_SIZE, DEFAULT_FLAGS = 0x08, 0x10, 0x20
DATA_OFFSET, FIRST_FLAGS = 0x001, 0x004  # trun flags
RUN_DURATION, RUN_SIZE, RUN_FLAGS, RUN_COMPOSITION = 0x100, 0x200, 0x400, 0x800


class Box(NamedTuple):
    """Where a box lies in the bytes given."""

    type: bytes
    start: int
    header: int  # bytes before its content
    size: int  # with the header

    @property
    def content(self) -> int:
        """Where its content begins."""
        return self.start + self.header

    @property
    def end(self) -> int:
        return self.start + self.size


class Defaults(NamedTuple):
    """What a ``trex`` says of samples that do not speak for themselves."""

    duration: int = 0
    size: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Init:
    """An init segment, understood."""

    tracks: tuple[TrackConfig, ...]  # in the file's order
    timescales: tuple[int, ...]  # units per second, by track
    identity: bytes  # content of our ``uuid`` box, empty if there is none
    raw: bytes
    track_ids: tuple[int, ...]  # by track
    defaults: dict[int, Defaults]  # by track_ID


class SampleEntry(NamedTuple):
    """One sample of a fragment; times in the track's timescale, UTC since 1970."""

    pts: int
    dts: int
    duration: int
    size: int  # bytes
    sync: bool
    offset: int  # of its first byte in the bytes given to ``read_fragment``


@dataclass(frozen=True, slots=True)
class Run:
    """The samples of one track in a fragment."""

    track: int  # index: track_ID - 1
    samples: tuple[SampleEntry, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """One ``moof`` and its ``mdat``."""

    sequence: int
    runs: tuple[Run, ...]
    size: int  # bytes, from the start of the moof to the end of the mdat


# --- Boxes ----------------------------------------------------------------------------------------


def boxes(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie side by side in ``data[start:end]``.

    Raises:
        FormatError: at a box that is cut short, smaller than its header, or reaches beyond ``end``. The boxes
            before it have been given, so the end of the last one is where a torn file is cut.
    """
    at, end = start, len(data) if end is None else end
    while at < end:
        found = _box_at(data, at, end)
        if not found.header <= found.size <= end - at:
            raise FormatError(f"a box of {found.size} bytes in the last {end - at} of what holds it")
        yield found
        at += found.size


def _box_at(data: bytes | memoryview, at: int, end: int) -> Box:
    if end - at < 8:
        raise FormatError(f"{end - at} bytes where a box is expected")
    size, kind = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8])
    if size != 1:
        return Box(kind, at, 8, size)
    if end - at < 16:
        raise FormatError("a large box cut off in its header")
    return Box(kind, at, 16, int.from_bytes(data[at + 8 : at + 16]))


class Fields:
    """A cursor over one box's content; reading beyond its end raises FormatError."""

    def __init__(self, data: bytes | memoryview, found: Box) -> None:
        self._data = data
        self.at = found.content
        self.end = found.end

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if count > self.end - self.at:
            raise FormatError(f"{count} bytes wanted where a box has {self.end - self.at} left")
        self.at += count
        return bytes(self._data[self.at - count : self.at])

    def number(self, size: int) -> int:
        """An unsigned number of ``size`` bytes."""
        return int.from_bytes(self.take(size))

    def version_and_flags(self) -> tuple[int, int]:
        word = self.number(4)
        return word >> 24, word & 0xFFFFFF

    def rest(self) -> bytes:
        return self.take(self.end - self.at)


def _children(data: bytes, parent: Box) -> list[Box]:
    return list(boxes(data, parent.content, parent.end))


def _find(data: bytes, parent: Box, *path: bytes) -> Box:
    """The first box down this path; FormatError when one is missing."""
    for kind in path:
        found = next((child for child in _children(data, parent) if child.type == kind), None)
        if found is None:
            raise FormatError(f"no {_name(kind)} box in the {_name(parent.type)} box")
        parent = found
    return parent


def _name(kind: bytes) -> str:
    return kind.decode("ascii", "replace")


# --- The init segment -----------------------------------------------------------------------------


def read_init(data: bytes) -> Init:
    """The tracks of an init segment: ``data`` begins with ``ftyp`` and ``moov``; what follows them is
    ignored.

    Raises:
        FormatError: broken, or a track of a codec that we do not store.
    """
    movie = _movie_of(data)
    tracks, ids = [], []
    for track in _tracks_of(data, movie):
        ids.append(_track_id(data, track))
        tracks.append(_config_of(data, track))
    return Init(
        tracks=tuple(tracks),
        timescales=tuple(track.clock_rate for track in tracks),
        identity=_identity(data, movie),
        raw=bytes(data[: movie.end]),
        track_ids=tuple(ids),
        defaults=_defaults(data, movie),
    )


def hide_g711(init: bytes) -> bytes:
    """The same init segment with the handler ``meta`` on its G.711 tracks (see ``mp4.init_segment``)."""
    hidden = bytearray(init)
    for track in _tracks_of(init, _movie_of(init)):
        media = _find(init, track, b"mdia")
        entry, _ = _sample_entry(init, media)
        if entry.type in (b"alaw", b"ulaw"):
            fields = Fields(init, _find(init, media, b"hdlr"))
            fields.take(8)  # version, flags, pre_defined
            fields.take(4)
            hidden[fields.at - 4 : fields.at] = b"meta"
    return bytes(hidden)


def _movie_of(data: bytes) -> Box:
    for found in boxes(data, 0, min(len(data), MAX_HEADER)):
        if found.type == b"moov":
            return found
    raise FormatError("no moov box")


def _tracks_of(data: bytes, movie: Box) -> list[Box]:
    tracks = [child for child in _children(data, movie) if child.type == b"trak"]
    if not 0 < len(tracks) <= MAX_TRACKS:
        raise FormatError(f"a movie of {len(tracks)} tracks")
    return tracks


def _track_id(data: bytes, track: Box) -> int:
    fields = Fields(data, _find(data, track, b"tkhd"))
    version, _ = fields.version_and_flags()
    fields.take(16 if version == 1 else 8)
    return fields.number(4)


def _timescale(data: bytes, media: Box) -> int:
    fields = Fields(data, _find(data, media, b"mdhd"))
    version, _ = fields.version_and_flags()
    fields.take(16 if version == 1 else 8)
    timescale = fields.number(4)
    if timescale == 0:
        raise FormatError("a track with a timescale of 0")
    return timescale


def _sample_entry(data: bytes, media: Box) -> tuple[Box, Fields]:
    """The one sample entry of a track, and a cursor on its content."""
    description = _find(data, media, b"minf", b"stbl", b"stsd")
    fields = Fields(data, description)
    fields.version_and_flags()
    if fields.number(4) != 1:
        raise FormatError("a track with more or less than one sample entry")
    entry = next(boxes(data, fields.at, description.end), None)
    if entry is None:
        raise FormatError("a track without its sample entry")
    return entry, Fields(data, entry)


def _config_of(data: bytes, track: Box) -> TrackConfig:
    media = _find(data, track, b"mdia")
    timescale = _timescale(data, media)
    entry, fields = _sample_entry(data, media)
    if entry.type in (b"avc1", b"avc3", b"hvc1", b"hev1"):
        return _video_config(data, entry, fields, timescale)
    if entry.type in (b"mp4a", b"alaw", b"ulaw"):
        return _audio_config(data, entry, fields, timescale)
    raise FormatError(f"a track of kind {_name(entry.type)}")


def _video_config(data: bytes, entry: Box, fields: Fields, timescale: int) -> TrackConfig:
    fields.take(78)
    inner = {child.type: child for child in boxes(data, fields.at, entry.end)}
    if timescale != 90_000:
        raise FormatError(f"a video track with {timescale} ticks a second instead of 90000")
    if b"avcC" in inner and entry.type in (b"avc1", b"avc3"):
        return h264.config_from(h264.parameter_sets_of(Fields(data, inner[b"avcC"]).rest()))
    if b"hvcC" in inner and entry.type in (b"hvc1", b"hev1"):
        return h265.config_from(h265.parameter_sets_of(Fields(data, inner[b"hvcC"]).rest()))
    raise FormatError("a video track without its decoder's configuration")


def _audio_config(data: bytes, entry: Box, fields: Fields, timescale: int) -> TrackConfig:
    fields.take(16)
    channels = fields.number(2)
    fields.take(10)
    if entry.type != b"mp4a":
        codec = Codec.PCMA if entry.type == b"alaw" else Codec.PCMU
        return g711.config_from(codec, timescale, channels)
    for child in boxes(data, fields.at, entry.end):
        if child.type == b"esds":
            return aac.config_from(_decoder_specific(Fields(data, child)), timescale)
    raise FormatError("an AAC track without its esds box")


def _decoder_specific(fields: Fields) -> bytes:
    """The DecoderSpecificInfo within an ``esds`` (ISO/IEC 14496-1 §7.2.6)."""
    fields.version_and_flags()
    _expect_descriptor(fields, 3)
    fields.take(2)
    flags = fields.number(1)
    fields.take(2 if flags & 0x80 else 0)  # depends on another stream
    fields.take(fields.number(1) if flags & 0x40 else 0)  # URL
    fields.take(2 if flags & 0x20 else 0)  # clock stream
    _expect_descriptor(fields, 4)
    fields.take(13)
    return fields.take(_expect_descriptor(fields, 5))


def _expect_descriptor(fields: Fields, tag: int) -> int:
    """The length of the descriptor that must be of this tag."""
    if fields.number(1) != tag:
        raise FormatError(f"an esds without descriptor {tag}")
    length = 0
    for _ in range(4):
        group = fields.number(1)
        length = length << 7 | group & 0x7F
        if group < 0x80:
            return _within(fields, length, tag)
    raise FormatError("an esds descriptor with a length of more than four bytes")


def _within(fields: Fields, length: int, tag: int) -> int:
    if length > fields.end - fields.at:
        raise FormatError(f"an esds descriptor {tag} of {length} bytes, beyond the end of its box")
    return length


def _identity(data: bytes, movie: Box) -> bytes:
    for child in _children(data, movie):
        fields = Fields(data, child)
        if child.type == b"uuid" and fields.take(16) == IDENTITY:
            return fields.rest()
    return b""


def _defaults(data: bytes, movie: Box) -> dict[int, Defaults]:
    defaults = {}
    for child in _children(data, _find(data, movie, b"mvex")):
        if child.type == b"trex":
            fields = Fields(data, child)
            fields.version_and_flags()
            track_id, _ = fields.number(4), fields.number(4)
            defaults[track_id] = Defaults(fields.number(4), fields.number(4), fields.number(4))
    return defaults


# --- Fragments ------------------------------------------------------------------------------------


def read_fragment(data: bytes, defaults: dict[int, Defaults] | None = None) -> Fragment:
    """The fragment that ``data`` begins with: ``moof``, then ``mdat``, both whole.

    Args:
        defaults: ``Init.defaults``; our own fragments do not need them.

    Raises:
        FormatError: torn, or a sample that lies outside the mdat.
    """
    pair = boxes(data)
    moof, mdat = next(pair, None), next(pair, None)
    if moof is None or mdat is None or (moof.type, mdat.type) != (b"moof", b"mdat"):
        raise FormatError("not a moof box and then an mdat box")
    header = Fields(data, _find(data, moof, b"mfhd"))
    header.version_and_flags()
    trafs = [child for child in _children(data, moof) if child.type == b"traf"]
    if len(trafs) > MAX_TRACKS:
        raise FormatError(f"a fragment of {len(trafs)} tracks")
    runs = tuple(_read_traf(data, moof, mdat, traf, defaults or {}) for traf in trafs)
    return Fragment(header.number(4), runs, mdat.end - moof.start)


def _read_traf(data: bytes, moof: Box, mdat: Box, traf: Box, trex: dict[int, Defaults]) -> Run:
    track_id, defaults = _track_fragment_header(Fields(data, _find(data, traf, b"tfhd")), trex)
    dts = _decode_time(Fields(data, _find(data, traf, b"tfdt")))
    samples: list[SampleEntry] = []
    offset = moof.start
    for child in _children(data, traf):
        if child.type == b"trun":
            run = _read_run(Fields(data, child), moof.start, offset, dts, defaults)
            if run:
                offset, dts = run[-1].offset + run[-1].size, run[-1].dts + run[-1].duration
            samples += run
    for sample in samples:
        if sample.offset < mdat.content or sample.offset + sample.size > mdat.end:
            raise FormatError("a sample outside the media data of its fragment")
    return Run(track_id - 1, tuple(samples))


def _track_fragment_header(fields: Fields, trex: dict[int, Defaults]) -> tuple[int, Defaults]:
    _, flags = fields.version_and_flags()
    track_id = fields.number(4)
    if track_id == 0:
        raise FormatError("track number 0")
    if flags & BASE_DATA_OFFSET or not flags & DEFAULT_BASE_IS_MOOF:
        raise FormatError("a fragment whose data offsets do not count from its moof")
    fields.take(4 if flags & DESCRIPTION_INDEX else 0)
    inherited = trex.get(track_id, Defaults())
    return track_id, Defaults(
        fields.number(4) if flags & DEFAULT_DURATION else inherited.duration,
        fields.number(4) if flags & DEFAULT_SIZE else inherited.size,
        fields.number(4) if flags & DEFAULT_FLAGS else inherited.flags,
    )


def _decode_time(fields: Fields) -> int:
    version, _ = fields.version_and_flags()
    return fields.number(8 if version == 1 else 4)


def _read_run(fields: Fields, base: int, following: int, dts: int, defaults: Defaults) -> list[SampleEntry]:
    """The samples of one ``trun``; ``following`` is where they lie if it does not say."""
    version, flags = fields.version_and_flags()
    count = fields.number(4)
    if count > MAX_RUN_SAMPLES:
        raise FormatError(f"a run of {count} samples")
    offset = base + _signed(fields.number(4)) if flags & DATA_OFFSET else following
    first_flags = fields.number(4) if flags & FIRST_FLAGS else None
    samples: list[SampleEntry] = []
    for duration, size, sample_flags, composition in _run_entries(fields, flags, count, defaults):
        if first_flags is not None and not samples:
            sample_flags = first_flags
        shift = _signed(composition) if version else composition
        sync = not sample_flags & NON_SYNC
        samples.append(SampleEntry(dts + shift, dts, duration, size, sync, offset))
        offset, dts = offset + size, dts + duration
    return samples


def _run_entries(
    fields: Fields, flags: int, count: int, defaults: Defaults
) -> Iterator[tuple[int, int, int, int]]:
    """Duration, size, flags and composition offset of every sample, stated or by default."""
    present = [bool(flags & field) for field in (RUN_DURATION, RUN_SIZE, RUN_FLAGS, RUN_COMPOSITION)]
    entry = Struct(f">{sum(present)}I")
    stated = entry.iter_unpack(fields.take(entry.size * count)) if entry.size else iter([()] * count)
    if all(present):
        yield from stated
        return
    for values in stated:
        given = iter(values)
        duration, size, sample_flags, composition = (
            next(given) if there else default for there, default in zip(present, (*defaults, 0), strict=True)
        )
        yield duration, size, sample_flags, composition


def _signed(word: int) -> int:
    """A 32-bit word as a signed number."""
    return word - (1 << 32) if word & 0x80000000 else word
