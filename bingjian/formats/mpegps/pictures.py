"""Packets of one video stream to access units.

A picture begins where its NAL units say so: at a slice with the picture's first block, or at what precedes
one (delimiter, parameter sets, SEI). That holds however packets are cut: several pictures in one, one picture
in many, a NAL unit across two.

An access unit is over when the next begins. Where a sender marks the last bytes of each picture, and was seen
to do it right ``MARKS_TO_TRUST`` times, it is over at the mark, a frame's time earlier.

If bytes of it are missing an access unit is dropped; those after it are kept, flagged damaged, until decoding
can start afresh. What comes before the first unit where decoding can start is dropped.
"""

import struct

from bingjian.formats import h264
from bingjian.formats.access_unit import AccessUnit, Codec, FormatError, VideoConfig
from bingjian.formats.in_band import COUNT_LIMIT, SIZE_LIMIT, InBandSets
from bingjian.formats.mpegps.nal_roles import (
    BEFORE_PICTURES,
    GRAMMARS,
    NOT_IN_SAMPLES,
    SET,
    SLICE,
    TELLING,
    Grammar,
    codec_of,
)
from bingjian.formats.mpegps.picture_times import PictureTimes
from bingjian.formats.mpegps.syntax import START

ACCESS_UNIT_LIMIT = 16 * 1024 * 1024  # bytes; larger ones are dropped. An 8K key frame stays below 8 MiB
PART_LIMIT = 32 * 1024  # pieces of one access unit, for their bookkeeping costs memory too; more: dropped
MARKS_TO_TRUST = 8
LOOK_AHEAD = 6  # bytes: a start code, and of the NAL unit what tells whether a picture begins

_pack_length = struct.Struct(">I").pack


