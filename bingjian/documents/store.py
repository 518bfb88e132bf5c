"""The bytes of documents, on disk by their hash. Nothing here deletes or overwrites (art. 17, R17.3).

A file arrives in an unnamed draft that vanishes by itself, is looked into there, and gets its name only when
it is durable: ``<folder>/ab/ab12…`` is the SHA-256 of its bytes, so a name says what its content must be.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bingjian.documents.errors import BrokenFile, FileTooLarge, StoreUnavailable
from bingjian.durable import DISK, Storage

FOLDER = "documents"  # below the state directory
SIZE_MAX = 64 * 1024 * 1024  # bytes of one document: a drawing of a large system at 600 dpi has about 40 MiB
GATHERED = 1024 * 1024  # bytes written to the draft at a time
SHA256 = re.compile(r"[0-9a-f]{64}")


class Draft:
    """A file that is arriving; nobody else can see it, and it is gone when it is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size_bytes = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def add(self, data: bytes) -> None:
        """Raises FileTooLarge, StoreUnavailable."""
        self.size_bytes += len(data)
        if self.size_bytes > SIZE_MAX:
            raise FileTooLarge(f"a document has at most {SIZE_MAX // 1024**2} MiB")
        self._hash.update(data)
        with translated():
            self.file.write(data)


class DocumentStore:
    """One folder; every method raises StoreUnavailable if the disk does not do as asked."""

    def __init__(self, folder: Path, storage: Storage = DISK) -> None:
        self._folder = folder
        self._storage = storage

    def path_of(self, sha256: str) -> Path:
        assert SHA256.fullmatch(sha256)  # ours, from a row; never a text of a request
        return self._folder / sha256[:2] / sha256

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """An empty draft."""
        with translated():
            self._make(self._folder)
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # closed below
        with file:
            yield Draft(file)

    def keep(self, draft: Draft) -> None:
        """Make the draft's bytes durable under their hash; once this returns a row may name them."""
        path = self.path_of(draft.sha256)
        found = self.digest(draft.sha256)
        if found == draft.sha256:
            return
        if found:
            raise StoreUnavailable("these bytes are stored already and damaged there: restore them first")
        with translated():
            self._make(path.parent)
            draft.file.flush()
            source = os.dup(draft.file.fileno())  # ours, even if whoever waits for us gives up meanwhile
            try:
                self._storage.copy_atomically(source, draft.size_bytes, path)
            finally:
                self._storage.close(source)

    def digest(self, sha256: str) -> str:
        """The hash of what lies there now; empty if nothing does."""
        try:
            with self.path_of(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise StoreUnavailable("the document cannot be read from the disk") from error

    def _make(self, folder: Path) -> None:
        if self._storage.make_directories(folder):
            self._storage.sync_directory(folder.parent)


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unknown"
        raise StoreUnavailable(f"the document cannot be written: {reason}") from error


async def received(draft: Draft, chunks: AsyncIterable[bytes]) -> None:
    """Everything that comes, into the draft, a block at a time. Raises FileTooLarge, BrokenFile if empty."""
    block = bytearray()
    async for chunk in chunks:
        block += chunk
        if len(block) >= GATHERED:
            await asyncio.to_thread(draft.add, bytes(block))
            block.clear()
    await asyncio.to_thread(draft.add, bytes(block))
    if not draft.size_bytes:
        raise BrokenFile("the file is empty")
