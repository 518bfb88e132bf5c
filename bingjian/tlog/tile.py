"""Tiles: a tree's hashes as files of up to 256 hashes each that never change (C2SP tlog-tiles).

Tile ``n`` of level ``l`` holds the roots of the 256 subtrees of 256^l leaves that begin at leaf n·256^(l+1).
Level 0 holds the hashes of leaves. Entries lie in bundles that are numbered as the tiles of level 0 are.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bingjian.tlog.tree import HASH_BYTES

HEIGHT = 8  # levels of the tree in one tile
WIDTH = 1 << HEIGHT  # hashes in a full tile
ENTRIES = -1  # the level of entry bundles
LEVEL_MAX = 63  # of the specification
LENGTH_BYTES = 2  # before each entry of a bundle
_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


class TileBroken(Exception):
    """A tile or bundle is not what its name says: too short, too long, or no such name."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile's name. ``level``: 0 to 63, or ENTRIES; ``width``: hashes or entries in it, 1 to 256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """``tile/<level>/<index>[.p/<width>]``, the index in groups of three digits, x before all but one."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        rest, last = divmod(self.index, 1000)
        groups = f"{last:03}"
        while rest:
            rest, group = divmod(rest, 1000)
            groups = f"x{group:03}/{groups}"
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{groups}{partial}"

    @classmethod
    def of_path(cls, path: str) -> "Tile":
        """The other way. Raises TileBroken for anything that is not exactly such a path."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise TileBroken("no tile has this name")
        level, groups, width = found.groups()
        index = int(groups.replace("x", "").replace("/", ""))
        tile = cls(ENTRIES if level == "entries" else int(level), index, int(width or WIDTH))
        if tile.path != path or tile.level > LEVEL_MAX:  # leading zeroes, 256 as a width
            raise TileBroken("no tile has this name")
        return tile


def tiles_between(old: int, size: int) -> Iterator[Tile]:
    """The tiles and bundles of ``size`` leaves that ``old`` leaves did not have, lowest level first."""
    for level in (ENTRIES, *range(LEVEL_MAX + 1)):
        shift = HEIGHT * max(level, 0)
        before, after = old >> shift, size >> shift
        if after == 0:
            return
        for index in range(before // WIDTH, after // WIDTH):
            yield Tile(level, index)
        if after % WIDTH and before != after:
            yield Tile(level, after // WIDTH, after % WIDTH)


def tile_in(size: int, level: int, index: int) -> Tile:
    """The tile with this number as it is in a tree of ``size`` leaves. Raises ValueError if it isn't."""
    width = min(WIDTH, (size >> HEIGHT * max(level, 0)) - index * WIDTH)
    if width < 1:
        raise ValueError(f"a tree of {size} has no tile {level}/{index}")
    return Tile(level, index, width)


def fold(hashes: bytes) -> bytes:
    """The root of the complete tree over these hashes; their number is a power of two."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            [
                sha256(b"\1" + hashes[at : at + 2 * HASH_BYTES]).digest()
                for at in range(0, len(hashes), 2 * HASH_BYTES)
            ]
        )
    return hashes


class TileHashes:
    """A tree's nodes (``tree.NodeAt``) out of its tiles; each tile is read once."""

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        """``read``: the bytes of a tile of a tree of ``size`` leaves; its errors are passed on."""
        self._size = size
        self._read = read
        self._known: dict[Tile, bytes] = {}

    def __call__(self, height: int, index: int) -> bytes:
        """Raises TileBroken if a tile has the wrong length."""
        level, above = divmod(height, HEIGHT)
        number, at = divmod(index << above, WIDTH)
        hashes = self._tile(tile_in(self._size, level, number))
        return fold(hashes[at * HASH_BYTES : (at + (1 << above)) * HASH_BYTES])

    def _tile(self, tile: Tile) -> bytes:
        if tile not in self._known:
            data = self._read(tile)
            if len(data) != tile.width * HASH_BYTES:
                raise TileBroken(f"{tile.path} has {len(data)} bytes instead of {tile.width * HASH_BYTES}")
            self._known[tile] = data
        return self._known[tile]


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries behind each other, each after its length as 16 bits. Raises OverflowError over 65535 bytes."""
    return b"".join([len(entry).to_bytes(LENGTH_BYTES) + entry for entry in entries])


def entries_of(data: bytes, count: int) -> list[bytes]:
    """A bundle's entries. Raises TileBroken unless they are exactly so many."""
    entries, at = list[bytes](), 0
    while at < len(data) and len(entries) < count:
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(data[at:start])
        entries.append(data[start:at])
    if at != len(data) or len(entries) != count:
        raise TileBroken(f"the bundle does not hold {count} whole entries")
    return entries
