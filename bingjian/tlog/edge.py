"""The right edge of a tree: all that is needed to let it grow, and the tiles that come of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bingjian.tlog.tile import ENTRIES, HEIGHT, WIDTH, Tile, TileHashes, bundle, fold, tile_in
from bingjian.tlog.tree import HASH_BYTES, root_of


@dataclass(frozen=True, slots=True)
class Edge:
    """``parts``: the partial tile of each level, lowest first; ``entries``: the partial bundle."""

    size: int = 0  # leaves
    parts: tuple[bytes, ...] = ()
    entries: bytes = b""

    @classmethod
    def of(cls, size: int, read: Callable[[Tile], bytes]) -> "Edge":
        """The edge of a tree whose tiles are there; the errors of ``read`` are passed on."""
        parts, level = list[bytes](), 0
        while hashes := size >> HEIGHT * level:
            number, width = divmod(hashes, WIDTH)
            parts.append(read(Tile(level, number, width)) if width else b"")
            level += 1
        width = size % WIDTH
        return cls(size, tuple(parts), read(Tile(ENTRIES, size // WIDTH, width)) if width else b"")

    def root(self) -> bytes:
        """The tree's root: it hangs on partial tiles alone."""
        return root_of(self.size, TileHashes(self.size, lambda tile: self.parts[tile.level]))

    def grown(self, entries: Sequence[bytes]) -> tuple["Edge", dict[Tile, bytes]]:
        """The edge with these entries behind it, and every tile and bundle that is new or fuller."""
        if not entries:
            return self, {}
        size, left = self.size + len(entries), -self.size % WIDTH  # so many still fit into the open bundle
        head, rest = entries[:left], entries[left:]
        blocks = [self.entries + bundle(head)] if self.entries else []
        blocks += [bundle(rest[first : first + WIDTH]) for first in range(0, len(rest), WIDTH)]
        numbered = enumerate(blocks, start=self.size // WIDTH)
        tiles = {tile_in(size, ENTRIES, number): block for number, block in numbered}
        parts = self._grow_hashes(entries, size, tiles)
        return Edge(size, tuple(parts), blocks[-1] if size % WIDTH else b""), tiles

    def _grow_hashes(self, entries: Sequence[bytes], size: int, tiles: dict[Tile, bytes]) -> list[bytes]:
        """Put the tiles of hashes into ``tiles``; returns the partial ones, lowest level first."""
        parts, level = list[bytes](), 0
        hashes = b"".join([sha256(b"\0" + entry).digest() for entry in entries])
        while size >> HEIGHT * level:
            before = self.parts[level] if level < len(self.parts) else b""
            first = (self.size >> HEIGHT * level) // WIDTH
            data, above = before + hashes, list[bytes]()
            for at in range(0, len(data) if hashes else 0, WIDTH * HASH_BYTES):
                tile = data[at : at + WIDTH * HASH_BYTES]
                number = first + at // (WIDTH * HASH_BYTES)
                tiles[Tile(level, number, len(tile) // HASH_BYTES)] = tile
                if len(tile) == WIDTH * HASH_BYTES:
                    above.append(fold(tile))
            parts.append(data[len(above) * WIDTH * HASH_BYTES :])
            hashes, level = b"".join(above), level + 1
        return parts
