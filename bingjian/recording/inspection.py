"""Looking at what is stored without changing it: one closed segment, or one removal, at a time.

Reads are small, a pause may follow each, and the page cache is told to forget what was read, so that looking
at a whole store takes nothing from those who record and watch."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bingjian.entries import RemovalReceipt
from bingjian.recording import findings, fragments
from bingjian.recording.alignment import Kind
from bingjian.recording.catalogue import RemovedRow, SegmentRow
from bingjian.recording.findings import Finding
from bingjian.recording.removal import is_signed
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume

MAX_INDEX_BYTES = 16 << 20  # a thousand times ours: what is larger was not written by us

Pause = Callable[[int], object]  # is told how many bytes were read, and may wait


def at_once(_: int) -> None:
    """No pause."""


class StoredFile:
    """A file of a segment, read a little at a time: a ``fragments.Source``."""

    def __init__(self, descriptor: int, pause: Pause) -> None:
        self._descriptor = descriptor
        self._pause = pause
        self._size = os.fstat(descriptor).st_size

    @property
    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        pieces, at, end = list[bytes](), offset, min(offset + length, self._size)
        while at < end:
            piece = os.pread(self._descriptor, min(fragments.READ_BYTES, end - at), at)
            if not piece:
                break
            os.posix_fadvise(self._descriptor, at, len(piece), os.POSIX_FADV_DONTNEED)
            self._pause(len(piece))
            pieces.append(piece)
            at += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


@contextmanager
def stored_file(path: Path, pause: Pause = at_once) -> Iterator[StoredFile | None]:
    """None if no regular file stands there. Raises OSError if it cannot be opened all the same."""
    try:
        # O_NONBLOCK: somebody may have put a pipe there
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = None if path.is_symlink() else os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        descriptor = None
    if descriptor is None:
        yield None
        return
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        yield StoredFile(descriptor, pause) if regular else None
    finally:
        os.close(descriptor)


def index_of(path: Path) -> bytes | None:
    """The bytes of the index beside a segment; None if it is missing. Raises OSError."""
    with stored_file(index_path(path)) as found:
        return found.read(0, MAX_INDEX_BYTES) if found is not None else None


def segment_findings(volume: Volume, row: SegmentRow, pause: Pause = at_once) -> list[Finding]:
    """Re-reads every byte of a closed segment. Raises OSError if the disk does not give them."""
    path = volume.path / row.path
    with stored_file(path, pause) as source:
        return findings.classify(row, volume.id, index_of(path), source)


def removal_findings(volume: UUID, row: RemovedRow, receipt_key: bytes | None) -> list[Finding]:
    """What is wrong with the removal of a segment: its receipt has to be retention's, for this segment, and
    not earlier than its own term.

    Args:
        receipt_key: retention's public key, 32 bytes; None: signatures are not looked at.
    """
    reason = _fault(volume, row, receipt_key)
    if reason is None:
        return []
    camera, start_90k, id = row.address
    return [Finding(Kind.EARLY_DELETED, camera, id, start_90k, start_90k, row.end_90k, reason)]


def _fault(volume: UUID, row: RemovedRow, receipt_key: bytes | None) -> str | None:
    try:
        receipt = RemovalReceipt(**json.loads(row.receipt))
        until, at = datetime.fromisoformat(receipt.retain_until), datetime.fromisoformat(receipt.at)
        early = at < until
    except (ValueError, TypeError):
        return "it was removed without a receipt that can be read"
    if receipt_key is not None and not is_signed(receipt, Ed25519PublicKey.from_public_bytes(receipt_key)):
        return "it was removed under a receipt that retention did not sign"
    meant = (receipt.volume, receipt.camera, receipt.segment, receipt.root)
    if meant != (str(volume), str(row.address.camera), str(row.address.id), row.root.hex()):
        return "it was removed under a receipt for something else"
    return (
        f"it was removed at {receipt.at}, before its term ended at {receipt.retain_until}" if early else None
    )
