"""The log's tiles as files, by the paths of C2SP tlog-tiles."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from bingjian.db.state import PRIVATE
from bingjian.durable import DISK, Storage
from bingjian.journal.errors import JournalBroken
from bingjian.tlog.tile import ENTRIES, HEIGHT, LENGTH_BYTES, LEVEL_MAX, WIDTH, Tile
from bingjian.tlog.tree import HASH_BYTES


class Tiles:
    """The directory that holds ``tile/``."""

    def __init__(self, folder: Path, storage: Storage = DISK) -> None:
        self._folder = folder
        self._storage = storage

    def read(self, tile: Tile) -> bytes:
        """A tile's bytes, as long as its name says; a partial one also out of the full one.

        Raises:
            JournalBroken: it is missing or too short.
        """
        for one in dict.fromkeys((tile, Tile(tile.level, tile.index))):
            with contextlib.suppress(FileNotFoundError):
                data = (self._folder / one.path).read_bytes()
                return self._first(data, tile) if one != tile else data
        raise JournalBroken(f"{tile.path} of the journal is missing")

    @staticmethod
    def _first(data: bytes, tile: Tile) -> bytes:
        """Of a full tile as much as the partial one had. Our entries all have the length of a hash."""
        each = HASH_BYTES + (LENGTH_BYTES if tile.level == ENTRIES else 0)
        return data[: tile.width * each]

    def write(self, tiles: Mapping[Tile, bytes]) -> None:
        """Durable when it returns; the checkpoint that covers them is written after. Raises OSError."""
        files = {self._folder / tile.path: data for tile, data in tiles.items()}
        self._storage.write_many(self._folder, files, PRIVATE)

    def drop_unsigned(self, size: int) -> None:
        """Partial tiles of more than this many entries, which no checkpoint covers: a crash may have left one
        torn, and later tiles, of other widths, would lie beside it. Raises OSError.
        """
        for level in (ENTRIES, *range(LEVEL_MAX + 1)):
            index, signed = divmod(size >> HEIGHT * max(level, 0), WIDTH)
            while True:
                whole = self._folder / Tile(level, index).path
                partial = whole.with_name(f"{whole.name}.p")
                if partial.exists():
                    self._drop_wider(partial, signed)
                elif not whole.exists():
                    break
                index, signed = index + 1, 0

    def _drop_wider(self, folder: Path, width: int) -> None:
        unsigned = [path for path in folder.iterdir() if path.name.isdecimal() and int(path.name) > width]
        for path in unsigned:
            path.unlink()
        if unsigned:
            self._storage.sync_directory(folder)

    def drop_partial(self, tiles: Mapping[Tile, bytes]) -> None:
        """Partial tiles whose full tile is among these: what was in them is in it."""
        for tile in tiles:
            if tile.width == WIDTH:
                folder = self._folder / f"{tile.path}.p"
                with contextlib.suppress(OSError):  # none, or kept: one too many does no harm
                    for path in folder.iterdir():
                        path.unlink()
                    folder.rmdir()