class Pictures:
    """One video stream. ``begin`` and ``feed`` for its packets, ``mark`` and ``lose`` as the transport tells.

    ``fault``: what is wrong with the pictures, empty if nothing is.
    """

    __slots__ = (
        *(
            "_broken",
            "_damaged",
            "_fields",
            "_firsts",
            "_grammar",
            "_in_tail",
            "_lossy",
            "_marked",
            "_marks_right",
        ),
        *(
            "_opened",
            "_packet_goes_on",
            "_parts",
            "_seen",
            "_sets",
            "_size",
            "_started",
            "_sync",
            "_tail",
            "_tail_size",
        ),
        *("_times", "_timestamp", "_track", "_unit", "_unit_is_set", "_vcl", "codec", "too_large"),
    )

    def __init__(self, track: int) -> None:
        self._track = track
        self.codec: Codec | None = None
        self.too_large = False
        self._times = PictureTimes()
        self._grammar: Grammar | None = None
        self._sets: InBandSets | None = None
        # The open access unit
        self._opened = self._vcl = self._sync = self._broken = False
        self._timestamp = 0
        self._packet_goes_on = False  # the packet in turn is the one that it began in
        self._parts: list[bytes] = []
        self._size = 0  # bytes in parts
        self._seen: list[bytes] = []  # parameter sets
        self._firsts = 0  # slices that begin a picture: two of them are its fields
        self._unit: list[bytes] | None = None  # pieces of the open NAL unit; None: left out
        self._unit_is_set = False
        self._tail = b""  # last bytes that may begin a start code, or are too few to judge a NAL unit by
        self._tail_size = 0  # how many bytes of the buffer in turn were held back from the packet before
        self._in_tail = False  # the NAL unit in turn begins in these
        # The stream
        self._lossy = False  # bytes are missing before the next slice
        self._damaged = False  # since the last sync unit
        self._started = False  # a sync unit has been given out
        self._fields = False  # its pictures may be single fields
        self._marked = False  # the last bytes came with a mark
        self._marks_right = 0  # in a row; -1: one was wrong

    @property
    def config(self) -> VideoConfig | None:
        """The configuration in force; None until the camera has told it."""
        return self._sets.config if self._sets else None

    @property
    def trusts_marks(self) -> bool:
        """A picture is given out at its mark, not at the beginning of the next."""
        return self._marks_right >= MARKS_TO_TRUST

    @property
    def fault(self) -> str:
        if self.too_large:
            return f"pictures larger than {ACCESS_UNIT_LIMIT} bytes"
        return self._sets.fault if self._sets else ""

    def begin(self, pts: int | None, stamp: int | None) -> None:
        """A packet begins. ``pts``: 33 bits; ``stamp``: unwrapped, in 1/90000 s."""
        self._packet_goes_on = False
        self._tail_size = len(self._tail)
        self._times.begin(pts, stamp)

    def feed(self, buffer: bytes, start: int, end: int, units: list[AccessUnit]) -> None:
        """Data of the packet; what they complete is appended to ``units``."""
        if start >= end:
            return
        if self._tail:
            buffer = self._tail + buffer[start:end]
            start, end, self._tail = 0, len(buffer), b""
        elif self._marked and buffer[start]:  # a start code would begin with 0
            self._disprove_marks()
        self._scan(buffer, start, end, LOOK_AHEAD, units)
        self._tail_size = 0

    def mark(self, units: list[AccessUnit]) -> None:
        """The sender says that the bytes so far end a picture."""
        if not (self._vcl or self._broken):
            return
        self._marked = True
        if self.trusts_marks:
            self._end_units(units)
            self._finish(units)

    def lose(self, units: list[AccessUnit], next_pts: int | None = None) -> None:
        """Bytes are missing before the next ``feed``; ``next_pts``: of a packet begun, and lost."""
        over = self._times.is_another(next_pts)
        if self._vcl and (over or (self._marked and self._marks_right > 0)):
            self._end_units(units)
            self._finish(units)
        self._broken = self._broken or self._vcl or self._unit is not None
        self._tail, self._unit = b"", None
        self._lossy = self._damaged = True
        self._marked = False
        self._times.forget()

    def flush(self, units: list[AccessUnit]) -> None:
        """Nothing more comes: the open access unit is over."""
        self._end_units(units)
        self._finish(units)

    # --- NAL units ---------------------------------------------------------------------------------------

    def _scan(self, buffer: bytes, start: int, end: int, look_ahead: int, units: list[AccessUnit]) -> None:
        """Cut at start codes; the last NAL unit stays open."""
        begin, at = start, buffer.find(START, start, end)
        while at >= 0:
            if at + look_ahead > end:
                stop = at - 1 if at > begin and buffer[at - 1] == 0 else at
                self._piece(buffer, begin, stop)
                self._tail = buffer[stop:end]
                return
            if buffer[at + 3] < 0x80:  # else bytes that only look like a start code
                stop = at - 1 if at > begin and not buffer[at - 1] else at  # the code's own zero, mostly
                self._end_unit(buffer[begin:stop])
                self._in_tail = at < self._tail_size or (at == self._tail_size > 0 and self._times.was_told)
                self._begin_unit(buffer, at + 3, end, units)
                begin = at + 3
            at = buffer.find(START, at + 3, end)
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
        if head in TELLING:
            codec = codec_of(buffer[at : at + 2])
            if codec is not None and codec is not self.codec:
                self._change_codec(codec, units)
        grammar = self._grammar
        if grammar is None:
            return
        role = grammar.roles[head]
        if role == SLICE:
            if at + grammar.first_at >= end:
                self._broken = self._damaged = True
                return
            self._begin_slice(buffer[at + grammar.first_at] >= 0x80, head in grammar.sync, units)
        elif role in BEFORE_PICTURES and self._vcl and not self._times.repeats:
            self._next(units)
        if role in NOT_IN_SAMPLES:
            return
        self._open()
        self._unit, self._unit_is_set = [], role == SET

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
        self.codec, self._grammar = codec, GRAMMARS[codec]
        self._sets = InBandSets(self._grammar.config_from)
        self._started = self._fields = False

    # --- Access units ------------------------------------------------------------------------------------

    def _begin_slice(self, first: bool, sync: bool, units: list[AccessUnit]) -> None:
        if first:
            if self._vcl and not self._is_second_field():
                self._next(units)
            self._firsts += 1
        elif self._lossy:
            if self._vcl and self._times.is_told:
                self._next(units)
            self._broken = self._damaged = True
        else:
            self._disprove_marks()
            if not self._vcl:
                self._broken = self._damaged = True
        self._open()
        self._marked = self._lossy = False
        self._vcl = True
        self._sync = self._sync or sync

    def _is_second_field(self) -> bool:
        """Of an interlaced picture: both fields under one PTS."""
        if not self._fields or self._firsts != 1:
            return False
        return self._times.repeats or (self._packet_goes_on and not self._times.is_told)

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
        """An access unit begins, unless one is open."""
        if not self._opened:
            self._opened = self._packet_goes_on = True
            self._timestamp = self._times.take(before=self._in_tail)

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
        self._started, self._damaged, self.too_large = True, False, False
        units.append(AccessUnit(self._track, self._timestamp, b"".join(self._parts), True, False, changed))

    def _note_sets(self) -> None:
        """New ones before a picture that needs its predecessors stay in its sample too."""
        seen, self._seen = list(dict.fromkeys(self._seen)), []
        if self._sets is not None and self._sets.note(seen) and not self._sync:
            self._parts[:0] = [_pack_length(len(unit)) + unit for unit in seen]


def _may_have_fields(sps: bytes) -> bool:
    """A field of H.264 is no picture of its own, and no sample; one of H.265 is."""
    try:
        return not h264.parse_sps(sps).frames_only
    except FormatError:
        return False
