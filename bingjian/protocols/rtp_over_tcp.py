"""RTP on a TCP connection of its own: a 16-bit length before each packet (RFC 4571).

GB/T 28181 sends media so. Some devices put RTSP's interleaved header there instead (``$``, channel, length),
so the first packet decides. After bytes that belong to no packet the reader looks for one of the SSRC it
knows, or for two of one SSRC in a row.
"""

import re
import struct
from typing import NamedTuple

from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtp import HEADER_SIZE

LENGTH_SIZE, INTERLEAVED_SIZE = 2, 4  # bytes before a packet
JUNK_LIMIT = 256 * 1024  # bytes in a row that belong to no packet; more: PeerError
FIRST_RTCP, LAST_RTCP = 192, 223  # second byte of RTCP packets (RFC 5761 §4)

_DOLLAR = 0x24
_VERSION_2 = re.compile(rb"[\x80-\xbf]")
_length = struct.Struct(">H").unpack_from


class Packets(NamedTuple):
    """RTP packets that lie at ``bounds`` in one buffer, for ``rtp.Receiver.receive``."""

    buffer: bytes
    bounds: list[tuple[int, int]]
    control: list[bytes]  # RTCP packets that came among them


class Reader:
    """One connection's bytes in, packets out. No socket, no clock. Holds less than one packet: 64 KiB."""

    __slots__ = ("_head", "_junk", "_need", "_rest", "ssrc")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._need = INTERLEAVED_SIZE + 1  # bytes that must be there before looking again is worth while
        self._head = 0  # bytes before a packet; 0: not known yet
        self._junk = 0  # bytes since the last packet
        self.ssrc: bytes | None = None  # of the last packet, as written

    def receive_data(self, data: bytes | memoryview) -> Packets:
        """Raises PeerError if what comes is no RTP; the connection is then finished."""
        rest = self._rest
        if rest:
            rest += data
            if len(rest) < self._need:
                return Packets(b"", [], [])
            buffer = bytes(rest)
            rest.clear()
        else:
            buffer = bytes(data)
        found = Packets(buffer, [], [])
        at = self._read(found)
        if at < len(buffer):
            rest += buffer[at:]
        return found

    def _read(self, found: Packets) -> int:
        """Take every whole packet; return where the first incomplete one starts."""
        buffer, size, at = found.buffer, len(found.buffer), 0
        if not self._head:
            if size <= INTERLEAVED_SIZE:
                return 0
            self._head = _head_size(buffer)
        head = self._head
        while size - at > head + 1:
            start = at + head
            (length,) = _length(buffer, start - 2)
            if not self._plausible(buffer, at, length):
                at = self._skip_junk(found, at)
                if at + head + HEADER_SIZE > size:
                    break
            elif start + length > size:
                self._need = head + length
                self._remember(found)
                return at
            else:
                at = start + length
                _take(found, start, at)
        self._remember(found)
        self._need = size - at + 1
        return at

    def _skip_junk(self, found: Packets, at: int) -> int:
        """Where to go on, the bytes at ``at`` belonging to no packet."""
        self._remember(found)
        after = self._resync(found.buffer, at + 1)
        self._junk = after - at + (0 if found.bounds else self._junk)
        if self._junk > JUNK_LIMIT:
            raise PeerError("the device sends something else than RTP over TCP")
        return after

    def _remember(self, found: Packets) -> None:
        if found.bounds:
            self._junk = 0
            start = found.bounds[-1][0]
            self.ssrc = found.buffer[start + 8 : start + HEADER_SIZE]

    def _plausible(self, buffer: bytes, at: int, length: int) -> bool:
        """Does a packet of RTP version 2 begin here? One without bytes keeps the connection open."""
        if self._head == INTERLEAVED_SIZE and buffer[at] != _DOLLAR:
            return False
        if not length:
            return True
        return length >= 8 and buffer[at + self._head] >> 6 == 2

    def _resync(self, buffer: bytes, at: int) -> int:
        """Where the next packet begins, as far as can be told; else near the end."""
        head, ssrc = self._head, self.ssrc
        if ssrc is not None:
            known = re.compile(re.escape(ssrc)).finditer(buffer, at + head + 8)
            starts = (found.start() - head - 8 for found in known)
        else:
            starts = (found.start() - head for found in _VERSION_2.finditer(buffer, at + head))
        for start in starts:
            if self._begins_packet(buffer, start):
                return start
        return max(at, len(buffer) - head - HEADER_SIZE + 1)

    def _begins_packet(self, buffer: bytes, at: int) -> bool:
        """A whole header, and behind its packet another one of the same SSRC."""
        head, size = self._head, len(buffer)
        (length,) = _length(buffer, at + head - 2)
        after = at + head + length
        if length < HEADER_SIZE or not self._plausible(buffer, at, length):
            return False
        if after + head + HEADER_SIZE > size:
            return self.ssrc is not None  # not all there to be looked at
        same = buffer[at + head + 8 : at + head + 12] == buffer[after + head + 8 : after + head + 12]
        return same and self._plausible(buffer, after, *_length(buffer, after + head - 2))


def _take(found: Packets, start: int, end: int) -> None:
    if start < end and FIRST_RTCP <= found.buffer[start + 1] <= LAST_RTCP:
        found.control.append(found.buffer[start:end])
    elif start < end:
        found.bounds.append((start, end))


def frame(packet: bytes) -> bytes:
    """For sending; a packet of more than 65535 bytes is ours to prevent."""
    return len(packet).to_bytes(2) + packet


def _head_size(buffer: bytes) -> int:
    """By the first 5 bytes. If both fit, an interleaved frame would be of 32 KiB and more: it is none."""
    if buffer[0] == _DOLLAR and buffer[4] >> 6 == 2 and buffer[2] >> 6 != 2:
        return INTERLEAVED_SIZE
    return LENGTH_SIZE
