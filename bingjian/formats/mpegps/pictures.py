"""Packets of one video stream to access units.

A picture begins where its NAL units say so: at a slice with the picture's first block, or at what precedes
one (delimiter, parameter sets, SEI). That holds however packets are cut: several pictures in one, one picture
in many, a NAL unit across two. A packet's PTS is that of the first picture that begins in it.

An access unit is over when the next begins. Where a sender marks the last bytes of each picture, and was seen
to do it right ``MARKS_TO_TRUST`` times, it is over at the mark, a frame's time earlier.

If bytes of it are missing an access unit is dropped; those after it are kept, flagged damaged, until decoding
can start afresh. What comes before the first unit where decoding can start is dropped.
"""

import struct
from typing import NamedTuple

from bingjian.formats import h264, h265
from bingjian.formats.access_unit import AccessUnit, Codec, FormatError, VideoConfig
from bingjian.formats.in_band import COUNT_LIMIT, SIZE_LIMIT, ConfigFrom, InBandSets
from bingjian.formats.mpegps.syntax import CLOCK_RATE, START_CODE, unwrap

ACCESS_UNIT_LIMIT = 16 * 1024 * 1024  # bytes; larger ones are dropped. An 8K key frame stays below 8 MiB
PART_LIMIT = 32 * 1024  # pieces of one access unit, for their bookkeeping costs memory too; more: dropped
MARKS_TO_TRUST = 8
LOOK_AHEAD = 6  # bytes: a start code, and of the NAL unit what tells whether a picture begins
FRAME_90K = 3600  # between pictures without any time, until times were seen: 25 a second
STEP_LIMIT = CLOCK_RATE  # a longer distance between pictures is no frame's duration

_SLICE, _SET, _LEADING, _DELIMITER, _TRAILING, _LEFT_OUT = range(6)  # what a NAL unit is to us

_pack_length = struct.Struct(">I").pack


class _Grammar(NamedTuple):
    """What a NAL unit's first bytes say."""

    roles: bytes  # by the first byte of the header
    sync: frozenset[int]  # first bytes of slices at which decoding can start
    first_at: int  # the byte whose highest bit tells that a picture begins with this slice
    config_from: ConfigFrom


def _h264_role(byte: int) -> int:
    kind = byte & 0x1F
    if h264.SLICE <= kind <= h264.IDR:
        return _TRAILING if kind in (3, 4) else _SLICE  # partitions B and C say nothing of the picture
    return {h264.SEI: _LEADING, h264.SPS: _SET, h264.PPS: _SET, h264.DELIMITER: _DELIMITER}.get(
        kind, _LEFT_OUT
    )


def _h265_role(byte: int) -> int:
    kind = byte >> 1 & 0x3F
    if kind <= h265.LAST_SLICE:
        return _SLICE
    if h265.VPS <= kind <= h265.PPS:
        return _SET
    return {
        h265.DELIMITER: _DELIMITER,
        h265.PREFIX_SEI: _LEADING,
        h265.SUFFIX_SEI: _TRAILING,
    }.get(kind, _LEFT_OUT)


_GRAMMARS = {
    Codec.H264: _Grammar(
        bytes(map(_h264_role, range(256))),
        frozenset(byte for byte in range(256) if byte & 0x1F == h264.IDR),
        1,
        h264.config_from,
    ),
    Codec.H265: _Grammar(
        bytes(map(_h265_role, range(256))),
        frozenset(byte for byte in range(256) if h265.FIRST_IRAP <= byte >> 1 & 0x3F <= h265.LAST_IRAP),
        2,
        h265.config_from,
    ),
}
# Headers of parameter sets that the other codec cannot have: so the codec is known, whatever the map says.
_TELLTALES = {bytes((byte, 1)): Codec.H265 for byte in (0x40, 0x42)}
_H264_SPS = (0x67, 0x47, 0x27)


def codec_of(unit: bytes) -> Codec | None:
    """By the first two bytes of a NAL unit that is a sequence (or video) parameter set; None for others."""
    if unit[:1] and unit[0] in _H264_SPS:
        return Codec.H264
    return _TELLTALES.get(unit[:2])


