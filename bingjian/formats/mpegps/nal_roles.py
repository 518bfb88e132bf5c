"""What a NAL unit in a byte stream is to the collector of access units, told by its first bytes."""

from typing import NamedTuple

from bingjian.formats import h264, h265
from bingjian.formats.access_unit import Codec
from bingjian.formats.in_band import ConfigFrom

SLICE, SET, LEADING, DELIMITER, TRAILING, LEFT_OUT = range(6)
BEFORE_PICTURES = frozenset({SET, LEADING, DELIMITER})  # after a slice they begin the next access unit
NOT_IN_SAMPLES = frozenset({DELIMITER, LEFT_OUT})


class Grammar(NamedTuple):
    """Of one codec."""

    roles: bytes  # by the first byte of the header
    sync: frozenset[int]  # first bytes of slices at which decoding can start
    first_at: int  # the byte whose highest bit tells that a picture begins with this slice
    config_from: ConfigFrom


def _h264_role(byte: int) -> int:
    kind = byte & 0x1F
    if h264.SLICE <= kind <= h264.IDR:
        return TRAILING if kind in (3, 4) else SLICE  # partitions B and C say nothing of the picture
    known = {h264.SEI: LEADING, h264.SPS: SET, h264.PPS: SET, h264.DELIMITER: DELIMITER}
    return known.get(kind, LEFT_OUT)


def _h265_role(byte: int) -> int:
    kind = byte >> 1 & 0x3F
    if kind <= h265.LAST_SLICE:
        return SLICE
    if h265.VPS <= kind <= h265.PPS:
        return SET
    known = {h265.DELIMITER: DELIMITER, h265.PREFIX_SEI: LEADING, h265.SUFFIX_SEI: TRAILING}
    return known.get(kind, LEFT_OUT)


GRAMMARS = {
    Codec.H264: Grammar(
        bytes(map(_h264_role, range(256))),
        frozenset(byte for byte in range(256) if byte & 0x1F == h264.IDR),
        1,
        h264.config_from,
    ),
    Codec.H265: Grammar(
        bytes(map(_h265_role, range(256))),
        frozenset(byte for byte in range(256) if h265.FIRST_IRAP <= byte >> 1 & 0x3F <= h265.LAST_IRAP),
        2,
        h265.config_from,
    ),
}

# Headers of parameter sets that the other codec cannot have: so the codec is known, whatever the map says.
_H264_SPS = frozenset({0x67, 0x47, 0x27})
_H265_VPS_SPS = frozenset({b"\x40\x01", b"\x42\x01"})
TELLING = _H264_SPS | {head[0] for head in _H265_VPS_SPS}  # first bytes of those by which a codec is known


def codec_of(head: bytes) -> Codec | None:
    """By the first two bytes of a sequence (or video) parameter set; None for other NAL units."""
    if head[:1] and head[0] in _H264_SPS:
        return Codec.H264
    return Codec.H265 if head in _H265_VPS_SPS else None
