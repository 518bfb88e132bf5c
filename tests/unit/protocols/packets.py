"""RTP as a camera packs it, written from the RFCs for the tests: NAL units to packets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bingjian.protocols import rtp
from tests.unit.formats.material import H264Sps, H265Sps, h264_pps, h265_header, h265_pps, h265_vps

H264_SETS = (H264Sps().unit(), h264_pps())
H264_OTHER_SETS = (H264Sps(wide=80, high=45, crop=None).unit(), h264_pps())  # 1280x720
H265_SETS = (h265_vps(), H265Sps().unit(), h265_pps())


def h264_slice(size: int = 20, *, key: bool = False, first: bool = True, fill: int = 0x5A) -> bytes:
    """A NAL unit that looks like a slice to everything but a decoder."""
    return bytes((0x65 if key else 0x41, 0x88 if first else 0x48)) + bytes((fill,)) * size


def h265_slice(size: int = 20, *, key: bool = False, first: bool = True) -> bytes:
    return h265_header(19 if key else 1) + bytes((0x80 if first else 0x20,)) + b"\x5a" * size


def sample(*units: bytes) -> bytes:
    """As it must come out: each NAL unit after its 4-byte length."""
    return b"".join(len(unit).to_bytes(4) + unit for unit in units)


@dataclass
class Sender:
    """One SSRC's packets in sequence."""

    payload_type: int = 96
    ssrc: int = 0x1234
    sequence: int = 65530  # wraps soon

    def packet(self, payload: bytes, timestamp: int, marker: bool = False) -> bytes:
        head = rtp.pack_header(self.payload_type, self.sequence, timestamp, self.ssrc, marker=marker)
        self.sequence += 1
        return head + payload

    def unit(self, payloads: Sequence[bytes], timestamp: int) -> list[bytes]:
        """Packets of one access unit: the marker on the last."""
        last = len(payloads) - 1
        return [self.packet(payload, timestamp, n == last) for n, payload in enumerate(payloads)]

    def h264(self, units: Iterable[bytes], timestamp: int, mtu: int = 100) -> list[bytes]:
        return self.unit([part for unit in units for part in h264_payloads(unit, mtu)], timestamp)

    def h265(self, units: Iterable[bytes], timestamp: int, mtu: int = 100) -> list[bytes]:
        return self.unit([part for unit in units for part in h265_payloads(unit, mtu)], timestamp)


def h264_payloads(unit: bytes, mtu: int) -> list[bytes]:
    """One single NAL unit packet, or FU-A (RFC 6184 §5.8)."""
    if len(unit) <= mtu:
        return [unit]
    pieces = [unit[at : at + mtu] for at in range(1, len(unit), mtu)]
    indicator = unit[0] & 0xE0 | 28
    return [bytes((indicator, _edges(n, pieces) | unit[0] & 0x1F)) + piece for n, piece in enumerate(pieces)]


def h265_payloads(unit: bytes, mtu: int) -> list[bytes]:
    """One single NAL unit packet, or FU (RFC 7798 §4.4.3)."""
    if len(unit) <= mtu:
        return [unit]
    pieces = [unit[at : at + mtu] for at in range(2, len(unit), mtu)]
    kind = unit[0] >> 1 & 0x3F
    head = bytes((unit[0] & 0x81 | 49 << 1, unit[1]))
    return [head + bytes((_edges(n, pieces) | kind,)) + piece for n, piece in enumerate(pieces)]


def stap_a(*units: bytes) -> bytes:
    """RFC 6184 §5.7.1."""
    return b"\x78" + b"".join(len(unit).to_bytes(2) + unit for unit in units)


def aggregation(*units: bytes) -> bytes:
    """RFC 7798 §4.4.2."""
    return h265_header(48) + b"".join(len(unit).to_bytes(2) + unit for unit in units)


def _edges(n: int, pieces: Sequence[bytes]) -> int:
    """The start and end bits."""
    return (0x80 if n == 0 else 0) | (0x40 if n == len(pieces) - 1 else 0)
