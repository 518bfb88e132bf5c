"""Which characters our fonts can print; what they cannot is written as its number, never as an empty box.

Names of people hold rare characters. A paper that left one out would be wrong, and one that is refused would
stop a procedure, so 𠮷 becomes 〔U+20BB7〕.
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn as fonts

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # Unicode categories that nobody sees on paper
KEPT = "\n"  # a line break in a value is one on the paper


def printable(text: str) -> str:
    """The text with every character that cannot be printed written as its number."""
    return "".join(one if is_printable(one) else f"〔U+{ord(one):04X}〕" for one in text)


def is_printable(character: str) -> bool:
    if character in KEPT:
        return True
    return unicodedata.category(character) not in HIDDEN and ord(character) in covered()


@cache
def covered() -> frozenset[int]:
    """What both fonts have."""
    return frozenset(characters_of(fonts.serif_path())) & frozenset(characters_of(fonts.sans_path()))


def characters_of(font: Path | str) -> set[int]:
    """All characters of an OpenType font, from its ``cmap`` of format 12 (OpenType 1.9, cmap)."""
    data = Path(font).read_bytes()
    table = table_of(data, b"cmap")
    (count,) = struct.unpack_from(">H", data, table + 2)
    places = [struct.unpack_from(">L", data, table + 8 + 8 * number)[0] for number in range(count)]
    found = set[int]()
    for at in (table + place for place in places):
        if struct.unpack_from(">H", data, at)[0] == 12:
            found |= groups_of(data, at)
    return found


def table_of(data: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", data, 4)
    for number in range(count):
        name, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no table {tag!r}")


def groups_of(data: bytes, at: int) -> set[int]:
    (count,) = struct.unpack_from(">L", data, at + 12)
    spans = (struct.unpack_from(">LL", data, at + 16 + 12 * number) for number in range(count))
    return {code for first, last in spans for code in range(first, last + 1)}
