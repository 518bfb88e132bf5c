"""RTP (RFC 3550): packets of one track in, access units out; header building for those who send.

``Receiver`` keeps the sequence: what is missing is counted and told to the payload format, which decides what
can still be used. Over UDP a short window puts late packets back in order first. A jump that is no loss
(another SSRC, a sequence far away) is believed once two packets agree on it (RFC 3550 appendix A.1).
"""

import struct
from dataclasses import dataclass
from typing import NamedTuple

from bingjian.formats.access_unit import AccessUnit, TrackConfig
from bingjian.protocols.depacketize.base import Depacketizer, Frames, together
from bingjian.protocols.errors import PeerError

HEADER_SIZE = 12  # bytes, without CSRC and extension
DROPOUT_LIMIT = 3000  # missing packets that still count as loss; more: a restart (RFC 3550 A.1 MAX_DROPOUT)
MISORDER_LIMIT = 100  # packets a late one may be behind; more: a restart (MAX_MISORDER)
REORDER_WINDOW = 64  # packets waited for one that is missing, UDP only; then it counts as lost
MALFORMED_LIMIT = 200  # packets in a row that are not ours before the sender is given up: PeerError

_HEADER = struct.Struct(">BBHII")


class Header(NamedTuple):
    """The fixed part, and where the payload lies after CSRC list, extension and padding."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int  # 32 bits
    ssrc: int
    start: int  # payload is packet[start:end]
    end: int


def read_header(packet: bytes) -> Header:
    """Raises PeerError if the packet is not RTP version 2 or its lengths do not fit."""
    if len(packet) < HEADER_SIZE:
        raise PeerError("an RTP packet is shorter than its header")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
    start, end = _payload(packet, 0, len(packet), first)
    if start > end:
        raise PeerError("an RTP packet has a wrong version or impossible lengths")
    return Header(second & 0x7F, second >= 0x80, sequence, timestamp, ssrc, start, end)


def pack_header(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, *, marker: bool = False
) -> bytes:
    """The 12 bytes before a payload; numbers are taken modulo their width."""
    second = payload_type | (0x80 if marker else 0)
    return _HEADER.pack(0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc & 0xFFFFFFFF)


def unwrap(last: int, timestamp: int) -> int:
    """The value nearest to the unwrapped ``last`` that equals the 32-bit ``timestamp``."""
    return last + ((timestamp - last + 0x80000000) & 0xFFFFFFFF) - 0x80000000


@dataclass(frozen=True, slots=True)
class Reception:
    """What a receiver report says of one sender (RFC 3550 §6.4.1); counts since the first packet."""

    ssrc: int
    highest_sequence: int  # extended, 32 bits
    expected: int
    lost: int
    jitter: int  # timestamp units


class Receiver:
    """One track's RTP packets to access units. No socket, no clock."""

    __slots__ = (
        "_cycles",
        "_depacketizer",
        "_expected",
        "_jitter",
        "_last_transit",
        "_malformed",
        "_payload_type",
        "_received",
        "_reorder",
        "_restart",
        "_ssrc",
        "_stamp",
        "lost",
        "lost_untold",
        "timestamp",
    )

    def __init__(self, payload_type: int, depacketizer: Depacketizer, *, reorder: bool = False) -> None:
        """``reorder``: the packets come over UDP."""
        self._payload_type = payload_type
        self._depacketizer = depacketizer
        self._reorder = Reorder() if reorder else None
        self._ssrc = -1  # none yet
        self._expected = -1  # next sequence number
        self._cycles = 0  # times the sequence number wrapped, times 65536
        self._stamp = 0  # last timestamp as it came
        self.timestamp = 0  # last timestamp, unwrapped
        self._restart = (-1, -1)  # (ssrc, sequence) that would confirm a restart
        self._malformed = 0  # in a row
        self._received = 0  # packets since the (re)start
        self.lost = 0  # packets since the first
        self.lost_untold = 0
        self._jitter = 0.0
        self._last_transit = 0

    @property
    def config(self) -> TrackConfig | None:
        """The configuration in force; None until the camera has told it."""
        return self._depacketizer.config

    @property
    def held_since(self) -> int | None:
        """Packets wait in the reordering window for one that is missing; the first of them came then."""
        return self._reorder.held_since if self._reorder else None

    def receive(self, frames: Frames, now: int = 0) -> list[AccessUnit]:
        """Whole RTP packets in the order they came, ``now`` by a clock of the caller's.

        Raises PeerError and nothing else.
        """
        units: list[AccessUnit] = []
        reorder = self._reorder
        if reorder is None:
            self._take(frames, units)
            return units
        taken = 0 if reorder.held_since is not None else self._take(frames, units, while_in_order=True)
        if taken:
            reorder.expected = self._expected
        buffer, bounds = frames
        if taken < len(bounds):
            rest = [buffer[start:end] for start, end in bounds[taken:]]
            self._take(together(reorder.push(rest, now)), units)
        return units

    def release(self, since: int) -> list[AccessUnit]:
        """Wait no longer for packets that have been missing since then, as ``now`` told it."""
        units: list[AccessUnit] = []
        if self._reorder is not None:
            self._take(together(self._reorder.release(since)), units)
        return units

    def _take(self, frames: Frames, units: list[AccessUnit], *, while_in_order: bool = False) -> int:
        """The hot path, hence the local names: a microsecond a packet, a third where ``follow`` takes it.

        ``while_in_order``: only up to the first packet that is not simply the next one. Returns how many.
        """
        unpack, add, follow = _HEADER.unpack_from, self._depacketizer.add, self._depacketizer.follow
        payload_type, expected = self._payload_type, self._expected
        last_stamp, timestamp = self._stamp, self.timestamp
        buffer, bounds = frames
        at, count = 0, len(bounds)
        while at < count:
            start, end = bounds[at]
            at += 1
            if end - start < HEADER_SIZE:
                if while_in_order:
                    return at - 1
                self._count_malformed()
                continue
            first, second, sequence, stamp, ssrc = unpack(buffer, start)
            if first == 0x80:
                start += HEADER_SIZE
            else:
                start, end = _payload(buffer, start, end, first)
            if second & 0x7F != payload_type or start > end:
                if while_in_order:
                    return at - 1
                self._count_malformed()
                continue
            if sequence != expected or ssrc != self._ssrc:
                if while_in_order:
                    return at - 1
                if not self._resume(sequence, ssrc, stamp):
                    continue
                timestamp = self.timestamp
                last_stamp = self._stamp
            if stamp != last_stamp:
                self.timestamp = timestamp = unwrap(timestamp, stamp)
                self._stamp = last_stamp = stamp
            self._expected = expected = (sequence + 1) & 0xFFFF
            if not expected:
                self._cycles += 0x10000
            self._received += 1
            self._malformed = 0
            add(buffer, start, end, timestamp, second & 0x80, units)
            if at < count and (taken := follow(frames, at, payload_type, expected, stamp, ssrc)):
                at += taken
                self._received += taken
                self._expected = expected = (expected + taken) & 0xFFFF
                if expected < taken:
                    self._cycles += 0x10000
        return at

    def take_lost(self) -> int:
        """Packets found missing since the last call."""
        lost, self.lost_untold = self.lost_untold, 0
        return lost

    def note_arrival(self, arrival: int) -> None:
        """For the jitter estimate (RFC 3550 A.8); once for each batch of packets.

        Args:
            arrival: any steady clock, in the track's timestamp units.
        """
        transit = arrival - self.timestamp
        if self._last_transit:
            self._jitter += (min(abs(transit - self._last_transit), 1 << 31) - self._jitter) / 16
        self._last_transit = transit

    def reception(self) -> Reception | None:
        """For a receiver report; None before the first packet."""
        if self._ssrc < 0:
            return None
        highest = (self._cycles + ((self._expected - 1) & 0xFFFF)) & 0xFFFFFFFF
        if self._expected == 0:
            highest = (highest - 0x10000) & 0xFFFFFFFF
        return Reception(self._ssrc, highest, self._received + self.lost, self.lost, int(self._jitter))

    def _resume(self, sequence: int, ssrc: int, stamp: int) -> bool:
        """Out of sequence: loss, a late packet or a restart. False: the packet is not to be used."""
        if self._ssrc < 0:
            self._start(sequence, ssrc, stamp)
            return True
        ahead = (sequence - self._expected) & 0xFFFF
        if ssrc == self._ssrc and ahead < DROPOUT_LIMIT:
            self._lose(ahead, stamp)
            if sequence < self._expected:
                self._cycles += 0x10000
            return True
        if (ssrc, sequence) == self._restart:
            self._lose(1, stamp)
            self._ssrc = ssrc
            return True
        if ssrc != self._ssrc or ahead < 0x10000 - MISORDER_LIMIT:
            self._restart = (ssrc, (sequence + 1) & 0xFFFF)
            self._count_malformed()
        return False

    def _start(self, sequence: int, ssrc: int, stamp: int) -> None:
        self._ssrc, self._expected = ssrc, sequence
        self._stamp = self.timestamp = stamp

    def _lose(self, packets: int, stamp: int) -> None:
        self.lost += packets
        self.lost_untold += packets
        self._depacketizer.lose(unwrap(self.timestamp, stamp))

    def _count_malformed(self) -> None:
        self._malformed += 1
        if self._malformed > MALFORMED_LIMIT:
            raise PeerError("the camera sends packets that are not the RTP it announced")


