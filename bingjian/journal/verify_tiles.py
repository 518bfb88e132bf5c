"""The log by itself: from its entries, 256 at a time, to the root that was signed."""

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from bingjian.journal.errors import JournalBroken
from bingjian.journal.faults import Fault, difference
from bingjian.journal.tiles import Tiles
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.edge import Edge
from bingjian.tlog.tile import ENTRIES, HEIGHT, LENGTH_BYTES, WIDTH, Tile, TileBroken, fold, tile_in
from bingjian.tlog.tree import HASH_BYTES

SLOT = LENGTH_BYTES + HASH_BYTES  # bytes of an entry in a bundle: all of ours are hashes
_HIGH, _LOW = bytes(WIDTH), bytes([HASH_BYTES]) * WIDTH  # the lengths before 256 entries


def tile_faults(folder: Path, head: Checkpoint) -> list[Fault]:
    """Where bundles, tiles and checkpoint do not fit together. Raises OSError."""
    return _Walk(Tiles(folder), head).run()


class _Walk:
    """From the bundles up. Where two files differ, the level above says which of them is right."""

    def __init__(self, tiles: Tiles, head: Checkpoint) -> None:
        self._tiles = tiles
        self._head = head
        self._faults = list[Fault]()
        self._parts = list[bytes]()  # the partial tile of each level, as it follows from below
        self._doubt: tuple[Fault, Fault] | None = None  # blame the last bundle, or its tile

    def run(self) -> list[Fault]:
        hashes, level = self._leaves(), 1
        while self._head.size >> HEIGHT * level:
            hashes, level = self._level(level, hashes), level + 1
        self._judge()
        return self._faults

    def _leaves(self) -> list[bytes]:
        """Level 0, tile by tile; returns the hashes of the full ones."""
        above, size = list[bytes](), self._head.size
        for number in range(-(-size // WIDTH)):
            tile = tile_in(size, 0, number)
            hashes = self._leaf_tile(tile)
            if tile.width == WIDTH:
                above.append(fold(hashes))
            else:
                self._parts.append(hashes)
        if size % WIDTH == 0:
            self._parts.append(b"")
        return above

    def _leaf_tile(self, tile: Tile) -> bytes:
        """Hashes of these entries: out of the bundle, if the tile says the same."""
        entries = Tile(ENTRIES, tile.index, tile.width)
        bundle, stored = self._read(entries), self._read(tile)
        if bundle is None or stored is None:
            return (stored if bundle is None else leaf_hashes(bundle)) or bytes(tile.width * HASH_BYTES)
        hashes = leaf_hashes(bundle)
        if hashes == stored and len(bundle) == tile.width * SLOT:
            return hashes
        return self._differ(tile, entries, hashes, stored)

    def _read(self, tile: Tile) -> bytes | None:
        try:
            return self._tiles.read(tile)
        except JournalBroken as error:
            first = tile.index * WIDTH << HEIGHT * max(tile.level, 0)
            self._faults.append(Fault("removed", first, tile.path, str(error)))
            return None

    def _differ(self, tile: Tile, entries: Tile, hashes: bytes, stored: bytes) -> bytes:
        """Blame one of the two; returns what is right as far as can be seen."""
        of_bundle = _fault(entries, stored, hashes, 0)
        of_tile = _fault(tile, hashes, stored, 0)
        if hashes == stored:
            self._faults.append(of_bundle)
            return hashes
        if tile.width < WIDTH:
            self._doubt = (of_bundle, of_tile)
            return hashes
        above = self._hash_above(tile.index)
        if len(hashes) == WIDTH * HASH_BYTES and fold(hashes) == above:
            self._faults.append(of_tile)
            return hashes
        self._faults.append(of_bundle)
        return stored if len(stored) == WIDTH * HASH_BYTES else bytes(WIDTH * HASH_BYTES)

    def _hash_above(self, number: int) -> bytes | None:
        try:
            stored = self._tiles.read(tile_in(self._head.size, 1, number // WIDTH))
        except JournalBroken:
            return None
        at = number % WIDTH * HASH_BYTES
        return stored[at : at + HASH_BYTES]

    def _level(self, level: int, hashes: Sequence[bytes]) -> list[bytes]:
        """One level of tiles, against the hashes of the one below."""
        above = list[bytes]()
        for first in range(0, len(hashes), WIDTH):
            right = b"".join(hashes[first : first + WIDTH])
            tile = tile_in(self._head.size, level, first // WIDTH)
            stored = self._read(tile)
            if stored is not None and stored != right:
                self._faults.append(_fault(tile, right, stored, level))
            if tile.width == WIDTH:
                above.append(fold(right))
            else:
                self._parts.append(right)
        if len(hashes) % WIDTH == 0:
            self._parts.append(b"")
        return above

    def _judge(self) -> None:
        """The root decides between the last bundle and its tile, and on all where no file differs."""
        right = self._has_root(self._parts)
        if self._doubt is not None:
            of_bundle, of_tile = self._doubt
            self._faults.append(of_tile if right else of_bundle)
        elif not right and not self._faults:
            detail = "bundles and tiles fit together, but not to what was signed"
            self._faults.append(Fault("altered", None, "tile", detail))

    def _has_root(self, parts: Sequence[bytes]) -> bool:
        try:
            return Edge(self._head.size, tuple(parts)).root() == self._head.root
        except (TileBroken, ValueError):
            return False


def leaf_hashes(bundle: bytes) -> bytes:
    """The leaf hash of every entry of a bundle, joined; of a broken one, of what can be read."""
    size = len(bundle)
    if size == WIDTH * SLOT and bundle[::SLOT] == _HIGH and bundle[1::SLOT] == _LOW:
        return b"".join(
            [sha256(b"\0" + bundle[at : at + HASH_BYTES]).digest() for at in range(LENGTH_BYTES, size, SLOT)]
        )
    return b"".join([sha256(b"\0" + entry).digest() for entry in whole_entries(bundle)])


def whole_entries(bundle: bytes) -> Iterator[bytes]:
    """Entries as far as there are whole ones."""
    at = 0
    while at + LENGTH_BYTES <= len(bundle):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(bundle[at:start])
        if at > len(bundle):
            return
        yield bundle[start:at]


def _fault(tile: Tile, right: bytes, stored: bytes, level: int) -> Fault:
    """How a tile or bundle differs from what follows from the others."""
    if right == stored:  # the same entries, and something more or less behind them
        return Fault("altered", None, tile.path, "there is something between or behind the entries")
    kind, at = difference(_hashes(right), _hashes(stored))
    entry = (tile.index * WIDTH + at) << HEIGHT * level
    return Fault(kind, entry, tile.path, "it does not hold what the log was signed over")


def _hashes(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def stray_faults(folder: Path, size: int) -> list[Fault]:
    """Files among the tiles that are no tiles, and earlier partial tiles that say something else."""
    faults = list[Fault]()
    for path in _files(folder / "tile"):
        name = path.relative_to(folder).as_posix()
        try:
            tile = Tile.of_path(name)
        except TileBroken:
            faults.append(Fault("inserted", None, name, "this is no tile"))
            continue
        if tile.width < WIDTH and not _is_beginning(Tiles(folder), tile, size):
            entry = tile.index * WIDTH << HEIGHT * max(tile.level, 0)
            faults.append(Fault("altered", entry, name, "it does not hold what the log was signed over"))
    return faults


def _is_beginning(tiles: Tiles, tile: Tile, size: int) -> bool:
    """Whether a partial tile holds what its successor begins with; also if there is none to compare with."""
    try:
        now = tile_in(size, tile.level, tile.index)
        if now.width <= tile.width:
            return True  # looked at already, or behind what was signed
        each = SLOT if tile.level == ENTRIES else HASH_BYTES
        return tiles.read(tile) == tiles.read(now)[: tile.width * each]
    except (ValueError, JournalBroken):
        return True


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        for name in names:
            yield Path(parent, name)
