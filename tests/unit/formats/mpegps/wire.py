"""Program streams as cameras write them, byte by byte and without the muxer; and what must come out."""

from collections.abc import Iterable

from bingjian.formats.access_unit import AccessUnit
from bingjian.formats.mpegps import Demuxer
from tests.unit.protocols.packets import H264_SETS, h264_slice

PICTURE = 3600  # 90 kHz ticks of one picture
KEY, DELTA = h264_slice(250, key=True), h264_slice(250)
PACK = bytes.fromhex("000001ba 4400040004 01 0061abf8".replace(" ", ""))  # MPEG-2, no stuffing
MPEG1_PACK = bytes.fromhex("000001ba2100010001800001")
SYSTEM = bytes.fromhex("000001bb 000c 80c35104e1 7f e0e808 c0c020".replace(" ", ""))
END = bytes.fromhex("000001b9")
MAP_H264 = bytes.fromhex("000001bc 000e e1ff 0000 0004 1be00000 aabbccdd".replace(" ", ""))


def psm(*entries: tuple[int, int], descriptors: bytes = b"", table_length: int | None = None) -> bytes:
    """A program stream map of (type, stream id); lengths inside may lie."""
    table = b"".join(bytes((kind, stream_id, 0, 0)) for kind, stream_id in entries)
    length = len(table) if table_length is None else table_length
    body = b"\xe1\xff" + len(descriptors).to_bytes(2) + descriptors + length.to_bytes(2) + table + b"CRC!"
    return b"\0\0\1\xbc" + len(body).to_bytes(2) + body


def timestamp(prefix: int, value: int) -> bytes:
    """Bit by bit, as §2.4.3.7 words it."""
    bits = f"{prefix:04b}{value >> 30 & 7:03b}1{value >> 15 & 0x7FFF:015b}1{value & 0x7FFF:015b}1"
    return int(bits, 2).to_bytes(5)


def pes(
    stream_id: int, data: bytes, pts: int | None = None, *, length: int | None = None, stuffing: int = 0
) -> bytes:
    """A packet; ``length``: what its length field says instead of the truth."""
    times = timestamp(2, pts) if pts is not None else b""
    head = bytes((0x8C, 0x80 if times else 0, len(times) + stuffing)) + times + b"\xff" * stuffing
    size = len(head) + len(data) if length is None else length
    return b"\0\0\1" + bytes((stream_id,)) + (size & 0xFFFF).to_bytes(2) + head + data


def stream(*units: bytes, start: bytes = b"\0\0\0\1") -> bytes:
    """NAL units behind start codes."""
    return b"".join(start + unit for unit in units)


def key_frame(number: int = 0, *units: bytes) -> bytes:
    """A camera's usual key frame: everything, then a packet of parameter sets and picture."""
    return PACK + SYSTEM + MAP_H264 + pes(0xE0, stream(*H264_SETS, *(units or (KEY,))), number * PICTURE)


def frame(number: int, *units: bytes) -> bytes:
    return PACK + pes(0xE0, stream(*(units or (DELTA,))), number * PICTURE)


def demuxed(*pieces: bytes, demuxer: Demuxer | None = None) -> list[AccessUnit]:
    demuxer = demuxer or Demuxer()
    units = [unit for piece in pieces for unit in demuxer.push(piece)]
    return units + demuxer.flush()


def outline(units: Iterable[AccessUnit]) -> list[tuple[int, bool, bool]]:
    """Number of the picture, sync, damaged."""
    return [(unit.timestamp // PICTURE, unit.sync, unit.damaged) for unit in units]
