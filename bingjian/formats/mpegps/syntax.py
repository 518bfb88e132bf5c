"""The words of a program stream: start codes, stream types, timestamps, the map's checksum."""

from enum import IntEnum

START = b"\0\0\1"

# The byte after 00 00 01, table 2-22. All below belongs to an elementary stream: H.264 and H.265 keep the
# highest bit of their NAL unit header at 0, so in their bytes no such code can occur.
END, PACK, SYSTEM, MAP = 0xB9, 0xBA, 0xBB, 0xBC
PRIVATE_1 = 0xBD  # vendors' own data; the lowest code of an elementary stream
FIRST_SOUND, LAST_SOUND = 0xC0, 0xDF
FIRST_VIDEO, LAST_VIDEO = 0xE0, 0xEF
LOWEST_CODE = END

TIMESTAMP_BITS = 33
CLOCK_RATE = 90_000  # of PTS, DTS and the base of SCR, Hz


class StreamType(IntEnum):
    """Of an elementary stream in the program stream map; GB/T 28181 annex C names those from 0x80 on."""

    AAC = 0x0F  # with ADTS
    MPEG4 = 0x10
    H264 = 0x1B
    H265 = 0x24
    SVAC = 0x80
    G711_A = 0x90
    G711_U = 0x91
    G722_1 = 0x92
    G723_1 = 0x93
    G729 = 0x99
    SVAC_SOUND = 0x9B


_TYPES = {int(kind): kind for kind in StreamType}
NAMES = {
    StreamType.MPEG4: "MPEG-4 video",
    StreamType.SVAC: "SVAC video",
    StreamType.G722_1: "G.722.1 sound",
    StreamType.G723_1: "G.723.1 sound",
    StreamType.G729: "G.729 sound",
    StreamType.SVAC_SOUND: "SVAC sound",
}  # what we do not store


def stream_type(value: int) -> StreamType | None:
    """None for one that is not of ours."""
    return _TYPES.get(value)


def is_video(stream_id: int) -> bool:
    return FIRST_VIDEO <= stream_id <= LAST_VIDEO


def is_sound(stream_id: int) -> bool:
    return FIRST_SOUND <= stream_id <= LAST_SOUND


def unwrap(last: int, timestamp: int) -> int:
    """The value nearest to the unwrapped ``last`` that equals the 33-bit ``timestamp``."""
    half = 1 << (TIMESTAMP_BITS - 1)
    return last + ((timestamp - last + half) & (2 * half - 1)) - half


def read_timestamp(buffer: bytes, at: int) -> int:
    """PTS or DTS in its 5 bytes (§2.4.3.6); marker bits are not looked at, for some cameras clear them."""
    return (
        (buffer[at] & 0x0E) << 29
        | buffer[at + 1] << 22
        | (buffer[at + 2] & 0xFE) << 14
        | buffer[at + 3] << 7
        | buffer[at + 4] >> 1
    )


def pack_timestamp(prefix: int, timestamp: int) -> bytes:
    """5 bytes; ``prefix``: 2 for a PTS alone, 3 for a PTS with a DTS after it, 1 for that DTS."""
    high, middle, low = timestamp >> 30 & 7, timestamp >> 15 & 0x7FFF, timestamp & 0x7FFF
    return (prefix << 36 | high << 33 | 1 << 32 | middle << 17 | 1 << 16 | low << 1 | 1).to_bytes(5)


def crc32(data: bytes) -> int:
    """CRC-32 of ISO/IEC 13818-1 annex A: of some tens of bytes, once a key frame."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)
        crc &= 0xFFFFFFFF
    return crc
