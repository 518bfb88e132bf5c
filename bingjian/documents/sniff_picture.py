"""Pictures: whole by their own structure, and of a size that can be opened. They are not decoded here."""

import mmap
import struct
from typing import Any

from bingjian.documents.errors import BrokenFile, SwollenFile

PIXELS_MAX = 200_000_000  # an A0 drawing at 300 dpi has 139 million; decoded this is 800 MB, no more
CHUNKS_MAX = 100_000  # of a PNG; one of 64 MiB in the usual 8 KiB chunks has 8192
SEGMENTS_MAX = 10_000  # of a JPEG before its frame header
SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # ITU-T T.81 table B.1: frame headers
BARE = frozenset(range(0xD0, 0xD8)) | {0x01}  # markers without a length
TAGS_MAX = 1000  # entries of a TIFF directory
WIDTH, HEIGHT = 256, 257  # TIFF 6.0 §8

Bytes = bytes | mmap.mmap


def png(content: Bytes) -> str:
    """Raises BrokenFile, SwollenFile."""
    at, ends = 8, False
    for _ in range(CHUNKS_MAX):
        length, kind = read(">I4s", content, at, "PNG")
        if at == 8:
            if kind != b"IHDR":
                raise BrokenFile("the PNG does not begin with its header")
            require_openable(*read(">II", content, at + 8, "PNG"))
        at += 12 + length
        if kind == b"IEND" or at >= len(content):
            ends = kind == b"IEND"
            break
    if not ends or at != len(content):
        raise BrokenFile("the PNG is cut off or something hangs behind it")
    return "image/png"


def jpeg(content: Bytes) -> str:
    """Raises BrokenFile, SwollenFile."""
    at = 2
    for _ in range(SEGMENTS_MAX):
        sign, marker = read(">BB", content, at, "JPEG")
        if sign != 0xFF:
            break
        if marker == 0xFF or marker in BARE:  # fill bytes, T.81 B.1.1.2
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = read(">H", content, at + 2, "JPEG")
        if marker in SOF:
            height, width = read(">HH", content, at + 5, "JPEG")
            require_openable(width, height)
            return require_end(content)
        if length < 2 or marker in (0xD9, 0xDA):
            break
        at += 2 + length
    raise BrokenFile("the JPEG has no frame header")


def require_end(content: Bytes) -> str:
    if content[-2:] != b"\xff\xd9":
        raise BrokenFile("the JPEG is cut off or something hangs behind it")
    return "image/jpeg"


def tiff(content: Bytes) -> str:
    """Raises BrokenFile, SwollenFile."""
    order = "<" if content[:2] == b"II" else ">"
    (at,) = read(f"{order}I", content, 4, "TIFF")
    (count,) = read(f"{order}H", content, at, "TIFF")
    if at < 8 or not 0 < count <= TAGS_MAX:
        raise BrokenFile("the TIFF has no directory")
    sizes = dict[int, int]()
    for number in range(count):
        tag, kind, _ = read(f"{order}HHI", content, at + 2 + 12 * number, "TIFF")
        form = f"{order}H" if kind == 3 else f"{order}I"
        if tag in (WIDTH, HEIGHT):
            (sizes[tag],) = read(form, content, at + 10 + 12 * number, "TIFF")
    require_openable(sizes.get(WIDTH, 0), sizes.get(HEIGHT, 0))
    return "image/tiff"


def require_openable(width: int, height: int) -> None:
    if not width or not height:
        raise BrokenFile("the picture has no size")
    if width * height > PIXELS_MAX:
        raise SwollenFile(f"the picture has {width} × {height} pixels, more than {PIXELS_MAX:,} in all")


def read(form: str, content: Bytes, at: int, what: str) -> tuple[Any, ...]:
    """As ``struct.unpack_from``. Raises BrokenFile."""
    part = content[at : at + struct.calcsize(form)]
    if len(part) < struct.calcsize(form):
        raise BrokenFile(f"the {what} is cut off")
    return struct.unpack(form, part)
