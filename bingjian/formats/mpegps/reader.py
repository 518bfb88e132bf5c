"""Bytes of a program stream, cut anywhere, to packets of its elementary streams.

Everything has a length and begins with a start code, so a length is right when a start code follows where it
ends. Where none does, the length lied: if it was too long a start code lies inside, if too short (frames over
64 KiB, whose length does not fit 16 bits) the data go on to the next one. A camera whose video lengths lied
once is not believed again.
"""

import re
from typing import NamedTuple

from bingjian.formats.mpegps import pes, program_map
from bingjian.formats.mpegps.syntax import (
    END,
    LOWEST_CODE,
    MAP,
    PACK,
    START,
    SYSTEM,
    is_sound,
    is_video,
)

SYSTEM_LIMIT = 1024  # bytes of a system header: 3 for each of at most 48 streams; more is a lie
PADDING_LIMIT = 64  # bytes of 0x00 and 0xFF passed over where a start code should stand
PACK_SIZE, MPEG1_PACK_SIZE = 14, 12  # bytes

_CODE = re.compile(rb"\x00\x00\x01[\xb9-\xff]")


class Data(NamedTuple):
    """``buffer[start:end]`` of an elementary stream."""

    stream_id: int
    header: bool  # a packet begins; else its data go on
    pts: int | None  # 33 bits
    dts: int | None
    stamp: int | None  # what was given with the bytes that the packet's header lay in
    buffer: bytes
    start: int
    end: int


class Map(NamedTuple):
    """A program stream map: stream types by stream id."""

    types: dict[int, int]


class Damage(NamedTuple):
    """Bytes were passed over that may have belonged to any stream."""


class Scrambled(NamedTuple):
    """A packet whose data are encrypted; passed over."""

    stream_id: int


Event = Data | Map | Damage | Scrambled