class Pictures:
    """One video stream. ``begin`` and ``feed`` for its packets, ``mark`` and ``lose`` as the transport tells.

    ``fault``: what is wrong with the pictures, empty if nothing is.
    """

    __slots__ = (
        "_broken",
        "_damaged",
        "_fields",
        "_firsts",
        "_grammar",
        "_late",
        "_lossy",
        "_marked",
        "_marks_right",
        "_offset",
        "_opened",
        "_packet_goes_on",
        "_parts",
        "_pending",
        "_pts",
        "_repeats",
        "_seen",
        "_sets",
        "_size",
        "_stamp",
        "_started",
        "_step",
        "_sync",
        "_tail",
        "_timed",
        "_timestamp",
        "_track",
        "_unit",
        "_unit_is_set",
        "_vcl",
        "codec",
        "too_large",
    )

    def __init__(self, track: int) -> None:
        self._track = track
        self.codec: Codec | None = None
        self.too_large = False
        self._grammar: _Grammar | None = None
        self._sets: InBandSets | None = None
        # The open access unit
        self._opened = self._vcl = self._sync = self._broken = False
        self._parts: list[bytes] = []
        self._size = 0  # bytes in parts
        self._seen: list[bytes] = []  # parameter sets
        self._firsts = 0  # slices that begin a picture: two of them are its fields
        self._unit: list[bytes] | None = None  # pieces of the open NAL unit; None: left out
        self._unit_is_set = False
        self._tail = (
            b""  # the last bytes, if they may begin a start code or are too few to judge a NAL unit by
        )
        # The stream
        self._lossy = False  # bytes are missing before the next slice
        self._damaged = False  # since the last sync unit
        self._started = False  # a sync unit has been given out
        self._fields = False  # its pictures may be single fields
        self._marked = False  # the last bytes came with a mark
        self._marks_right = 0  # in a row; -1: one was wrong
        # Time
        self._pending: int | None = None  # PTS that the next picture to begin takes
        self._late: int | None = None  # the same, if it begins in the tail
        self._pts: int | None = None  # of the open or last access unit, 33 bits
        self._repeats = False  # the packet in turn repeats that PTS
        self._packet_goes_on = False  # the packet in turn is the one that the open access unit began in
        self._stamp: int | None = None
        self._offset = 0  # PTS minus stamp
        self._timed = False  # a timestamp was given
        self._timestamp = 0
        self._step = FRAME_90K

    @property
    def config(self) -> VideoConfig | None:
        """The configuration in force; None until the camera has told it."""
        return self._sets.config if self._sets else None

    @property
    def fault(self) -> str:
        if self.too_large:
            return f"pictures larger than {ACCESS_UNIT_LIMIT} bytes"
        return self._sets.fault if self._sets else ""

    def begin(self, pts: int | None, stamp: int | None) -> None:
        """A packet begins. ``pts``: 33 bits; ``stamp``: unwrapped, in 1/90000 s."""
        self._packet_goes_on = False
        self._repeats = pts is not None and pts == self._pts and (stamp is None or stamp == self._stamp)
        self._stamp = stamp
        self._late = None
        if pts is None or pts == self._pts:
            return
        if self._tail and self._pending is not None:
            self._late = self._pending
        self._pending = pts

    def feed(self, buffer: bytes, start: int, end: int, units: list[AccessUnit]) -> None:
        """Data of the packet; what they complete is appended to ``units``."""
        if self._tail:
            buffer = self._tail + buffer[start:end]
            start, end, self._tail = 0, len(buffer), b""
        elif self._marked and not buffer.startswith((b"\0\0\1", b"\0\0\0\1"), start):
            self._disprove_marks()
        self._scan(buffer, start, end, LOOK_AHEAD, units)

    def mark(self, units: list[AccessUnit]) -> None:
        """The sender says that the bytes so far end a picture."""
        if not (self._vcl or self._broken):
            return
        self._marked = True
        if self._marks_right >= MARKS_TO_TRUST:
            self._end_units(units)
            self._finish(units)

    def lose(self, units: list[AccessUnit], next_pts: int | None = None) -> None:
        """Bytes are missing before the next ``feed``; ``next_pts``: of a packet begun, and lost."""
        over = next_pts is not None and next_pts != self._pts
        if self._vcl and (over or (self._marked and self._marks_right > 0)):
            self._end_units(units)
            self._finish(units)
        self._broken = self._broken or self._vcl or self._unit is not None
        self._tail, self._unit = b"", None
        self._lossy = self._damaged = True
        self._marked = False
        self._pending = None

    def flush(self, units: list[AccessUnit]) -> None:
        """Nothing more comes: the open access unit is over."""
        self._end_units(units)
        self._finish(units)

    # --- NAL units ---------------------------------------------------------------------------------------

    def _scan(self, buffer: bytes, start: int, end: int, look_ahead: int, units: list[AccessUnit]) -> None:
        """Cut at start codes; the last NAL unit stays open."""
        search, begin = START_CODE.search, start
        code = search(buffer, start, end)
        while code is not None:
            at = code.start()
            if at + look_ahead > end:
                stop = at - 1 if at > begin and buffer[at - 1] == 0 else at
                self._piece(buffer, begin, stop)
                self._tail = buffer[stop:end]
                return
            if buffer[at + 3] < 0x80:  # else bytes that only look like a start code
                self._end_unit(buffer[begin:at])
                self._begin_unit(buffer, at + 3, end, units)
                begin = at + 3
            code = search(buffer, at + 3, end)
        stop = end
        while stop > begin and end - stop < 3 and buffer[stop - 1] == 0:
            stop -= 1
        self._tail = buffer[stop:end]
        self._piece(buffer, begin, stop)

    def _piece(self, buffer: bytes, begin: int, end: int) -> None:
        """Bytes of the open NAL unit, which goes on."""
        if self._unit is None or begin >= end:
            return
        self._unit.append(buffer[begin:end])
        self._size += end - begin
        if self._size > ACCESS_UNIT_LIMIT or len(self._unit) > PART_LIMIT:
            self._give_up()

    def _begin_unit(self, buffer: bytes, at: int, end: int, units: list[AccessUnit]) -> None:
        head = buffer[at]
        codec = codec_of(buffer[at : at + 2])
        if codec is not None and codec is not self.codec:
            self._change_codec(codec, units)
        grammar = self._grammar
        if grammar is None:
            return
        role = grammar.roles[head]
        if role == _SLICE:
            if at + grammar.first_at >= end:
                self._broken = self._damaged = True
                return
            self._begin_slice(buffer[at + grammar.first_at] >= 0x80, head in grammar.sync, units)
        elif role in (_SET, _LEADING, _DELIMITER) and self._vcl and not self._repeats:
            self._next(units)
        if role in (_DELIMITER, _LEFT_OUT):
            return
        if not self._opened:
            self._open()
        self._unit, self._unit_is_set = [], role == _SET

    def _end_unit(self, last: bytes) -> None:
        """The open NAL unit ends with these bytes, and zeros that belong to none."""
        pieces, self._unit = self._unit, None
        if pieces is None:
            return
        if last := last.rstrip(b"\0"):
            pieces.append(last)
        size = sum(map(len, pieces))
        if not size:
            return
        if self._unit_is_set:
            if len(self._seen) < COUNT_LIMIT and size <= SIZE_LIMIT:
                self._see(b"".join(pieces))
            return
        self._size += len(last) + 4
        self._parts.append(_pack_length(size))
        self._parts += pieces
        if self._size > ACCESS_UNIT_LIMIT or len(self._parts) > PART_LIMIT:
            self._give_up()

    def _see(self, parameter_set: bytes) -> None:
        self._seen.append(parameter_set)
        known = self.config.parameter_sets if self.config else ()
        if (
            self.codec is Codec.H264
            and h264.nal_type(parameter_set) == h264.SPS
            and parameter_set not in known
        ):
            self._fields = _may_have_fields(parameter_set)

    def _end_units(self, units: list[AccessUnit]) -> None:
        """The open NAL unit is over, and what was held back is looked at."""
        tail, self._tail = self._tail, b""
        if b"\0\0\1" in tail:
            self._scan(tail, 0, len(tail), 4, units)
            self._tail = b""
        self._end_unit(b"")

    def _give_up(self) -> None:
        """The access unit outgrew its limits."""
        self.too_large = True
        self._broken = self._damaged = True
        self._parts, self._size, self._unit = [], 0, None

    def _change_codec(self, codec: Codec, units: list[AccessUnit]) -> None:
        if self._vcl:
            self._next(units)
        self.codec, self._grammar = codec, _GRAMMARS[codec]
        self._sets = InBandSets(self._grammar.config_from)
        self._started = self._fields = False

    # --- Access units ------------------------------------------------------------------------------------

    def _begin_slice(self, first: bool, sync: bool, units: list[AccessUnit]) -> None:
        if first:
            if self._vcl and not self._is_second_field():
                self._next(units)
            self._firsts += 1
        elif self._lossy:
            if self._vcl and self._pending is not None:
                self._next(units)
            self._broken = self._damaged = True
        else:
            self._disprove_marks()
            if not self._vcl:
                self._broken = self._damaged = True
        if not self._opened:
            self._open()
        self._marked = self._lossy = False
        self._vcl = True
        self._sync = self._sync or sync

    def _is_second_field(self) -> bool:
        """Of an interlaced picture: both fields under one PTS."""
        if not self._fields or self._firsts != 1:
            return False
        return self._repeats or (self._packet_goes_on and self._pending is None)

    def _next(self, units: list[AccessUnit]) -> None:
        """Another picture begins."""
        if self._marks_right >= 0:
            self._marks_right = self._marks_right + 1 if self._marked else 0
        self._marked = False
        self._finish(units)

    def _disprove_marks(self) -> None:
        if self._marked:
            self._marks_right, self._marked = -1, False
            self._damaged = self._damaged or not self._vcl  # what was given out at the mark was not whole

    def _open(self) -> None:
        self._opened = True
        self._packet_goes_on = True
        self._take_time()

    def _finish(self, units: list[AccessUnit]) -> None:
        """The open access unit is over: give it out, unless bytes are missing or it comes too early."""
        if self._seen:
            self._note_sets()
        if not self._broken and self._vcl:
            if self._sync:
                self._emit_sync(units)
            elif self._started:
                data = b"".join(self._parts)
                units.append(AccessUnit(self._track, self._timestamp, data, False, self._damaged))
        self._parts, self._size, self._firsts = [], 0, 0
        self._opened = self._vcl = self._sync = self._broken = False

    def _emit_sync(self, units: list[AccessUnit]) -> None:
        changed = self._sets.take() if self._sets else None
        if self.config is None:
            return
        self._started, self._damaged = True, False
        units.append(AccessUnit(self._track, self._timestamp, b"".join(self._parts), True, False, changed))

    def _note_sets(self) -> None:
        """New ones before a picture that needs its predecessors stay in its sample too."""
        seen, self._seen = list(dict.fromkeys(self._seen)), []
        if self._sets is not None and self._sets.note(seen) and not self._sync:
            self._parts[:0] = [_pack_length(len(unit)) + unit for unit in seen]

    # --- Time --------------------------------------------------------------------------------------------

    def _take_time(self) -> None:
        """The access unit's PTS; without one, the transport's time; without any, a frame later."""
        pts, last = self._late, self._timestamp
        self._late = None
        if pts is None or pts == self._pending:
            pts, self._pending = self._pending, None
        if pts is not None:
            self._pts = pts
            self._timestamp = unwrap(last, pts) if self._timed else pts
            self._offset = self._timestamp - (self._stamp or 0)
        elif self._stamp is not None:
            self._timestamp = self._stamp + self._offset
        if self._timestamp == last and self._timed:
            self._timestamp = last + self._step
        if 0 < self._timestamp - last <= STEP_LIMIT and self._timed:
            self._step = self._timestamp - last
        self._timed = True


def _may_have_fields(sps: bytes) -> bool:
    """A field of H.264 is no picture of its own, and no sample; one of H.265 is."""
    try:
        return not h264.parse_sps(sps).frames_only
    except FormatError:
        return False
