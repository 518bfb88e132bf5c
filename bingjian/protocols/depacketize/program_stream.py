"""MPEG program streams over RTP, as GB/T 28181 sends them (its annex C; RFC 2250 in spirit, payload type 96).

The payloads are the stream's bytes, cut anywhere. Pictures and sound come on one SSRC, so this one
depacketizer gives out units of two tracks: pictures are track 0, sound is track 1.
"""

import struct
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import islice

from bingjian.formats.access_unit import AccessUnit, Codec, VideoConfig
from bingjian.formats.mpegps import Demuxer
from bingjian.protocols import rtp
from bingjian.protocols.depacketize.base import Frames

PAYLOAD_LIMIT = 1400  # bytes of one packet when sending
TRANSPORT_PACKET, TRANSPORT_SYNC = 188, 0x47  # bytes; the first byte of each (ISO/IEC 13818-1 §2.4.3.2)
_PLAIN = struct.Struct(">BBHII")
_PLAIN_RTP = 0x80  # version 2; no padding, extension, CSRC


class Payload(StrEnum):
    """What comes on a payload type, whatever was agreed."""

    PROGRAM_STREAM = "program stream"
    TRANSPORT_STREAM = "transport stream"
    H264 = "H.264"
    H265 = "H.265"


class ProgramStream:
    """See ``base.Depacketizer``."""

    __slots__ = ("_completed", "_held", "_time", "demuxer")

    def __init__(self, sound: Codec = Codec.PCMA) -> None:
        """``sound``: what it is where the stream does not tell: what the SDP said."""
        self.demuxer = Demuxer(sound)
        self._held: list[bytes] = []  # payloads that wait, all of the same time
        self._time: int | None = None  # of the last payload, unwrapped
        self._completed: list[AccessUnit] = []  # by what came before a loss; given out with the next

    @property
    def config(self) -> VideoConfig | None:
        """The pictures' configuration in force."""
        return self.demuxer.video

    @property
    def fault(self) -> str:
        """Why there are no pictures; empty if there are or none is known."""
        return self.demuxer.fault

    def add(
        self, buffer: bytes, start: int, end: int, timestamp: int, marker: int, units: list[AccessUnit]
    ) -> None:
        if self._completed:
            units += self._completed
            self._completed = []
        payload, is_new = buffer[start:end], timestamp != self._time
        if self._held and is_new:
            self._push_held(units)
        self._time = timestamp
        if self._held or (is_new and not marker and self.demuxer.trusts_marks):
            self._held.append(payload)
            if is_new:
                return
            self._push_held(units)
        elif payload:
            units += self.demuxer.push(payload, timestamp)
        if marker:
            units += self.demuxer.mark()

    def follow(self, frames: Frames, at: int, payload_type: int, sequence: int, stamp: int, ssrc: int) -> int:
        """What it takes waits for the next ``add``. No unit is later for that: none ends without a mark or
        the next one's beginning, and both go to ``add``. There a beginning waits too, once marks are trusted,
        so that what lies between two marks is pushed together."""
        buffer, bounds = frames
        unpack, size, held = _PLAIN.unpack_from, _PLAIN.size, self._held
        taken = 0
        for start, end in islice(bounds, at, None):
            if end - start <= size:
                break
            if unpack(buffer, start) != (_PLAIN_RTP, payload_type, sequence, stamp, ssrc):
                break
            held.append(buffer[start + size : end])
            sequence = (sequence + 1) & 0xFFFF
            taken += 1
        return taken

    def lose(self, timestamp: int) -> None:
        if self._held:
            self._push_held(self._completed)
        self.demuxer.lose()

    def flush(self) -> list[AccessUnit]:
        """The stream has ended: what is open is over."""
        units, self._completed = self._completed, []
        if self._held:
            self._push_held(units)
        return units + self.demuxer.flush()

    def _push_held(self, units: list[AccessUnit]) -> None:
        held, self._held = b"".join(self._held), []
        units += self.demuxer.push(held, self._time)


def recognise(payloads: Iterable[bytes]) -> Payload | None:
    """By the first payloads of a stream; None if they are nothing that we know.

    A program stream shows a pack header within the first frames; without one, payloads that all begin like
    the same kind of elementary stream are that.
    """
    found = [payload for payload in payloads if len(payload) >= 4]
    if any(b"\0\0\1\xba" in payload for payload in found):
        return Payload.PROGRAM_STREAM
    if found and all(_is_transport(payload) for payload in found):
        return Payload.TRANSPORT_STREAM
    for kind, plausible in ((Payload.H265, _is_h265), (Payload.H264, _is_h264)):
        if found and all(plausible(payload) for payload in found):
            return kind
    return None


def packets(
    pack: bytes, payload_type: int, sequence: int, timestamp: int, ssrc: int, limit: int = PAYLOAD_LIMIT
) -> list[bytes]:
    """A pack as RTP packets, the marker on the last: for simulated devices and platforms above."""
    cuts: Sequence[int] = range(0, len(pack), limit)
    return [
        rtp.pack_header(payload_type, sequence + number, timestamp, ssrc, marker=at + limit >= len(pack))
        + pack[at : at + limit]
        for number, at in enumerate(cuts)
    ]


def _is_transport(payload: bytes) -> bool:
    return len(payload) % TRANSPORT_PACKET == 0 and set(payload[::TRANSPORT_PACKET]) == {TRANSPORT_SYNC}


def _is_h264(payload: bytes) -> bool:
    """A NAL unit, STAP-A or FU-A header (RFC 6184 §5.2)."""
    kind = payload[0] & 0x1F
    return payload[0] < 0x80 and (1 <= kind <= 12 or kind in (24, 28))


def _is_h265(payload: bytes) -> bool:
    """A NAL unit, AP or FU header of the base layer (RFC 7798 §4.4)."""
    kind = payload[0] >> 1
    plausible = kind <= 9 or 16 <= kind <= 21 or 32 <= kind <= 40 or kind in (48, 49)
    return payload[0] < 0x80 and not payload[0] & 1 and 1 <= payload[1] <= 7 and plausible
