"""The header of a packet of an elementary stream (§2.4.3.6), in the forms of MPEG-2 and of MPEG-1."""

from typing import NamedTuple

from bingjian.formats.mpegps.syntax import START, pack_timestamp, read_timestamp

PREFIX = 6  # bytes: start code, stream id, length
LENGTH_LIMIT = 0xFFFF  # of what follows the length field
STUFFING_LIMIT = 16  # bytes of 0xFF in an MPEG-1 header
MOST_HEADER = 9 + 255  # bytes with the prefix
DATA_ALIGNED = 0x84  # flags of a packet that begins with a start code


class Header(NamedTuple):
    start: int  # where the data begin
    pts: int | None  # 33 bits
    dts: int | None
    scrambled: bool


def read(buffer: bytes, at: int, end: int) -> Header | None:
    """The header of the packet at ``at`` that reaches to ``end``; None if there is none that fits."""
    if end - at < PREFIX + 1:
        return None
    if buffer[at + PREFIX] & 0xC0 == 0x80 and end - at >= 9:
        return _mpeg2(buffer, at, end)
    return _mpeg1(buffer, at + PREFIX, end)


def _mpeg2(buffer: bytes, at: int, end: int) -> Header | None:
    flags, size = buffer[at + 7], buffer[at + 8]
    start = at + 9 + size
    if start > end:
        return None
    pts = read_timestamp(buffer, at + 9) if flags & 0x80 and size >= 5 else None
    dts = read_timestamp(buffer, at + 14) if flags & 0xC0 == 0xC0 and size >= 10 else None
    return Header(start, pts, dts, bool(buffer[at + PREFIX] & 0x30))


def _mpeg1(buffer: bytes, at: int, end: int) -> Header | None:
    """ISO/IEC 11172-1 §2.4.3.3: stuffing, buffer size, then timestamps or the byte 0x0F."""
    stuffed = buffer[at : min(end, at + STUFFING_LIMIT + 1)]
    at += len(stuffed) - len(stuffed.lstrip(b"\xff"))
    if at < end and buffer[at] & 0xC0 == 0x40:
        at += 2
    if at >= end:
        return None
    kind = buffer[at] >> 4
    if buffer[at] == 0x0F:
        return Header(at + 1, None, None, False)
    if kind == 2 and at + 5 <= end:
        return Header(at + 5, read_timestamp(buffer, at), None, False)
    if kind == 3 and at + 10 <= end:
        return Header(at + 10, read_timestamp(buffer, at), read_timestamp(buffer, at + 5), False)
    return None


def build(stream_id: int, data: bytes, pts: int | None = None, dts: int | None = None) -> bytes:
    """A packet of MPEG-2 form.

    Raises:
        ValueError: the data do not fit into one packet. Ours to prevent: see ``muxer``.
    """
    times = b""
    if pts is not None:
        times = pack_timestamp(2 if dts is None else 3, pts) + (
            pack_timestamp(1, dts) if dts is not None else b""
        )
    length = 3 + len(times) + len(data)
    if length > LENGTH_LIMIT:
        raise ValueError(f"{len(data)} bytes in one packet")
    flags = 0xC0 if dts is not None else 0x80
    aligned = DATA_ALIGNED if pts is not None else 0x80
    head = bytes((stream_id, length >> 8, length & 0xFF, aligned, flags if times else 0, len(times)))
    return b"".join((START, head, times, data))
