"""ADTS: the header before each AAC frame where no container tells what it is (ISO/IEC 14496-3 §1.A.2.2)."""

from typing import NamedTuple

from bingjian.formats import aac
from bingjian.formats.access_unit import FormatError

HEADER_SIZE, HEADER_SIZE_WITH_CRC = 7, 9  # bytes
FRAME_LIMIT = (1 << 13) - 1  # bytes with the header: aac_frame_length has 13 bits
FULLNESS_VBR = 0x7FF  # adts_buffer_fullness of a variable bit rate


class Frame(NamedTuple):
    """Where one frame lies: its raw data are ``stream[start:end]``."""

    specific: bytes  # the AudioSpecificConfig that its header amounts to
    start: int
    end: int


def read_header(stream: bytes, at: int) -> Frame | None:
    """The frame whose header lies at ``at``, its end perhaps beyond the stream; None if there is none."""
    head = stream[at : at + HEADER_SIZE]
    if len(head) < HEADER_SIZE or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:  # syncword, layer 0
        return None
    rate_index = head[2] >> 2 & 0x0F
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    start = at + (HEADER_SIZE if head[1] & 1 else HEADER_SIZE_WITH_CRC)
    if rate_index >= len(aac.SAMPLING_RATES) or at + size <= start or head[6] & 3:  # one raw block a frame
        return None
    object_type, channels = (head[2] >> 6) + 1, (head[2] & 1) << 2 | head[3] >> 6
    specific = (object_type << 11 | rate_index << 7 | channels << 3).to_bytes(2)
    return Frame(specific, start, at + size)


def fills(stream: bytes) -> bool:
    """Is it ADTS and nothing else? Frames from the first byte on, the last one whole or cut."""
    at = 0
    while (frame := read_header(stream, at)) is not None:
        at = frame.end
        if at >= len(stream):
            return True
    return 0 < at < len(stream) < at + HEADER_SIZE and stream[at:].startswith(b"\xff")


def header(specific: bytes, size: int) -> bytes:
    """The 7 bytes before a raw frame of ``size`` bytes.

    Raises:
        FormatError: the configuration cannot be said in ADTS, or the frame is too long for it.
    """
    found = aac.parse(specific)
    length = size + HEADER_SIZE
    layout = next((code for code, count in aac.CHANNELS.items() if count == found.channels), 0)
    if not 1 <= found.object_type <= 4 or found.sampling_rate not in aac.SAMPLING_RATES or layout > 7:
        raise FormatError(f"AAC of object type {found.object_type} cannot be put into ADTS")
    if length > FRAME_LIMIT:
        raise FormatError(f"an AAC frame of {size} bytes is too long for ADTS")
    rate_index = aac.SAMPLING_RATES.index(found.sampling_rate)
    word = 0xFFF1 << 40 | (found.object_type - 1) << 38 | rate_index << 34 | layout << 30
    return (word | length << 13 | FULLNESS_VBR << 2).to_bytes(HEADER_SIZE)
