"""NAL units as H.264 and H.265 share them: framing by length or start code, and emulation prevention."""

import re
from collections.abc import Iterable, Iterator

from bingjian.formats.access_unit import FormatError

LENGTH_SIZE = 4  # bytes before each NAL unit in a sample (avcC and hvcC lengthSizeMinusOne = 3)
MAX_PARAMETER_SET = 4096  # bytes; real ones have tens, with scaling lists a thousand
MAX_DIMENSION = 16_384  # pixels; H.265 level 6.2 ends below, and a picture beyond would exhaust any decoder

_START_CODE = re.compile(rb"\x00\x00\x01")


def join(units: Iterable[bytes]) -> bytes:
    """NAL units as one sample: each behind its 4-byte length."""
    return b"".join([piece for unit in units for piece in (len(unit).to_bytes(LENGTH_SIZE), unit)])


def split(sample: bytes) -> Iterator[bytes]:
    """The NAL units of a sample.

    Raises:
        FormatError: a length is zero or goes beyond the end; units before it have been given.
    """
    at, end = 0, len(sample)
    while at < end:
        start = at + LENGTH_SIZE
        at = start + int.from_bytes(sample[at:start])
        if at > end or at <= start:
            raise FormatError(f"a NAL unit of {at - start} bytes in the last {end - start} of its sample")
        yield sample[start:at]


def split_start_codes(stream: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream (Rec. ITU-T H.264 Annex B), from the first start code on."""
    codes = list(_START_CODE.finditer(stream))
    ends = [code.start() for code in codes[1:]] + [len(stream)]
    for code, end in zip(codes, ends, strict=False):  # without a start code there is an end only
        unit = stream[code.end() : end].rstrip(b"\0")  # trailing_zero_8bits belong to no unit
        if unit:
            yield unit


def unescape(unit: bytes) -> bytes:
    """A NAL unit's bytes without emulation prevention: every 00 00 03 becomes 00 00."""
    if b"\0\0\3" not in unit:
        return unit
    return unit.replace(b"\0\0\3", b"\0\0")


def counted(parameter_set: bytes) -> bytes:
    """A parameter set behind its 2-byte length, as avcC and hvcC hold it."""
    if len(parameter_set) > MAX_PARAMETER_SET:
        raise FormatError(f"a parameter set of {len(parameter_set)} bytes")
    return len(parameter_set).to_bytes(2) + parameter_set


def read_counted(record: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """``count`` parameter sets from ``at`` on, and where they end; FormatError if beyond the record."""
    units = []
    for _ in range(count):
        start = at + 2
        at = start + int.from_bytes(record[start - 2 : start])
        if at > len(record):
            raise FormatError("a parameter set beyond the end of its decoder configuration")
        units.append(record[start:at])
    return units, at


def cleaned(parameter_sets: Iterable[bytes]) -> list[bytes]:
    """Without the zero bytes that some cameras append, and without empty ones; FormatError if too long."""
    units = [stripped for unit in parameter_sets if (stripped := unit.rstrip(b"\0"))]
    for unit in units:
        if len(unit) > MAX_PARAMETER_SET:
            raise FormatError(f"a parameter set of {len(unit)} bytes")
    return units


def checked_size(width: int, height: int) -> tuple[int, int]:
    """A picture's size after cropping, in pixels, if there can be such a picture."""
    if not (0 < width <= MAX_DIMENSION and 0 < height <= MAX_DIMENSION):
        raise FormatError(f"a picture of {width} × {height} pixels")
    return width, height