class Reader:
    """One stream's bytes in, events out. Raises nothing. Holds at most a packet (64 KiB) and what was pushed.

    ``astray_bytes``: passed over since the last start code that made sense, so that a caller can tell a
    stream that is none.
    """

    __slots__ = (
        "_chunks",
        "_first_size",
        "_lengths_hold",
        "_need",
        "_open",
        "_previous",
        "_size",
        "_stamp",
        "_stamp_of_rest",
        "_synced",
        "astray_bytes",
    )

    def __init__(self) -> None:
        self._chunks: list[bytes] = []  # from the start of an incomplete unit on
        self._size = 0  # bytes in chunks
        self._first_size = 0  # bytes of the first chunk, which came with _stamp_of_rest
        self._need = 0  # bytes that must be there before looking again is worth while
        self._stamp: int | None = None
        self._stamp_of_rest: int | None = None
        self._open = 0  # stream id of a packet that ends at the next start code; 0: none
        self._previous = 0  # stream id of the packet just read, while nothing else came; 0: none
        self._synced = False
        self._lengths_hold = True
        self.astray_bytes = 0

    def push(self, data: bytes, stamp: int | None = None) -> list[Event]:
        """The next bytes. ``stamp``: a time that came with them outside the stream; it is handed back."""
        if not self._chunks:
            self._first_size = 0
            buffer = data
        else:
            self._chunks.append(data)
            self._size += len(data)
            if self._size < self._need:
                self._stamp = stamp
                return []
            buffer = b"".join(self._chunks)
            self._chunks = []
        self._stamp = stamp
        events: list[Event] = []
        at = self._read(buffer, events)
        self._keep(buffer, at)
        return events

    def lose(self) -> int | None:
        """Bytes are missing before the next push. The PTS of a packet of video that now stays incomplete."""
        rest = b"".join(self._chunks)
        head = pes.read(rest, 0, len(rest)) if self.holds_video else None
        self._chunks, self._size = [], 0
        self._open = self._previous = 0
        self._synced = False
        return head.pts if head else None

    @property
    def holds_video(self) -> bool:
        """Is what was begun and is not complete a packet of video?"""
        rest = b"".join(self._chunks) if self._synced and not self._open else b""
        return len(rest) > 3 and rest.startswith(START) and is_video(rest[3])

    @property
    def at_border(self) -> bool:
        """Is everything read that was pushed, as far as lengths tell?"""
        return bool(self._open) or not self._chunks

    def finish(self) -> list[Event]:
        """No more bytes will come. What is incomplete is left for ``lose``, unless a unit begins inside."""
        events: list[Event] = []
        while self._chunks and not self._open:
            rest = b"".join(self._chunks)
            inside = _find_code(rest, pes.PREFIX, len(rest))
            if inside < 0:
                return events
            self._end_at(rest, inside, events)
            self._keep(rest, inside + self._read(rest[inside:], events))
        if self._chunks:  # of a packet without a length
            rest, self._chunks = b"".join(self._chunks), []
            events.append(Data(self._open, False, None, None, self._stamp, rest, 0, len(rest)))
        return events

    def _end_at(self, rest: bytes, inside: int, events: list[Event]) -> None:
        """The incomplete unit at the beginning of ``rest`` ends where another begins."""
        self._chunks = []
        head = pes.read(rest, 0, inside) if self._synced and is_video(rest[3]) else None
        if head is None:
            events.append(Damage())
        else:
            self._give(rest, 0, rest[3], head, inside, events)

    def _keep(self, buffer: bytes, at: int) -> None:
        if at >= len(buffer):
            self._size = 0
            return
        in_first = at < self._first_size
        rest = buffer[at:] if at else buffer
        self._chunks, self._size = [rest], len(rest)
        if not in_first:
            self._stamp_of_rest = self._stamp
        self._first_size = self._first_size - at if in_first else len(rest)

    def _read(self, buffer: bytes, events: list[Event]) -> int:
        """Take every whole unit out of ``buffer``; return where the first incomplete one starts."""
        at, size = 0, len(buffer)
        while at < size:
            if self._open:
                after = self._run_on(buffer, at, events)
            elif not self._synced:
                after = self._resync(buffer, at)
            elif buffer.startswith(START, at):
                after = self._unit(buffer, at, events)
            else:
                after = self._stray(buffer, at, events)
            if after < 0:
                return at
            at = after
        return at

    # --- each returns where to go on, or -1 to wait for more bytes -----------------------------------------

    def _wait(self, count: int) -> int:
        """The unit in turn needs ``count`` bytes."""
        self._need = count
        return -1

    def _unit(self, buffer: bytes, at: int, events: list[Event]) -> int:
        """What begins with the start code at ``at``."""
        if len(buffer) - at < 4:
            return self._wait(4)
        code = buffer[at + 3]
        if code == END:
            self._previous = 0
            return at + 4
        if len(buffer) - at < pes.PREFIX:
            return self._wait(pes.PREFIX)
        if is_video(code) or is_sound(code):
            return self._packet(buffer, at, code, events)
        if code < LOWEST_CODE:
            return self._stray(buffer, at, events)
        self._previous = 0
        if code == PACK:
            return self._pack(buffer, at)
        return self._other(buffer, at, code, events)

    def _pack(self, buffer: bytes, at: int) -> int:
        """A pack header; some cameras send its start code and nothing of the rest.

        How many bytes of stuffing follow is told, wrongly at times: ``_stray`` passes over them.
        """
        form = buffer[at + 4]
        self.astray_bytes = 0
        size = PACK_SIZE if form >> 6 == 1 else MPEG1_PACK_SIZE if form >> 4 == 2 else 4
        return at + size if at + size <= len(buffer) else self._wait(size)

    def _packet(self, buffer: bytes, at: int, code: int, events: list[Event]) -> int:
        """A packet of video or sound."""
        length = int.from_bytes(buffer[at + 4 : at + pes.PREFIX])
        if not length or (is_video(code) and not self._lengths_hold):
            return self._unbounded(buffer, at, code, events)
        size, end = len(buffer), at + pes.PREFIX + length
        if end > size:
            return self._wait(end - at)
        head = pes.read(buffer, at, end)
        if head is None:
            return self._break(at, events)
        if end + 4 <= size and not _code_follows(buffer, end):
            end = self._real_end(buffer, head.start, end, code)
        self._give(buffer, at, code, head, end, events)
        self._previous = code
        return end

    def _real_end(self, buffer: bytes, start: int, end: int, code: int) -> int:
        """No start code follows at ``end``: was the length too long?"""
        inside = _find_code(buffer, start, end + 3)
        if inside < 0:
            return end  # it may have been too short: ``_stray`` sees to that
        if is_video(code):
            self._lengths_hold = False
        return inside

    def _unbounded(self, buffer: bytes, at: int, code: int, events: list[Event]) -> int:
        """A packet that ends where the next unit begins."""
        have = len(buffer) - at
        head = pes.read(buffer, at, len(buffer))
        if head is None:
            return self._wait(have + 1) if have < pes.MOST_HEADER else self._break(at, events)
        self._give(buffer, at, code, head, head.start, events)
        self._open = code
        return head.start

    def _give(
        self, buffer: bytes, at: int, code: int, head: pes.Header, end: int, events: list[Event]
    ) -> None:
        self.astray_bytes = 0
        if head.scrambled:
            events.append(Scrambled(code))
            return
        stamp = self._stamp_of_rest if at < self._first_size else self._stamp
        events.append(Data(code, True, head.pts, head.dts, stamp, buffer, head.start, end))

    def _run_on(self, buffer: bytes, at: int, events: list[Event]) -> int:
        """The data of an open packet go on: up to the next start code, or as far as surely is data."""
        code, end = self._open, _find_code(buffer, at, len(buffer))
        if end >= 0:
            self._open = 0
        else:
            end = len(buffer) - _may_begin_code(buffer, at)
            if end == at:
                return self._wait(len(buffer) - at + 1)
        if end > at:
            events.append(Data(code, False, None, None, self._stamp, buffer, at, end))
        return end

    def _other(self, buffer: bytes, at: int, code: int, events: list[Event]) -> int:
        """System header, map, private stream, padding: by its length, if that holds."""
        length = int.from_bytes(buffer[at + 4 : at + pes.PREFIX])
        limit = {SYSTEM: SYSTEM_LIMIT, MAP: program_map.SIZE_LIMIT}.get(code, pes.LENGTH_LIMIT)
        if length > limit:
            return self._break(at, events)
        size, end = len(buffer), at + pes.PREFIX + length
        if end > size:
            return self._wait(end - at)
        if end + 4 <= size and not _code_follows(buffer, end):
            inside = _find_code(buffer, at + pes.PREFIX, end)
            end = inside if inside >= 0 else end
        if code == MAP and (types := program_map.read(buffer, at, end)):
            events.append(Map(types))
        return end

    def _stray(self, buffer: bytes, at: int, events: list[Event]) -> int:
        """No start code stands where one should. Padding, a length that was too short, or damage."""
        if len(buffer) - at < 4:
            return self._wait(4)
        if (after := _after_padding(buffer, at)) > at:
            return after
        if is_video(self._previous):
            self._open, self._previous = self._previous, 0
            self._lengths_hold = False
            return self._run_on(buffer, at, events)
        return self._break(at, events)

    def _break(self, at: int, events: list[Event]) -> int:
        """What begins at ``at`` makes no sense."""
        events.append(Damage())
        self._synced, self._previous = False, 0
        return at + 1

    def _resync(self, buffer: bytes, at: int) -> int:
        """Go to the next start code that looks like one of ours."""
        found = _find_code(buffer, at, len(buffer))
        while found >= 0 and len(buffer) - found > pes.PREFIX:
            if _plausible(buffer, found):
                self._synced = True
                self.astray_bytes += found - at
                return found
            found = _find_code(buffer, found + 4, len(buffer))
        stop = found if found >= 0 else len(buffer) - _may_begin_code(buffer, at)
        self.astray_bytes += stop - at
        return stop if stop > at else self._wait(len(buffer) - at + 1)