class Reorder:
    """Puts packets back in sequence. Holds at most ``REORDER_WINDOW`` of them.

    Attributes:
        expected: the next sequence number, -1 before the first. It counts packets too that the receiver has
            no use for. Who takes packets past this, because they are in order, moves it on.
    """

    __slots__ = ("_waiting", "expected")

    def __init__(self) -> None:
        self.expected = -1
        self._waiting: dict[int, tuple[int, bytes]] = {}  # by sequence number, with when it came

    @property
    def held_since(self) -> int | None:
        """When the first came of those that wait: so long their next has been missing at least."""
        return min(came for came, _ in self._waiting.values()) if self._waiting else None

    def push(self, packets: list[bytes], now: int) -> list[bytes]:
        """Those whose turn it is. Late, doubled and far-off ones pass through: the receiver judges them."""
        ready: list[bytes] = []
        for packet in packets:
            sequence = int.from_bytes(packet[2:4])
            ahead = (sequence - self.expected) & 0xFFFF if self.expected >= 0 else 0
            if ahead == 0:
                ready.append(packet)
                self.expected = (sequence + 1) & 0xFFFF
                if self._waiting:
                    self._follow(ready)
            elif ahead < DROPOUT_LIMIT:
                self._waiting[sequence] = now, packet
                if len(self._waiting) > REORDER_WINDOW:
                    self._skip(ready)
            else:
                ready.append(packet)
                self._jump(sequence, ahead, ready)
        return ready

    def release(self, since: int) -> list[bytes]:
        """Give up what has been missing since then; what is missing only since later may still come."""
        ready: list[bytes] = []
        while (held_since := self.held_since) is not None and held_since <= since:
            self._skip(ready)
        return ready

    def _follow(self, ready: list[bytes]) -> None:
        """Append those that now are in sequence."""
        while (waited := self._waiting.pop(self.expected, None)) is not None:
            ready.append(waited[1])
            self.expected = (self.expected + 1) & 0xFFFF

    def _skip(self, ready: list[bytes]) -> None:
        """Give up the missing ones before the first that waits."""
        self.expected = min(self._waiting, key=lambda sequence: (sequence - self.expected) & 0xFFFF)
        self._follow(ready)

    def _jump(self, sequence: int, ahead: int, ready: list[bytes]) -> None:
        """A packet from far off: the sender started anew, unless it is only late."""
        if ahead < 0x10000 - MISORDER_LIMIT:
            while self._waiting:
                before: list[bytes] = []
                self._skip(before)
                ready[-1:-1] = before
            self.expected = (sequence + 1) & 0xFFFF


def _payload(buffer: bytes, start: int, end: int, first: int) -> tuple[int, int]:
    """Where the payload lies behind CSRC list and extension and before padding; start > end if it cannot."""
    if first >> 6 != 2:
        return 1, 0
    at = start + HEADER_SIZE + 4 * (first & 0x0F)
    if first & 0x10:
        at += 4 + 4 * int.from_bytes(buffer[at + 2 : min(at + 4, end)])
    if first & 0x20:
        end -= buffer[end - 1] or 1  # a padding of 0 bytes is impossible: drop the byte that says so
    return at, end