def _find_code(buffer: bytes, at: int, end: int) -> int:
    """The first start code of a program stream within, or -1."""
    found = _CODE.search(buffer, at, end)
    return found.start() if found else -1


def _code_follows(buffer: bytes, at: int) -> bool:
    """Does a start code of a program stream stand at ``at``, or after padding?"""
    if not buffer.startswith(START, at):
        after = _after_padding(buffer, at)
        if after == at:
            return False
        at = after
    return at + 3 >= len(buffer) or buffer[at + 3] >= LOWEST_CODE


def _after_padding(buffer: bytes, at: int) -> int:
    """Where what may be a start code begins after bytes of 0x00 and 0xFF; ``at`` if there are none."""
    window = buffer[at : at + PADDING_LIMIT]
    rest = window.lstrip(b"\0\xff")
    after = at + len(window) - len(rest)
    if rest and not (rest[0] == 1 and buffer[at:after].endswith(b"\0\0")):
        return at
    return max(at, after - 2)  # the two zeros of the start code


def _may_begin_code(buffer: bytes, at: int) -> int:
    """How many of the last bytes may be the beginning of a start code."""
    tail = buffer[max(at, len(buffer) - 3) :]
    return next((count for count in (3, 2, 1) if tail[-count:] == START[:count]), 0)


def _plausible(buffer: bytes, at: int) -> bool:
    code = buffer[at + 3]
    if is_video(code) or is_sound(code):
        return buffer[at + pes.PREFIX] & 0xC0 == 0x80 or pes.read(buffer, at, len(buffer)) is not None
    return code in (PACK, SYSTEM, MAP)
